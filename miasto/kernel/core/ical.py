"""Calendar files (RFC 5545): events in, text out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from miasto.kernel.core import clock
from miasto.kernel.core.city import city

LINE = 75  # octets of a content line, without its end (RFC 5545 § 3.1)


@dataclass(frozen=True, kw_only=True)
class CalendarEvent:
    """One event. ``uid`` is unique for ever, ``sequence`` counts the changes of its time (§ 3.8.7.4). Times are aware."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    sequence: int = 0
    cancelled: bool = False


def calendar(events: Iterable[CalendarEvent], *, name: str = "", method: str = "PUBLISH") -> str:
    """The file of some events; ``name`` is what a subscribed calendar is called."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{city().slug}//miasto//PL", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    if name:
        lines.append(f"X-WR-CALNAME:{text(name)}")
    for event in events:
        lines += _lines(event)
    lines.append("END:VCALENDAR")
    return "".join(folded(line) + "\r\n" for line in lines)


def _lines(event: CalendarEvent) -> list[str]:
    found = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}@{city().slug}.miasto",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{utc(clock.now())}",
        f"DTSTART:{utc(event.starts_at)}",
        f"DTEND:{utc(event.ends_at)}",
        f"SUMMARY:{text(event.summary)}",
    ]
    if event.description:
        found.append(f"DESCRIPTION:{text(event.description)}")
    if event.location:
        found.append(f"LOCATION:{text(event.location)}")
    if event.url:
        found.append(f"URL:{event.url}")
    return [*found, f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}", "END:VEVENT"]


def utc(moment: datetime) -> str:
    """A date with time in UTC (§ 3.3.5, form 2)."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def text(words: str) -> str:
    """A text value (§ 3.3.11)."""
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return words.replace("\r\n", "\n").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line of at most ``LINE`` octets, continued after a space, never inside a letter."""
    parts, part = [], b""
    for sign in line:
        octets = sign.encode()
        if len(part) + len(octets) > LINE - bool(parts):
            parts.append(part)
            part = b""
        part += octets
    return "\r\n ".join(piece.decode() for piece in [*parts, part])
