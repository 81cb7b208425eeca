"""Closing a process: refused while anybody waits for an answer; then the report makes itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock, events
from miasto.kernel.participation import writing
from miasto.kernel.participation.access import MANAGE
from miasto.kernel.participation.events import ProcessClosed
from miasto.kernel.participation.models import Contribution, Decision, Phase, Process, Report
from miasto.kernel.participation.remark_models import Status, TextState
from miasto.kernel.participation.writing import Refused
from miasto.kernel.places.services import save_object


@transaction.atomic
def close_process(*, process: Process, outcome: str, by: Viewer) -> Process:
    """End a process with words on what came of it, count its report and have it drawn.

    Refused while remarks may still be sent, while one has no answer (the database refuses too) or waits for a reader who says
    whether everybody may read it.
    """
    locked = writing.lock(process.pk, by, MANAGE)
    writing.refuse_closed(locked)
    if locked.published_at is None:
        raise Refused(_("Ten proces nie jest jeszcze opublikowany."), code="draft")
    if not outcome.strip():
        raise ValidationError({"outcome": _("Napisz, co z tego wynikło.")})
    _refuse_open(locked)
    _refuse_unanswered(locked)
    Report.objects.create(process=locked, figures=figures(locked), counted_at=clock.now())
    locked.outcome, locked.closed_at = outcome.replace("\r\n", "\n").strip(), clock.now()
    save_object(locked, by=by)
    writing.record("closed", locked, by, remarks=locked.last_number)
    events.publish(ProcessClosed(process_id=locked.pk, process_kind=locked.process_kind))
    draw_later(locked.pk)
    return locked


def draw_later(process_id: UUID, *, anew: bool = False) -> None:
    """Have the files of a report drawn by a job; ``anew`` where they are there and the report got a supplement."""
    from miasto.kernel.participation import jobs

    jobs.draw_report.defer(process_id=str(process_id), anew=anew, once=f"participation.report:{process_id}:{anew}")


def _refuse_open(process: Process) -> None:
    ends = [phase.ends_on for phase in process.phases.all() if Phase.Action.REMARK in phase.actions]
    if ends and max(ends) >= clock.today():
        raise Refused(_("Uwagi można wysyłać do %(day)s. Zamknij po tym dniu.") % {"day": f"{max(ends):%d.%m.%Y}"}, code="open")


def _refuse_unanswered(process: Process) -> None:
    rows = Contribution.objects.filter(process=process)
    unanswered = rows.filter(decision=None).count()
    if unanswered:
        words = ngettext("%(n)d uwaga nie ma odpowiedzi.", "%(n)d uwag nie ma odpowiedzi.", unanswered) % {"n": unanswered}
        raise Refused(f"{words} {_('Zamkniesz, gdy każda będzie ją miała.')}", code="unanswered")
    unread = rows.filter(text_state=TextState.WAITING).count()
    if unread:
        words = ngettext("%(n)d uwaga czeka na sprawdzenie.", "%(n)d uwag czeka na sprawdzenie.", unread) % {"n": unread}
        raise Refused(f"{words} {_('Zdecyduj, czy wszyscy mogą przeczytać jej treść.')}", code="unread")


def figures(process: Process) -> dict[str, Any]:
    """What a report counts: remarks by status, channel and group of authors, groups, decisions; four queries."""
    rows = Contribution.objects.filter(process=process)

    def by(field: str) -> dict[str, int]:
        return dict(rows.order_by(field).values_list(field).annotate(n=Count("pk")))

    status = by("status")
    return {
        "remarks": sum(status.values()),
        "status": {key: status.get(key, 0) for key in Status.values},
        "channel": by("channel"),
        "author_group": by("author_group"),
        "decisions": Decision.objects.filter(contributions__process=process).distinct().count(),
        "late": rows.filter(late=True).count(),
        "withheld": rows.filter(text_state=TextState.WITHHELD).count(),
    }
