"""Instants, intervals and durations as ISO 8601 texts (18-088 § 7.2: TM_Instant, TM_Period)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

INSTANT = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[+-]\d\d:?\d\d[Zz]?|[Zz])?"
_PARTS = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([+-])(\d\d):?(\d\d)[Zz]?|[Zz])?\Z", re.ASCII
)
_DURATION = re.compile(r"(-)?P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,](\d{1,9}))?S)?)?\Z", re.ASCII)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    """An aware instant in UTC; without an offset the text is taken as UTC. Raises ``ValueError``.

    ``-0700Z``, which the examples of the standard's own test suite hold, is read as the offset before the Z.
    """
    found = _PARTS.match(text)
    if not found:
        raise ValueError(text[:60])
    if len(text) in (20, 24) and text[-1] == "Z":  # what nearly every client writes
        return datetime.fromisoformat(text)
    year, month, day, hour, minute = (int(found[index]) for index in range(1, 6))
    micro = int((found[7] or "0").ljust(6, "0")[:6])
    offset = timedelta(hours=int(found[9]), minutes=int(found[10])) if found[8] else timedelta(0)
    made = datetime(year, month, day, hour, minute, int(found[6] or 0), micro, tzinfo=UTC)
    try:
        return made + offset if found[8] == "-" else made - offset
    except OverflowError as error:
        raise ValueError(text[:60]) from error


def span(text: str) -> tuple[datetime, datetime | None]:
    """An instant ``(start, None)`` or a period ``start/end`` whose end is not before its start. Raises ``ValueError``."""
    first, slash, last = text.partition("/")
    start = instant(first)
    if not slash:
        return start, None
    end = instant(last)
    if end < start:
        raise ValueError(text[:60])
    return start, end


def duration(text: str) -> timedelta:
    """An ISO 8601 duration in days and shorter units. Raises ``ValueError``."""
    found = _DURATION.match(text)
    if not found or not any(found.groups()[1:]):
        raise ValueError(text[:60])
    days, hours, minutes, seconds = (int(found[index] or 0) for index in range(2, 6))
    try:
        made = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=_micro(found[6]))
    except OverflowError as error:
        raise ValueError(text[:60]) from error
    return -made if found[1] else made


def _micro(digits: str | None) -> int:
    return int((digits or "0").ljust(6, "0")[:6])


def text_of(moment: datetime) -> str:
    """The instant in UTC; a fraction only where there is one."""
    utc = moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="auto") + "Z"


def span_text(start: datetime | None, end: datetime | None) -> str | None:
    """A period, or an instant where there is no end."""
    if start is None:
        return None
    return text_of(start) if end is None else f"{text_of(start)}/{text_of(end)}"


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def of_micros(value: int) -> datetime:
    """The instant of so many microseconds since 1970. Raises ``ValueError``."""
    try:
        return EPOCH + timedelta(microseconds=value)
    except OverflowError as error:
        raise ValueError(str(value)) from error


def observation_id(series: int, moment: datetime, n: int) -> str:
    """The ``@iot.id`` of an observation (docs/adr/0009)."""
    return f"{series}-{micros(moment)}-{n}"


_KEY = re.compile(r"(\d{1,10})-(-?\d{1,18})-(\d{1,5})\Z", re.ASCII)


def observation_key(text: str) -> tuple[int, datetime, int]:
    """Series, instant and number of an observation's ``@iot.id``. Raises ``ValueError``."""
    found = _KEY.match(text)
    if not found:
        raise ValueError(text[:60])
    return int(found[1]), of_micros(int(found[2])), int(found[3])
