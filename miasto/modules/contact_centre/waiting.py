"""What waits for the operators, channel by channel. A part of the contact centre adds one line to ``PARTS``.

Each part is a callable ``(viewer) -> Iterable[Waiting]``, at most two queries, that returns only what the viewer may open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.mail.provides import PERMISSION as LETTERS
from miasto.modules.contact_centre.mail.selectors import waiting as waiting_letters
from miasto.modules.contact_centre.messages.selectors import counts as message_counts
from miasto.modules.contact_centre.phone.models import Call, State
from miasto.modules.contact_centre.signing.models import Booking


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits: how many, where they are, and whether it hurries."""

    label: str
    count: int
    url: str
    icon: str
    urgent: bool = False


def calls(viewer: Any) -> Iterable[Waiting]:
    """Calls that ring or have no outcome yet, and those who wait for a call."""
    found = Call.objects.visible_to(viewer)
    live = found.filter(state__in=(State.RINGING, State.OPEN)).count()
    due = found.filter(call_back_at__lte=clock.now(), called_back_at=None).count()
    home = reverse("contact_centre_desk:home")
    return [
        Waiting(_("Rozmowy w toku"), live, f"{home}#w-toku", "phone"),
        Waiting(_("Pora oddzwonić"), due, f"{home}#oddzwon", "phone-outgoing", urgent=due > 0),
    ]


def reports(viewer: Any) -> Iterable[Waiting]:
    """Cases that wait for a unit, a decision on their text, or an overdue answer."""
    if not viewer.holds("cases.see_unit"):
        return []
    counts, queue = cases.queue_counts(viewer), reverse("cases_panel:queue")
    return [
        Waiting(_("Do sprawdzenia przed publikacją"), counts.pending, reverse("cases_publishing:desk"), "eye"),
        Waiting(_("Nieprzydzielone sprawy"), counts.unassigned, f"{queue}?tylko=nieprzydzielone", "inbox"),
        Waiting(_("Sprawy po terminie"), counts.overdue, f"{queue}?tylko=po-terminie", "clock-alert", counts.overdue > 0),
        Waiting(_("Sprawy sporne"), counts.disputed, f"{queue}?tylko=sporne", "scale"),
    ]


def talks(viewer: Any) -> Iterable[Waiting]:
    """Talks with the sign-language interpreter that are booked for today."""
    today = clock.today()
    begin, end = clock.start_of(today), clock.start_of(today + timedelta(days=1))
    found = Booking.objects.visible_to(viewer).filter(cancelled_at=None, starts_at__gte=begin, starts_at__lt=end)
    return [Waiting(_("Rozmowy w języku migowym dziś"), found.count(), reverse("contact_centre_desk:signing"), "hand")]


def letters(viewer: Any) -> Iterable[Waiting]:
    """Letters that wait for a decision."""
    if not viewer.holds(LETTERS):
        return []
    return [Waiting(_("Listy do rozstrzygnięcia"), waiting_letters(viewer), reverse("letters:list"), "mail")]


def conversations(viewer: Any) -> Iterable[Waiting]:
    """Conversations from chat and social media that wait for an answer."""
    if not viewer.holds("contact_centre.messages"):
        return []
    count = message_counts(viewer).get("waiting", 0)
    return [Waiting(_("Rozmowy z czatu i mediów"), count, reverse("contact_centre_messages:list"), "message-square")]


PARTS: tuple[Callable[[Any], Iterable[Waiting]], ...] = (calls, letters, conversations, reports, talks)


def waiting(viewer: Any) -> list[Waiting]:
    """Everything that waits, in the order of ``PARTS``."""
    return [one for part in PARTS for one in part(viewer)]
