"""What chapters are made of: tables of plain words and numbers, charts, and the days of stations.

A chapter is ``{"key", "title", "lead", "tables", "charts", "notes"}`` in the language of the office, kept as JSON and never
changed. A table is ``{"title", "heads", "rows": [{"cells", "url"}]}``, each row with the address of the data it comes from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import RollUp
from miasto.kernel.ui.charts import Pairs, Series
from miasto.kernel.ui.time_charts import Line, Mark, TimeChart
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.stations import Station, stations


def number(value: float | None, decimals: int = 1) -> str:
    """A number as it is written, "–" for none."""
    return written(value, decimals) if value is not None else "–"


def percent(share: float) -> str:
    """A share (0 to 1) as "87%"."""
    return f"{min(round(100 * share), 100)}%"


def table(title: str, heads: list[str], rows: Iterable[tuple[list[str], str]]) -> dict[str, Any]:
    """A table from (cells, address of the data)."""
    return {"title": title, "heads": heads, "rows": [{"cells": cells, "url": url} for cells, url in rows]}


def data_of(one: Station, span: Span) -> str:
    """The address of the hours of a station in the period."""
    return f"{reverse('environment_stations:csv', args=[one.thing.slug])}?od={span.first}&do={span.last}"


def days_of(kind: str, code: str, span: Span) -> list[tuple[Station, list[RollUp]]]:
    """The stations of a kind that measured a code in the period, with their civil days; one query more than the stations."""
    found = {one.streams[code].pk: one for one in stations(ANONYMOUS, kind) if code in one.streams}
    held: dict[int, list[RollUp]] = defaultdict(list)
    for row in selectors.days(list(found), span.first, span.last):
        held[row.series].append(row)
    return [(one, held[series]) for series, one in found.items() if held[series]]


def day_lines(
    title: str,
    measure: str,
    lines: Sequence[tuple[str, Mapping[date, float]]],
    *,
    marks: Sequence[tuple[float, str, str]] = (),
    zero: bool = True,
) -> dict[str, Any]:
    """A chart of values by day: ``marks`` are (value, name, kind) as in ``ui.time_charts.Mark``."""
    told = [
        {"name": name, "points": [[f"{day:%Y-%m-%d}", round(value, 2)] for day, value in sorted(held.items())]}
        for name, held in lines
    ]
    return {
        "kind": "days",
        "title": title,
        "measure": measure,
        "lines": told,
        "marks": [list(one) for one in marks],
        "zero": zero,
    }


def bars(title: str, measure: str, points: Iterable[tuple[str, float]]) -> dict[str, Any]:
    """A row with a bar for each label."""
    return {"kind": "rows", "title": title, "axis": "", "measure": measure, "points": [list(one) for one in points]}


def pairs(title: str, axis: str, measures: tuple[str, str], points: Iterable[tuple[str, float, float]]) -> dict[str, Any]:
    """Two columns for each label."""
    return {"kind": "pairs", "title": title, "axis": axis, "measures": list(measures), "points": [list(one) for one in points]}


def chart_of(kept: Mapping[str, Any]) -> TimeChart | Series | Pairs:
    """The chart that a chapter keeps, as the tags of the pages and of the print draw it."""
    if kept["kind"] == "days":
        lines = [Line(one["name"], [(date.fromisoformat(day), value) for day, value in one["points"]]) for one in kept["lines"]]
        marks = [Mark(value, name, kind) for value, name, kind in kept["marks"]]
        return TimeChart(kept["title"], kept["measure"], lines, marks, zero=kept["zero"])
    points = [tuple(one) for one in kept["points"]]
    if kept["kind"] == "pairs":
        return Pairs(kept["title"], kept["axis"], tuple(kept["measures"]), points)
    return Series(kept["title"], kept["axis"], kept["measure"], points)
