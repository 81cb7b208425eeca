"""The open statistics: figures of months by unit, category and month, read from the counted cells.

Small numbers are protected: times and shares of fewer than ``K`` cases are not told, because they could tell of one person.
How many were filed is told, since each public case stands in the register anyway. How people wrote to the city does not stand
there: channels are told for the whole city only, those below ``K`` are hidden and the others rounded to fives, so that no
subtraction of one table from another brings them back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from miasto.kernel.cases.figures import seconds_of
from miasto.kernel.cases.level_models import WHOLE, Cell, Fact

K = 5
ROUND_TO = 5
HOUR, DAY = 3600.0, 86400.0
_SUMS = (
    "filed", "responded", "responded_promised", "responded_in_time", "solved", "solved_in_time", "disputed", "confirmed",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked: months from ``first`` to ``last`` (first days of months, both counted), one unit, categories, district."""

    case_type: str
    first: date
    last: date
    unit: UUID | None = None
    categories: tuple[int, ...] = ()
    district: UUID | None = None


@dataclass(slots=True)
class Sum:
    """Added figures. Times are counted by bins; the properties give what may be told, None for fewer than ``K`` cases."""

    filed: int = 0
    responded: int = 0
    responded_promised: int = 0
    responded_in_time: int = 0
    solved: int = 0
    solved_in_time: int = 0
    disputed: int = 0
    confirmed: int = 0
    channels: Counter = field(default_factory=Counter)
    response_times: Counter = field(default_factory=Counter)
    solution_times: Counter = field(default_factory=Counter)

    def add(self, row: dict[str, Any]) -> None:
        """Add the figures of a cell."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + row[name])
        for name in ("channels", "response_times", "solution_times"):
            counted: Counter = getattr(self, name)
            for part, number in row[name].items():
                counted[part] += number

    @property
    def response_median_h(self) -> float | None:
        """Hours from filing to the first answer in half of the cases answered first in the time asked."""
        return _in(HOUR, percentile(self.response_times, 0.5))

    @property
    def response_p90_h(self) -> float | None:
        return _in(HOUR, percentile(self.response_times, 0.9))

    @property
    def solution_median_d(self) -> float | None:
        """Days from filing to the solution, net of waits, in half of the cases solved in the time asked."""
        return _in(DAY, percentile(self.solution_times, 0.5))

    @property
    def solution_p90_d(self) -> float | None:
        return _in(DAY, percentile(self.solution_times, 0.9))

    @property
    def response_in_time_percent(self) -> int | None:
        return percent(self.responded_in_time, self.responded_promised)

    @property
    def in_time_percent(self) -> int | None:
        return percent(self.solved_in_time, self.solved)

    @property
    def disputed_percent(self) -> int | None:
        return percent(self.disputed, self.solved)

    @property
    def confirmed_percent(self) -> int | None:
        return percent(self.confirmed, self.solved)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of what was asked: all together, and by unit, category and month (keys in the order of the table)."""

    total: Sum
    by_unit: dict[UUID, Sum]
    by_category: dict[int, Sum]
    by_month: dict[date, Sum]


def percentile(times: Counter, share: float) -> float | None:
    """Seconds within which the share of the counted cases lies (nearest rank, right to 1 %); None for fewer than ``K``."""
    total = sum(times.values())
    if total < K:
        return None
    wanted, seen = share * total, 0
    for part in sorted(times, key=int):
        seen += times[part]
        if seen >= wanted:
            return seconds_of(int(part))
    return None


def percent(part: int, whole: int) -> int | None:
    """A share in whole percent; None where the whole is below ``K``."""
    return round(100 * part / whole) if whole >= K else None


def _in(unit: float, seconds: float | None) -> float | None:
    """A time in hours or days, as exact as its bins let it be."""
    if seconds is None:
        return None
    value = seconds / unit
    return round(value, 2 if value < 1 else 1 if value < 100 else 0)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from one to another, both counted."""
    found, month = [], first
    while month <= last:
        found.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found


def statistics_by_unit_and_category(asked: Asked) -> Statistics:
    """Everything that the page of statistics tells of what was asked; 1 query, however many cases there are."""
    found = Cell.objects.filter(
        case_type=asked.case_type, month__gte=asked.first, month__lte=asked.last, district_id=asked.district or WHOLE
    )
    if asked.unit:
        found = found.filter(unit_id=asked.unit)
    if asked.categories:
        found = found.filter(category_id__in=asked.categories)
    total, by_unit, by_category = Sum(), {}, {}
    by_month = {month: Sum() for month in months_between(asked.first, asked.last)}
    columns = ("month", "unit_id", "category_id", *_SUMS, "channels", "response_times", "solution_times")
    for row in found.values(*columns):
        total.add(row)
        by_unit.setdefault(row["unit_id"], Sum()).add(row)
        by_category.setdefault(row["category_id"], Sum()).add(row)
        by_month[row["month"]].add(row)
    return Statistics(total, _most_first(by_unit), _most_first(by_category), by_month)


def _most_first(sums: dict[Any, Sum]) -> dict[Any, Sum]:
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1].filed, -pair[1].solved, str(pair[0]))))


@dataclass(frozen=True, slots=True)
class Share:
    """How many came in by a channel: rounded to fives, and its percent; None where there are fewer than ``K``."""

    channel: str
    count: int | None
    percent: int | None


def channel_shares(channels: Counter) -> list[Share]:
    """The channels of the whole city, the most used first; a single hidden one takes the next smallest with it."""
    ranked = sorted(((number, channel) for channel, number in channels.items() if number), key=lambda one: (-one[0], one[1]))
    hidden = {channel for number, channel in ranked if number < K}
    if len(hidden) == 1 and len(ranked) > 1:
        hidden.add(next(channel for _number, channel in reversed(ranked) if channel not in hidden))
    total = sum(number for number, _channel in ranked)
    return [
        Share(channel, None, None)
        if channel in hidden
        else Share(channel, ROUND_TO * round(number / ROUND_TO), percent(number, total))
        for number, channel in ranked
    ]


def first_month(case_type: str) -> date | None:
    """The earliest month of which something was counted; 1 query."""
    return Cell.objects.filter(case_type=case_type, district_id=WHOLE).order_by("month").values_list("month", flat=True).first()


def units_counted(case_type: str) -> Iterable[UUID]:
    """The units that have figures; 1 query."""
    return Cell.objects.filter(case_type=case_type, district_id=WHOLE).values_list("unit_id", flat=True).distinct()


def open_at_end(case_type: str, month: date) -> int:
    """How many cases filed up to the end of a month were not solved by then, as it looks today; 1 query."""
    unsolved = Q(solved_month=None) | Q(solved_month__gt=month)
    return Fact.objects.filter(unsolved, case_type=case_type, filed_month__lte=month).count()
