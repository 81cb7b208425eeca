"""A booking as a calendar file (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.signing.models import Booking
from miasto.modules.contact_centre.signing.slots import room_url

LINE = 75  # octets of a content line, without its end (RFC 5545 § 3.1)


def calendar(booking: Booking) -> str:
    """The file: one event, cancelled where the booking is."""
    cancelled = booking.cancelled_at is not None
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{city().slug}//miasto//PL",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{booking.pk}@{city().slug}.miasto",
        f"SEQUENCE:{booking.sequence + cancelled}",
        f"DTSTAMP:{_utc(clock.now())}",
        f"DTSTART:{_utc(booking.starts_at)}",
        f"DTEND:{_utc(booking.ends_at)}",
        f"SUMMARY:{_text(_('Rozmowa z tłumaczem języka migowego'))}",
        f"DESCRIPTION:{_text(_('Wejdź do pokoju rozmowy:'))} {_text(room_url(booking.room))}",
        f"URL:{room_url(booking.room)}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """A text value (§ 3.3.11)."""
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return words.replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line of at most ``LINE`` octets, continued after a space, never inside a letter."""
    parts, part = [], b""
    for sign in line:
        octets = sign.encode()
        if len(part) + len(octets) > LINE - bool(parts):
            parts.append(part)
            part = b""
        part += octets
    return "\r\n ".join(piece.decode() for piece in [*parts, part])
