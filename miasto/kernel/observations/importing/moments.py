"""Times as files write them, into instants: the order of a date's parts, the zone, the hour that comes twice in autumn.

A date and a clock are looked up apart, since a file has few different ones: a million rows cost a million look-ups. Times are
microseconds since 1970, in local time until the zone is applied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

NAT = -(2**62)
SECOND, DAY = 1_000_000, 86_400_000_000
QUARTER = 900 * SECOND
MOST_KEPT = 200_000
ORDERS = ("ymd", "dmy", "mdy")
ELAPSED = "elapsed"
UNIX = "unix"
EXCEL = "excel"
EXCEL_EPOCH = 25_569  # 1970 in days as Excel counts them
_EPOCH = date(1970, 1, 1).toordinal()
_START = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"(\d{1,4})[-./ ](\d{1,2})[-./ ](\d{1,4})\.?|(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?)?\s*(AM|PM|am|pm)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_RANGE = re.compile(r"(\d{1,2}[:.]\d{2})\s*[-–]\s*\d{1,2}[:.]\d{2}")  # in a column of hours: the beginning counts
_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?")
_SPLIT = re.compile(r"[T ]\s*")


class _Days(dict):
    """Text of a date -> microseconds at its midnight; ``NAT`` for what is no date."""

    def __init__(self, order: str) -> None:
        super().__init__()
        self.order = order

    def __missing__(self, text: str) -> int:
        self[text] = found = _midnight(text.strip(), self.order)
        return found


def _midnight(text: str, order: str) -> int:
    match = _DATE.fullmatch(text)
    if not match:
        return NAT
    parts = [int(one) for one in (match.group(4, 5, 6) if match[4] else match.group(1, 2, 3))]
    year, month, day = (parts[order.index(letter)] for letter in "ymd") if not match[4] else parts
    try:
        return (date(year + (2000 if year < 100 else 0), month, day).toordinal() - _EPOCH) * DAY
    except ValueError:
        return NAT


class _Clocks(dict):
    """Text of a clock -> microseconds since midnight, less its offset from UTC where it has one; ``NAT`` where it must not."""

    def __init__(self, offset: bool) -> None:
        super().__init__()
        self.offset = offset

    def __missing__(self, text: str) -> int:
        if len(self) > MOST_KEPT:  # fractions of a second: there is no end of them
            self.clear()
        self[text] = found = _since_midnight(text.strip(), self.offset)
        return found


def _since_midnight(text: str, offset: bool) -> int:
    """``24:00`` is the midnight that ends the day."""
    if not text:
        return NAT if offset else 0
    match = _CLOCK.fullmatch(text)
    if match:
        hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        fraction, half, zone = (match[4] or "").ljust(6, "0")[:6], match[5], match[6]
    else:
        match = _COMPACT.fullmatch(text)
        if not match:
            return NAT
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        fraction, half, zone = "0", None, match[4]
    if half:
        if not 1 <= hour <= 12:
            return NAT
        hour = hour % 12 + (12 if half in ("PM", "pm") else 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)) or bool(zone) != offset:
        return NAT
    return (hour * 3600 + minute * 60 + second) * SECOND + int(fraction) - _offset_us(zone)


def _offset_us(zone: str | None) -> int:
    if zone in (None, "Z"):
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return (-seconds if zone[0] == "-" else seconds) * SECOND


class Reader:
    """Turns columns of text into microseconds.

    ``order``: of a date's parts, ``unix``, ``excel`` (days since 1899 ended), ``elapsed`` (seconds or H:MM since ``start``).
    """

    def __init__(self, order: str, *, offset: bool = False, start: int = 0) -> None:
        self.order, self.start = order, start
        self.days = _Days(order if order in ORDERS else "ymd")
        self.clocks = _Clocks(offset)

    def __call__(self, dates: Sequence[str], clocks: Sequence[str] | None = None) -> np.ndarray:
        """int64, below ``NAT / 2`` where a text is no time."""
        if self.order == UNIX:
            return np.array([_unix(text) for text in dates], dtype=np.int64)
        if self.order == ELAPSED:
            return np.array([_elapsed(text, self.start) for text in dates], dtype=np.int64)
        if self.order == EXCEL:
            return np.array([_serial(text) for text in dates], dtype=np.int64)
        days, times = self.days, self.clocks
        if clocks is not None:
            clocks = (
                [_RANGE.sub(r"\1", one) for one in clocks] if any("-" in one or "–" in one for one in clocks[:1]) else clocks
            )
            return np.array([days[one] + times[two] for one, two in zip(dates, clocks, strict=True)], dtype=np.int64)
        return np.array([self._both(text) for text in dates], dtype=np.int64)

    def _both(self, text: str) -> int:
        one, sep, two = text.partition(" ")
        if not sep:
            one, sep, two = text.partition("T")
        elif not one or (two and two[0] == " ") or text[-1] == " ":
            one, _sep, two = _SPLIT.sub(" ", text.strip(), count=1).partition(" ")
        return self.days[one] + self.clocks[two]


def _unix(text: str) -> int:
    """Seconds or milliseconds since 1970, told apart by their size."""
    try:
        value = float(text)
    except ValueError:
        return NAT
    if not abs(value) < 1e14:
        return NAT
    return round(value * 1000) if abs(value) > 1e11 else round(value * SECOND)


def _serial(text: str) -> int:
    """Days since the end of 1899, as Excel keeps dates; to the millisecond, which is as exact as they are."""
    try:
        days = float(text.strip().replace(",", "."))
    except ValueError:
        return NAT
    return round((days - EXCEL_EPOCH) * 86_400_000) * 1000 if 1 <= days < 2_958_466 else NAT


def _elapsed(text: str, start: int) -> int:
    plain = text.strip()
    parts = plain.split(":")
    try:
        if len(parts) == 1:
            return start + round(float(plain.replace(",", ".")) * SECOND)
        numbers = [int(one) for one in parts]
    except (ValueError, OverflowError):
        return NAT
    if len(numbers) > 3 or min(numbers) < 0 or max(numbers[1:]) > 59:
        return NAT
    return start + sum(one * step for one, step in zip(numbers, (3600, 60, 1), strict=False)) * SECOND


def parts_order(texts: Sequence[str]) -> tuple[str, bool]:
    """``(order, sure)`` that makes most of the texts dates. Day before month where both are possible."""
    fitting = {order: sum(_midnight(one, order) != NAT for one in texts) for order in ORDERS}
    if any(not re.match(r"\d{4}", one) for one in texts):
        del fitting["ymd"]
    most = max(fitting.values(), default=0)
    possible = [order for order, count in fitting.items() if count == most]
    return possible[0], len(possible) == 1 or possible[0] == "ymd"


def local_micros(moment: datetime) -> int:
    """A naive local time."""
    return (moment.replace(tzinfo=UTC) - _START) // timedelta(microseconds=1)


class Zone:
    """From local time to instants, by quarters of an hour: ``zone`` is that of the file."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.zone = zone
        self._known: dict[int, tuple[int, int]] = {}

    def __call__(self, local: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """``(instants, ambiguous, missing)``: of an ambiguous one the first of the two, of a missing one anything."""
        if self.zone is None:
            no = np.zeros(len(local), dtype=bool)
            return local, no, no
        cells = local // QUARTER
        distinct, places = np.unique(cells, return_inverse=True)
        offsets = np.array([self._offsets(cell) for cell in distinct.tolist()], dtype=np.int64).reshape(-1, 2)[places]
        return local - offsets[:, 0], offsets[:, 0] > offsets[:, 1], offsets[:, 0] < offsets[:, 1]

    def second(self, local: np.ndarray) -> np.ndarray:
        """The later instant of ambiguous ones."""
        offsets = np.array([self._offsets(cell)[1] for cell in (local // QUARTER).tolist()], dtype=np.int64)
        return local - offsets

    def _offsets(self, cell: int) -> tuple[int, int]:
        """Offsets in µs before and after (PEP 495: of a missing time the first is the smaller)."""
        found = self._known.get(cell)
        if found is None:
            try:
                moment = _START + timedelta(microseconds=cell * QUARTER)
                found = tuple(
                    moment.replace(tzinfo=self.zone, fold=fold).utcoffset() // timedelta(microseconds=1) for fold in (0, 1)
                )
            except OverflowError:
                found = (0, 0)
            self._known[cell] = found
        return found


def instant(micros: int) -> datetime:
    """An aware time of microseconds since 1970."""
    return _START + timedelta(microseconds=micros)


def second_pass(local: Sequence[int], *, rising: bool = True) -> list[bool] | None:
    """Which rows of one series and one autumn night, in the file's order, belong to the second of the two equal hours.

    The clock goes back once: where a time is not later than the one before, the second pass has begun (in a file that falls,
    not earlier; there the second hour comes first). None where it went back never or more than once: that is unclear.
    """
    turns = [
        place
        for place in range(1, len(local))
        if (local[place] <= local[place - 1] if rising else local[place] >= local[place - 1])
    ]
    if len(turns) != 1:
        return None
    return [(place >= turns[0]) == rising for place in range(len(local))]
