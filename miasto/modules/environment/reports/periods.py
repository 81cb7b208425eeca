"""The periods of reports: a month or a year, in words and days."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from miasto.kernel.core import clock

_TEXT = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Span:
    """``first`` and ``last`` day, both counted in; ``month`` None for a whole year."""

    key: str
    year: int
    month: int | None

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def last(self) -> date:
        month = self.month or 12
        return date(self.year, month, monthrange(self.year, month)[1])

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def over(self) -> bool:
        return self.last < clock.today()

    def earlier(self, years: int) -> Span:
        """The same time so many years before."""
        month = f"-{self.month:02d}" if self.month else ""
        return Span(f"{self.year - years}{month}", self.year - years, self.month)

    @property
    def name(self) -> str:
        """„rok 2025”, „czerwiec 2025”."""
        return date_format(self.first, "F Y").lower() if self.month else _("rok %(year)s") % {"year": self.year}


def span(text: str) -> Span | None:
    """The period of "2025" or "2025-06"; None of anything else."""
    found = _TEXT.fullmatch(text)
    return Span(text, int(found[1]), int(found[2]) if found[2] else None) if found else None


def offered() -> list[Span]:
    """The last three years and twelve months that are over."""
    today = clock.today()
    years = [Span(str(year), year, None) for year in range(today.year - 1, today.year - 4, -1)]
    numbers = [today.year * 12 + today.month - 2 - back for back in range(12)]
    return [*years, *(Span(f"{n // 12}-{n % 12 + 1:02d}", n // 12, n % 12 + 1) for n in numbers)]


def last_month() -> Span:
    """The month before this one."""
    return next(one for one in offered() if one.month)
