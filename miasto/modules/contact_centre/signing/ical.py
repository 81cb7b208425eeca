"""A booking as a calendar file (RFC 5545)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from miasto.kernel.core import ical
from miasto.modules.contact_centre.signing.models import Booking
from miasto.modules.contact_centre.signing.slots import room_url


def calendar(booking: Booking) -> str:
    """The file: one event, cancelled where the booking is."""
    cancelled = booking.cancelled_at is not None
    event = ical.CalendarEvent(
        uid=str(booking.pk),
        sequence=booking.sequence + cancelled,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=_("Rozmowa z tłumaczem języka migowego"),
        description=f"{_('Wejdź do pokoju rozmowy:')} {room_url(booking.room)}",
        url=room_url(booking.room),
        cancelled=cancelled,
    )
    return ical.calendar([event], method="CANCEL" if cancelled else "PUBLISH")
