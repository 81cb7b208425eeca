"""The desk of a member of staff: how many cases wait, and which of them first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from miasto.kernel.cases import presenting
from miasto.kernel.cases.queue import QueueFilters, queue, queue_counts

FIRST = 6


@dataclass(frozen=True)
class Pile:
    """Cases of one kind that wait: ``kind`` is "urgent" or "quiet", for the eye; the words say the same."""

    label: str
    count: int
    url: str
    icon: str
    kind: str = ""


def desk(viewer: Any) -> dict[str, Any]:
    """``piles`` and the most urgent cases as ``rows`` of (QueueRow, words of its term); at most 3 queries."""
    counts = queue_counts(viewer)
    found = queue(viewer, QueueFilters(size=FIRST, overdue=False, progress="open"))
    return {
        "piles": [
            _pile(_("po terminie"), counts.overdue, "po-terminie", "clock-alert", urgent=True),
            _pile(_("z terminem do jutra"), counts.due_soon + counts.overdue, "na-jutro", "calendar-clock"),
            _pile(_("nieprzydzielone"), counts.unassigned, "nieprzydzielone", "inbox"),
            _pile(_("moje"), counts.mine, "moje", "user"),
            _pile(
                _("do sprawdzenia przed publikacją"), counts.pending, "do-sprawdzenia", "eye-off", at="cases_publishing:desk"
            ),
            _pile(_("do rozstrzygnięcia przez Ciebie"), counts.to_judge, "do-rozstrzygniecia", "gavel", urgent=True),
            _pile(_("zakwestionowane"), counts.disputed, "sporne", "message-circle-warning", urgent=True),
        ],
        "active": counts.active,
        "rows": [(row, presenting.days_words(row.days_left)) for row in found.rows],
    }


def _pile(label: str, count: int, only: str, icon: str, *, urgent: bool = False, at: str = "") -> Pile:
    kind = "quiet" if not count else "urgent" if urgent else ""
    return Pile(label, count, reverse(at) if at else f"{reverse('cases_panel:queue')}?tylko={only}", icon, kind)
