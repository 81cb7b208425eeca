"""Answers counted, question by question. What everybody reads protects small numbers by one rule.

For everybody (not ``exact``): a question that fewer than ``LEAST`` people answered shows no numbers, every count is rounded to
``ROUNDED`` (1 and 2 become 0), a mean needs ``LEAST`` answers, and classes of numbers begin and end with ``LEAST`` answers, so
that no edge is one person's. The same rule as that of the map's cells and of tables by another question.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from miasto.kernel.spec.questions import Question
from miasto.kernel.ui.questions import is_counted, labels_of

LEAST = 5
ROUNDED = 5
CLASSES = 6


@dataclass(frozen=True)
class Result:
    """The answers to one question. ``rows`` is [(label, count)], for a matrix [(row, [counts])] under ``columns``.

    ``answered`` is how many people answered it; ``few``: too few for everybody to read their answers. ``middle`` is the mean
    and the median of a number or a scale; a ranking's rows are [(label, mean place)]. ``words`` are texts that everybody may
    read, ``waiting`` those not yet read by staff.
    """

    question: Question
    answered: int
    rows: list[tuple[Any, Any]] = field(default_factory=list)
    columns: list[Any] = field(default_factory=list)
    middle: tuple[float, float] | None = None
    words: list[str] = field(default_factory=list)
    waiting: int = 0
    few: bool = False


def seen(count: int, exact: bool) -> int:
    """A count as everybody reads it."""
    return count if exact else ROUNDED * round(count / ROUNDED)


def result_of(question: Question, values: list[Any], *, exact: bool) -> Result:
    """The answers to one question."""
    if not exact and len(values) < LEAST:
        return Result(question, len(values), few=bool(values) and (is_counted(question) or question.kind in _TABLES))
    if question.kind == "matrix":
        return _matrix(question, values, exact)
    if question.kind == "ranking":
        return _ranking(question, values, exact)
    if not is_counted(question):
        return Result(question, len(values))
    if question.kind == "number":
        return _numbers(question, values, exact)
    return Result(question, len(values), _rows(question, values, exact), middle=_scale(question, values))


_TABLES = ("matrix", "ranking")


def _rows(question: Question, values: list[Any], exact: bool) -> list[tuple[Any, int]]:
    if question.kind == "date":
        years = Counter(str(value)[:4] for value in values)
        return [(year, seen(count, exact)) for year, count in sorted(years.items()) if seen(count, exact)]
    counts = Counter(one for value in values for one in str(value).split(","))
    return [(label, seen(counts[key], exact)) for key, label in labels_of(question)]


def _scale(question: Question, values: list[Any]) -> tuple[float, float] | None:
    return _middle([float(value) for value in values]) if question.kind == "scale" and values else None


def _matrix(question: Question, values: list[Any], exact: bool) -> Result:
    counts = {row: Counter(value.get(row) for value in values) for row, _label in question.rows}
    rows = [(label, [seen(counts[row][choice], exact) for choice, _words in question.choices]) for row, label in question.rows]
    return Result(question, len(values), rows, [label for _value, label in question.choices])


def _ranking(question: Question, values: list[Any], exact: bool) -> Result:
    places = {key: [value.index(key) + 1 for value in values if key in value] for key, _label in question.choices}
    least = 1 if exact else LEAST
    told = [(label, places[key]) for key, label in question.choices if len(places[key]) >= least]
    rows = [(label, round(sum(found) / len(found), 2)) for label, found in told]
    return Result(question, len(values), sorted(rows, key=lambda row: row[1]))


def _numbers(question: Question, values: list[Any], exact: bool) -> Result:
    """Numbers in at most ``CLASSES`` classes of one width; for everybody the outermost hold all that lies beyond."""
    numbers = sorted(float(Decimal(str(value).replace(",", "."))) for value in values)
    if not numbers:
        return Result(question, 0)
    edge = 0 if exact else min(LEAST - 1, (len(numbers) - 1) // 2)
    low, high = numbers[edge], numbers[-1 - edge]
    width = max((high - low) / CLASSES, 1)
    classes = Counter(min(max(int((one - low) // width), 0), CLASSES - 1) for one in numbers)
    rows = [(f"{low + n * width:.0f}–{low + (n + 1) * width:.0f}", seen(classes[n], exact)) for n in range(max(classes) + 1)]
    return Result(question, len(numbers), rows, middle=_middle(numbers))


def _middle(numbers: list[float]) -> tuple[float, float]:
    return round(sum(numbers) / len(numbers), 1), round(median(numbers), 1)
