"""Hours by days as a field of colours: when it is loud at a place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.modules.environment.kept import squares
from miasto.modules.environment.noise.judging import Hour

STEPS = (45, 50, 55, 60, 65, 70)  # dB; lower borders of all classes but the first
WIDE, HIGH, GAP, SIDE, TOP = 22, 14, 2, 84, 18


def step_of(level: float) -> int:
    """The class of colour 0 (below 45 dB) to 6 (70 and more)."""
    return bisect_right(STEPS, level)


def heat(hours: Sequence[Hour], last: date, days: int) -> dict[str, Any]:
    """``days`` days up to ``last`` in rows, newest first, 24 local hours in columns: drawn and as a table."""
    levels: dict[tuple[date, int], float] = {}
    for one in hours:
        here = clock.local(one.start)
        levels[here.date(), here.hour] = one.laeq
    rows = []
    fields: list[tuple[str, int, int]] = []
    for number in range(days):
        day = last - timedelta(days=number)
        y = TOP + number * (HIGH + GAP)
        cells = [_cell(levels.get((day, hour))) for hour in range(24)]
        fields += [(kind, SIDE + hour * (WIDE + GAP), y) for hour, (kind, _text) in enumerate(cells)]
        told = mark_safe("".join([f"<td>{text}</td>" for _kind, text in cells]))
        rows.append({"name": date_format(day, "D j.m"), "text_y": y + HIGH - 3, "cells": cells, "told": told})
    names = [f"< {STEPS[0]}", *(f"{low}–{low + 5}" for low in STEPS[:-1]), f"≥ {STEPS[-1]}"]
    return {
        "rows": rows,
        "paths": squares(fields, WIDE, HIGH),
        "hours": [{"x": SIDE + hour * (WIDE + GAP), "text": hour} for hour in range(0, 24, 3)],
        "numbers": range(24),
        "kinds": [{"name": name, "kind": f"env-noise-{number}"} for number, name in enumerate(names)],
        "width": SIDE + 24 * (WIDE + GAP),
        "height": TOP + days * (HIGH + GAP),
        "side": SIDE - 8,
    }


def _cell(level: float | None) -> tuple[str, str]:
    """Class (CSS) and number of an hour."""
    return (f"env-noise-{step_of(level)}", written(level, 0)) if level is not None else ("env-air-none", "–")
