"""Lines over time drawn on the server as SVG, with a table of the same: several lines, levels, gaps, values below zero."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.dates import MONTHS_ALT
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 18, 34
STEPS = (1, 2, 2.5, 5, 10)
LETTER = 7
SPANS = (  # the longest span, the step of its labels in hours, their format
    (timedelta(hours=30), 6, "H:i"),
    (timedelta(days=3), 12, "j.m, H:i"),
    (timedelta(days=10), 24, "D j.m"),
    (timedelta(days=45), 24 * 7, "j.m"),
    (timedelta(days=10_000), 0, "M"),
)
Instant = datetime | date


@dataclass(frozen=True)
class Line:
    """One line: ``points`` are (instant or local date, value or None) in the order of time.

    ``kind`` says what it is: "" measured, "forecast", "filled" (calculated into a gap) or "usual"; each is drawn in its own
    way and stands in the table in a column of its own. ``joined`` are points that are drawn, so that it meets another line, but
    stand in no table.
    """

    name: Any
    points: Sequence[tuple[Instant, float | None]]
    kind: str = ""
    joined: frozenset[Instant] = frozenset()


@dataclass(frozen=True)
class Band:
    """Between which values a forecast lies: ``points`` are (instant, low, high) in the order of time."""

    name: Any
    points: Sequence[tuple[Instant, float, float]]


@dataclass(frozen=True)
class Spot:
    """A point with a reason, ringed and numbered on the chart, told in a list below it and in the table."""

    at: Instant
    value: float
    why: Any


@dataclass(frozen=True)
class Mark:
    """A level drawn across the chart; ``kind`` "limit", "warning" or "alarm"."""

    value: float
    name: Any
    kind: str = "limit"


@dataclass(frozen=True)
class TimeChart:
    """What to draw. ``gap``: a line is broken where two of its points lie further apart. ``zero``: the axis begins at zero.

    ``now`` is a line across, between what was measured and what is foretold. ``notes`` stand in the table beside an instant.
    """

    title: Any
    measure: Any
    lines: Sequence[Line]
    marks: Sequence[Mark] = ()
    decimals: int = 1
    gap: timedelta = timedelta(hours=2)
    zero: bool = True
    bands: Sequence[Band] = ()
    spots: Sequence[Spot] = ()
    now: datetime | None = None
    notes: Mapping[Instant, Any] = field(default_factory=dict)


def scale(lowest: float, highest: float, count: int = 4) -> list[float]:
    """Round values in equal steps from at most ``lowest`` to at least ``highest``."""
    if highest <= lowest:
        highest = lowest + 1
    raw = (highest - lowest) / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in STEPS if size * factor >= raw * 0.999)
    first = math.floor(lowest / step + 1e-9)
    last = math.ceil(highest / step - 1e-9)
    return [round(step * number, 6) for number in range(first, last + 1)]


def instant(at: Instant) -> datetime:
    """A date stands for the local noon of that day."""
    if isinstance(at, datetime):
        return at.astimezone(UTC)
    return datetime.combine(at, time(12), tzinfo=clock.zone()).astimezone(UTC)


def time_layout(chart: TimeChart) -> dict[str, Any]:
    """Pixel positions of lines (broken at gaps), grid, marks and labels, and the rows of the table."""
    lines = [[(instant(at), at, value) for at, value in line.points] for line in chart.lines]
    moments = [moment for line in lines for moment, _at, _value in line]
    values = [value for line in lines for _m, _at, value in line if value is not None]
    if not values:
        return {"chart": chart, "empty": True}
    values += [value for band in chart.bands for _at, low, high in band.points for value in (low, high)]
    moments += [instant(at) for band in chart.bands for at, _low, _high in band.points]
    levels = scale(*_extent(values, chart))
    first, last = min(moments), max(moments)
    span = max((last - first).total_seconds(), 1)
    low, high = levels[0], levels[-1]

    def x(moment: datetime) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (moment - first).total_seconds() / span

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    places, rows = _decimals(levels), _rows(chart)
    return {
        "chart": chart,
        "empty": False,
        "lines": [
            {"name": line.name, "look": line.kind or str(number), "paths": _paths(drawn, chart.gap, x, y)}
            for number, (line, drawn) in enumerate(zip(chart.lines, lines, strict=True), 1)
        ],
        "bands": [{"name": band.name, "points": _outline(band, x, y)} for band in chart.bands if band.points],
        "spots": [
            {"x": f"{x(instant(one.at)):.1f}", "y": f"{y(one.value):.1f}", "text_y": f"{y(one.value) - 12:.1f}", "spot": one}
            for one in chart.spots
        ],
        "now_x": f"{x(chart.now):.1f}" if chart.now and first < chart.now < last else "",
        "noted": bool(chart.notes or chart.spots),
        "grid": [{"y": f"{y(level):.1f}", "value": written(level, places)} for level in levels],
        "marks": [
            {"y": f"{y(mark.value):.1f}", "text_y": f"{y(mark.value) - 5:.1f}", "mark": mark}
            for mark in chart.marks
            if low <= mark.value <= high
        ],
        "labels": _placed([(x(moment), text) for moment, text in _labels(first, last)]),
        "rows": rows,
        "body": _body(rows, noted=bool(chart.notes or chart.spots)),
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "top": TOP,
        "bottom": HEIGHT - BOTTOM,
        "label_y": HEIGHT - 10,
        "axis_x": LEFT - 8,
    }


def extremes(chart: TimeChart) -> str:
    """The chart in words, for who cannot see it: its title and the lowest and highest value of each line with its moment."""
    parts = []
    for line in chart.lines:
        held = [(value, at) for at, value in line.points if value is not None]
        if not held:
            continue
        (low, low_at), (high, high_at) = min(held, key=lambda one: one[0]), max(held, key=lambda one: one[0])
        values = {"name": line.name, "low": written(low, chart.decimals), "high": written(high, chart.decimals)}
        values |= {"low_at": _moment(low_at), "high_at": _moment(high_at)}
        parts.append(_("%(name)s: od %(low)s (%(low_at)s) do %(high)s (%(high_at)s)") % values)
    title = f"{chart.title} ({chart.measure})" if chart.measure else str(chart.title)
    return f"{title}. {'; '.join(parts)}" if parts else title


def _extent(values: list[float], chart: TimeChart) -> tuple[float, float]:
    """The lowest and highest value to show; a mark is shown if the line comes near it."""
    low, high = min(values), max(values)
    if chart.zero:
        low, high = min(low, 0.0), max(high, 0.0)
    reach = max(high - low, 1e-9)
    near = [mark.value for mark in chart.marks if low - reach <= mark.value <= high + reach]
    return min([low, *near]), max([high, *near])


def _decimals(levels: list[float]) -> int:
    step = levels[1] - levels[0]
    return 0 if step == int(step) else 1 if round(step * 10, 6) == int(round(step * 10, 6)) else 2


def _paths(points: list[tuple[datetime, Instant, float | None]], gap: timedelta, x: Any, y: Any) -> list[dict[str, Any]]:
    """Runs without a gap; a run of one point is a dot."""
    runs: list[list[str]] = [[]]
    before: datetime | None = None
    for moment, at, value in points:
        wide = gap if isinstance(at, datetime) else max(gap, timedelta(hours=25))
        if value is None or (before is not None and moment - before > wide):
            runs.append([])
        if value is not None:
            runs[-1].append(f"{x(moment):.1f},{y(value):.1f}")
            before = moment
    return [{"points": " ".join(run), "dot": run[0].split(",") if len(run) == 1 else None} for run in runs if run]


def _placed(labels: list[tuple[float, str]]) -> list[dict[str, str]]:
    """Labels at their ticks; the last but one gives way to the last where that one, at the edge, would run into it."""
    found = [{"x": f"{at:.1f}", "text": text, "anchor": _anchor(at)} for at, text in labels]
    if len(labels) > 1 and found[-1]["anchor"] == "end":
        (before, left), (at, right) = labels[-2:]
        if at - len(right) * LETTER < before + len(left) * LETTER / 2 + LETTER:
            found[-2]["text"] = ""
    return found


def _anchor(x: float) -> str:
    """A label near the right edge ends at its tick, so that no letter is cut off."""
    return "end" if x > WIDTH - 3 * RIGHT else "middle"


def _labels(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    step, form = next((hours, form) for longest, hours, form in SPANS if last - first <= longest)
    here = clock.local(first)
    if not step:
        months = range(here.month, here.month + int((last - first).days / 28) + 2)
        starts = [date(here.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) for month in months]
        moments = [clock.start_of(day) for day in starts]
    else:
        day = clock.start_of(here.date())
        count = int((last - day) / timedelta(hours=step)) + 1
        moments = [day + timedelta(hours=step * n) for n in range(count)]
    inside = [moment for moment in moments if first <= moment <= last]
    every = max(1, -(-len(inside) // 9))
    return [(moment, date_format(clock.local(moment), form)) for moment in inside[::every]]


def _outline(band: Band, x: Any, y: Any) -> str:
    """The corners of a band: along its upper edge and back along the lower one."""
    upper = [f"{x(instant(at)):.1f},{y(high):.1f}" for at, _low, high in band.points]
    lower = [f"{x(instant(at)):.1f},{y(low):.1f}" for at, low, _high in reversed(band.points)]
    return " ".join([*upper, *lower])


def _rows(chart: TimeChart) -> list[tuple[str, list[str], str]]:
    """The table: one row for each instant of any line, the newest first: values, intervals, and what is to be said of it."""
    tables = [
        {at: written(value, chart.decimals) for at, value in line.points if value is not None and at not in line.joined}
        for line in chart.lines
    ]
    tables += [
        {at: f"{written(low, chart.decimals)} – {written(high, chart.decimals)}" for at, low, high in band.points}
        for band in chart.bands
    ]
    notes = {**chart.notes, **{one.at: one.why for one in chart.spots}}
    moments = sorted({at for table in tables[: len(chart.lines)] for at in table}, reverse=True)
    return [(_moment(at), [table.get(at, "–") for table in tables], str(notes.get(at, ""))) for at in moments]


def _body(rows: Sequence[tuple[str, list[str], str]], *, noted: bool) -> SafeString:
    """The rows as HTML: a week of hours is a thousand cells, for which the template engine takes longer than all else does."""
    made = []
    for moment, values, note in rows:
        cells = "".join([f'<td class="ui-number">{value}</td>' for value in values])
        made.append(f'<tr><th scope="row">{moment}</th>{cells}{f"<td>{escape(note)}</td>" if noted else ""}</tr>')
    return mark_safe("".join(made))


def _moment(at: Instant) -> str:
    if isinstance(at, datetime):
        here = clock.local(at)
        return f"{here.day}.{here.month:02}.{here.year}, {here:%H:%M}"
    return f"{at.day} {MONTHS_ALT[at.month]} {at.year}"  # "j E Y", a tenth of the time
