"""A year as a calendar of coloured days: months in rows, days of the month in columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.dates import MONTHS
from django.utils.safestring import mark_safe

from miasto.kernel.core.numbers import written
from miasto.modules.environment.kept import squares
from miasto.modules.environment.law.air_index import NAMES, AirClass, air_class

CELL, GAP, SIDE = 18, 2, 124


def calendar(code: str, values: Mapping[date, float], last: date) -> dict[str, object]:
    """Twelve months up to that of ``last``: daily means in the colours of the index, drawn and as a table."""
    months = []
    cells: list[tuple[str, int, int]] = []
    for row in range(12):
        index = last.year * 12 + last.month - 12 + row
        first = date(index // 12, index % 12 + 1, 1)
        days = [_day(code, first, offset, values) for offset in range(31)]
        cells += [(kind, SIDE + at * (CELL + GAP), row * (CELL + GAP)) for at, (kind, _text) in enumerate(days) if kind]
        months.append(
            {
                "name": f"{MONTHS[first.month]} {first.year}",
                "text_y": row * (CELL + GAP) + 14,
                "days": days,
                "cells": mark_safe("".join([f"<td>{text}</td>" for _kind, text in days])),
            }
        )
    kinds = [{"name": NAMES[one], "kind": f"env-air-{int(one)}"} for one in AirClass]
    return {
        "months": months,
        "paths": squares(cells, CELL, CELL),
        "kinds": kinds,
        "numbers": range(1, 32),
        "width": SIDE + 31 * (CELL + GAP),
        "height": 12 * (CELL + GAP),
        "side": SIDE - 8,
    }


def _day(code: str, first: date, offset: int, values: Mapping[date, float]) -> tuple[str, str]:
    """Class (CSS) and number of a day; a dash where nothing was measured, nothing where the month has no such day."""
    day = first + timedelta(days=offset)
    if day.month != first.month:
        return "", ""
    value = values.get(day)
    found = air_class(code, value) if value is not None else None
    if value is None or found is None:
        return "env-air-none", "–"
    return f"env-air-{int(found)}", written(value, 0)
