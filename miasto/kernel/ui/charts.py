"""Charts drawn on the server as SVG, each with a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 16, 30
STEPS = (1, 2, 2.5, 5, 10)
LETTER = 12


@dataclass(frozen=True)
class Series:
    """Values to draw: ``points`` is ``[(label, value)]`` with values not below zero, in the order of the axis."""

    title: Any
    axis: Any
    measure: Any
    points: Sequence[tuple[Any, float]]


@dataclass(frozen=True)
class Pairs:
    """Two measures side by side: ``points`` is ``[(label, first, second)]`` with values not below zero."""

    title: Any
    axis: Any
    measures: tuple[Any, Any]
    points: Sequence[tuple[Any, float, float]]


def ticks(highest: float, count: int = 4) -> list[float]:
    """Round values from 0 up to at least ``highest``."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / count
    size = 10 ** (len(str(int(raw))) - 1) if raw >= 1 else 1
    step = next(size * factor for factor in STEPS if size * factor >= raw)
    marks = [0.0]
    while marks[-1] < highest:
        marks.append(marks[-1] + step)
    return marks


def layout(series: Series) -> dict[str, Any]:
    """Pixel positions (rounded to tenths) of bars, line points, grid lines and labels."""
    marks = ticks(max((value for _label, value in series.points), default=0))
    inner_w, inner_h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    slot = inner_w / max(len(series.points), 1)
    every = max(1, -(-len(series.points) // 12))
    # on a telephone letters are twice as wide beside the bars: every second label goes where all of them do not fit
    tight = max((len(str(label)) for label, _value in series.points), default=0) * LETTER > slot * every

    def up(value: float) -> float:
        return round(TOP + inner_h * (1 - value / marks[-1]), 1)

    bars = []
    for position, (label, value) in enumerate(series.points):
        left = LEFT + slot * position
        bars.append(
            {
                "x": f"{left + slot * 0.15:.1f}",
                "y": f"{up(value):.1f}",
                "width": f"{slot * 0.7:.1f}",
                "height": f"{max(TOP + inner_h - up(value), 0):.1f}",
                "middle": f"{left + slot / 2:.1f}",
                "label": label if position % every == 0 else "",
                "even": tight and position // every % 2 == 1,
                "value": value,
            }
        )
    return {
        "series": series,
        "bars": bars,
        "line": " ".join(f"{bar['middle']},{bar['y']}" for bar in bars),
        "grid": [{"y": f"{up(mark):.1f}", "value": int(mark) if mark == int(mark) else mark} for mark in marks],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "label_y": HEIGHT - 8,
        "axis_x": LEFT - 8,
    }


def rows_layout(series: Series) -> dict[str, Any]:
    """One row for each value, its label in full and a bar as wide as its part (per cent) of the greatest."""
    most = max((value for _label, value in series.points), default=0) or 1
    rows = [{"label": label, "value": value, "width": f"{100 * value / most:.1f}"} for label, value in series.points]
    return {"series": series, "rows": rows}


def pairs_layout(pairs: Pairs) -> dict[str, Any]:
    """As ``layout``, two columns for each label."""
    first = layout(Series(pairs.title, pairs.axis, "", [(label, max(one, two)) for label, one, two in pairs.points]))
    top = ticks(max((max(one, two) for _label, one, two in pairs.points), default=0))[-1]
    inner_h = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT - RIGHT) / max(len(pairs.points), 1)
    columns = []
    for position, (_label, *values) in enumerate(pairs.points):
        for number, value in enumerate(values):
            height = round(inner_h * value / top, 1)
            columns.append(
                {
                    "x": f"{LEFT + slot * (position + 0.14 + 0.37 * number):.1f}",
                    "y": f"{TOP + inner_h - height:.1f}",
                    "width": f"{slot * 0.34:.1f}",
                    "height": f"{height:.1f}",
                    "second": number == 1,
                }
            )
    return {**first, "series": pairs, "columns": columns}
