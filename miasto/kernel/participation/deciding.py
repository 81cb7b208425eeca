"""Answering: duplicates are grouped, each remark or group gets a decision with its reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock, events
from miasto.kernel.participation import writing
from miasto.kernel.participation.access import ANSWER
from miasto.kernel.participation.events import ContributionAnswered, DecisionMade
from miasto.kernel.participation.models import Contribution, Decision, Group, Process
from miasto.kernel.participation.remark_models import OUTCOMES, Status
from miasto.kernel.participation.writing import Refused

REASONS_MOST = 10_000


@transaction.atomic
def make_group(*, process: Process, title: str, contribution_ids: Iterable[UUID], by: Viewer) -> Group:
    """Put remarks that say the same together; each leaves the group in which it was. ``title`` says what they ask for."""
    locked = writing.lock(process.pk, by, ANSWER)
    writing.refuse_closed(locked)
    if not title.strip():
        raise ValidationError({"title": _("Napisz, czego dotyczą te uwagi.")})
    last = Group.objects.filter(process=locked).aggregate(last=Max("number"))["last"] or 0
    made = Group.objects.create(process=locked, number=last + 1, title=title.strip()[:300], made_at=clock.now())
    _move(locked, made, list(contribution_ids), by)
    return made


@transaction.atomic
def add_to_group(*, group: Group, contribution_ids: Iterable[UUID], by: Viewer) -> Group:
    """Put further remarks into a group. Where the group was answered, they are answered by the same decision at once."""
    locked = writing.lock(group.process_id, by, ANSWER)
    writing.refuse_closed(locked)
    _move(locked, group, list(contribution_ids), by)
    return group


def _move(process: Process, group: Group, ids: list[UUID], by: Viewer) -> None:
    rows = list(Contribution.objects.select_for_update(of=("self",)).filter(process=process, pk__in=ids))
    if not rows:
        raise ValidationError({"contributions": _("Zaznacz uwagi, które mówią to samo.")})
    left = {row.group_id for row in rows if row.group_id and row.group_id != group.pk}
    Contribution.objects.filter(pk__in=[row.pk for row in rows]).update(group=group)
    decision = Decision.objects.filter(group=group).order_by("-at", "-id").first()
    if decision is not None:
        _refuse_wrongly_late(decision.outcome, rows)
    for row in rows if decision else ():
        if row.decision_id != decision.pk:
            Contribution.objects.filter(pk=row.pk).update(decision=decision, status=decision.outcome)
            events.publish(ContributionAnswered(process_id=process.pk, contribution_id=row.pk, decision_id=decision.pk))
    _drop_empty(left)
    writing.record("grouped", process, by, group=group.number, remarks=[row.number for row in rows])


@transaction.atomic
def leave_group(*, contribution_ids: Iterable[UUID], process: Process, by: Viewer) -> int:
    """Take remarks out of their groups; what answered them stays their answer. Returns how many."""
    locked = writing.lock(process.pk, by, ANSWER)
    writing.refuse_closed(locked)
    found = Contribution.objects.filter(process=locked, pk__in=list(contribution_ids), group__isnull=False)
    rows = list(found.select_for_update(of=("self",)).values_list("pk", "group_id", "number"))
    Contribution.objects.filter(pk__in=[pk for pk, _group, _number in rows]).update(group=None)
    _drop_empty({group for _pk, group, _number in rows})
    writing.record("ungrouped", locked, by, remarks=[number for _pk, _group, number in rows])
    return len(rows)


def _drop_empty(groups: set[Any]) -> None:
    """A group that nobody is left in goes; its decisions stay with the remarks that they answered."""
    Group.objects.filter(pk__in=groups, contributions=None).delete()


@transaction.atomic
def decide(
    *,
    process: Process,
    outcome: str,
    reasons: str,
    by: Viewer,
    contribution: Contribution | None = None,
    group: Group | None = None,
) -> Decision:
    """Answer one remark, or every remark of a group at once. A second decision replaces the first, which stays in the history.

    Raises ``ValidationError`` without an outcome or reasons, ``Refused`` for a remark that belongs to a group.
    """
    locked = writing.lock(process.pk, by, ANSWER)
    writing.refuse_closed(locked)
    _check(outcome, reasons)
    if (contribution is None) == (group is None):
        raise ValueError("decide on a contribution or on a group")
    wanted = Contribution.objects.filter(process=locked)
    wanted = wanted.filter(group=group) if group is not None else wanted.filter(pk=contribution.pk)  # type: ignore[union-attr]
    rows = list(wanted.select_for_update(of=("self",)))
    if group is None and rows and rows[0].group_id:
        raise Refused(_("Ta uwaga jest w grupie. Odpowiedz całej grupie albo najpierw wyjmij uwagę z grupy."), code="grouped")
    if not rows:
        raise ValidationError(_("Nie ma na co odpowiadać."), code="empty")
    _refuse_wrongly_late(outcome, rows)
    made = make_decision(locked, outcome, reasons, by, group)
    Contribution.objects.filter(pk__in=[row.pk for row in rows]).update(decision=made, status=outcome)
    numbers = [row.number for row in rows]
    writing.record("decided", locked, by, decision=made.pk, outcome=outcome, remarks=numbers)
    events.publish(DecisionMade(process_id=locked.pk, decision_id=made.pk))
    return made


def make_decision(process: Process, outcome: str, reasons: str, by: Viewer, group: Group | None = None) -> Decision:
    """The row of an answer, for a locked process. Raises ``ValidationError`` without an outcome or reasons."""
    _check(outcome, reasons)
    return Decision.objects.create(
        process=process,
        group=group,
        outcome=outcome,
        reasons=reasons.replace("\r\n", "\n").strip(),
        at=clock.now(),
        decided_by=by.person_id,
        unit_id=process.unit_id,
    )


def _refuse_wrongly_late(outcome: str, rows: list[Contribution]) -> None:
    refuse_in_time(outcome, [row.number for row in rows if not row.late])


def refuse_in_time(outcome: str, in_time: list[int]) -> None:
    """Raise ``Refused`` where remarks that came in time, by their numbers, would be answered as late."""
    if outcome == Status.LATE and in_time:
        words = ngettext("W terminie przyszła uwaga nr %(numbers)s.", "W terminie przyszły uwagi nr %(numbers)s.", len(in_time))
        raise Refused({"outcome": words % {"numbers": ", ".join(map(str, in_time))}}, code="in_time")


def _check(outcome: str, reasons: str) -> None:
    wrong: dict[str, Any] = {}
    if outcome not in dict(OUTCOMES):
        wrong["outcome"] = _("Wybierz rozstrzygnięcie.")
    if not reasons.strip():
        wrong["reasons"] = _("Napisz uzasadnienie. Każdej osobie należy się odpowiedź, dlaczego.")
    elif len(reasons) > REASONS_MOST:
        wrong["reasons"] = _("Uzasadnienie może mieć najwyżej %(most)d znaków.") % {"most": REASONS_MOST}
    if wrong:
        raise ValidationError(wrong)
