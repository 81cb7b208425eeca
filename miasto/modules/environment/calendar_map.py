"""A year as a calendar of coloured days: months in rows, days of the month in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import MONTHS

from miasto.kernel.ui.time_charts import written
from miasto.modules.environment.law.air_index import NAMES, AirClass, air_class

CELL, GAP, SIDE = 18, 2, 124


@dataclass(frozen=True)
class Day:
    """One cell: its place, class (CSS) and number as text; ``text`` is empty where nothing was measured."""

    x: int
    y: int
    kind: str
    text: str


def calendar(code: str, values: Mapping[date, float], last: date) -> dict[str, object]:
    """Twelve months up to that of ``last``: daily means in the colours of the index, drawn and as a table."""
    months = []
    for number in range(11, -1, -1):
        index = last.year * 12 + last.month - 1 - number
        first = date(index // 12, index % 12 + 1, 1)
        row = 11 - number
        months.append(
            {
                "name": f"{MONTHS[first.month]} {first.year}",
                "text_y": row * (CELL + GAP) + 14,
                "days": [_day(code, first, offset, row, values) for offset in range(31)],
            }
        )
    kinds = [{"name": NAMES[one], "kind": f"env-air-{int(one)}"} for one in AirClass]
    return {
        "months": months,
        "kinds": kinds,
        "numbers": range(1, 32),
        "width": SIDE + 31 * (CELL + GAP),
        "height": 12 * (CELL + GAP),
        "cell": CELL,
        "side": SIDE - 8,
    }


def _day(code: str, first: date, offset: int, row: int, values: Mapping[date, float]) -> Day:
    day = first + timedelta(days=offset)
    x, y = SIDE + offset * (CELL + GAP), row * (CELL + GAP)
    if day.month != first.month:
        return Day(x, y, "", "")
    value = values.get(day)
    found = air_class(code, value) if value is not None else None
    if value is None or found is None:
        return Day(x, y, "env-air-none", "–")
    return Day(x, y, f"env-air-{int(found)}", written(value, 0))
