"""A letter that is found, or comes, after the process was closed: it too gets a number, an answer and a place in the report."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.core import events
from miasto.kernel.participation import closing, deciding, remarks
from miasto.kernel.participation.access import ANSWER
from miasto.kernel.participation.events import ContributionAnswered
from miasto.kernel.participation.models import Contribution, Process
from miasto.kernel.participation.remarks import RemarkRow
from miasto.kernel.participation.writing import refuse_if


@transaction.atomic
def enter_after_close(
    *,
    process: Process,
    row: RemarkRow,
    channel: str,
    received_on: date,
    outcome: str,
    reasons: str,
    by: Viewer,
    posted_on: date | None = None,
    meeting_id: UUID | None = None,
) -> Contribution:
    """Write a remark down in a closed process together with its answer: the report gets a supplement of this day.

    A closed process holds no unanswered remark (the database refuses one), so that both come at once. ``late`` is told by the
    same rule as ever: a letter that came in time and was found later is not late, and cannot be answered as such. Needs
    "participation.answer" in the unit. Raises ``Refused`` and ``ValidationError`` by field.
    """
    locked = Process.objects.select_for_update(of=("self",)).get(pk=process.pk)
    require(by, ANSWER, locked)
    refuse_if(locked.closed_at is None, _("Te konsultacje trwają. Wpisz uwagę zwyczajnie."), "open")
    arrival = remarks.arrival(locked, row, channel, received_on, posted_on, meeting_id)
    deciding.refuse_in_time(outcome, [] if arrival["late"] else [locked.last_number + 1])
    decision = deciding.make_decision(locked, outcome, reasons, by)
    values: dict[str, Any] = {**arrival, "decision": decision, "status": outcome, "after_close": True}
    made = remarks.write(locked, row, by, **values)
    if locked.anonymised_at is not None:
        # the people of this remark are to be forgotten too, when their time comes
        Process.objects.filter(pk=locked.pk).update(anonymised_at=None)
    events.publish(ContributionAnswered(process_id=locked.pk, contribution_id=made.pk, decision_id=decision.pk))
    closing.draw_later(locked.pk, anew=True)
    return made
