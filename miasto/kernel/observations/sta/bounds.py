"""What of a question about observations can be told to the archive: bounds of time and of numbers, and the order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.syntax import Binary, Call, Kind, Literal, Node, Order, Path

EARLIEST = times.micros(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = times.micros(datetime(9999, 1, 1, tzinfo=UTC))
DAY = 24 * 3600 * 1_000_000
MIRRORED = {"eq": "eq", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TERMS = {
    ("phenomenonTime",): ("time",),
    ("result",): ("value",),
    ("id",): ("series", "time"),
    ("@iot.id",): ("series", "time"),
    ("Datastream", "id"): ("series",),
    ("Datastream", "@iot.id"): ("series",),
}


@dataclass(frozen=True)
class Bounds:
    """``start`` <= time < ``end`` in microseconds since 1970, and conditions on the number.

    They are necessary. ``exact`` says that nothing else is asked, for readings that have nothing beside the number.
    """

    start: int = EARLIEST
    end: int = LATEST
    values: tuple[tuple[str, float], ...] = ()
    exact: bool = True


def bounds_of(parts: Iterable[Node]) -> Bounds:
    """The bounds that the parts of a condition set, all of which must hold."""
    start, end, values, exact = EARLIEST, LATEST, [], True
    for part in parts:
        name, op, constant = _comparison(part)
        if name == "result":
            values.append((op, float(constant)))
        elif name:
            first, last = _spans(name, op, constant)
            start, end = max(start, first), min(end, last)
        else:
            exact = False
    return Bounds(start, end, tuple(values), exact)


def _spans(name: str, op: str, constant: Any) -> tuple[int, int]:
    """The times at which a comparison holds: of the instant, or of the UTC day or year that it lies in."""
    if name == "phenomenonTime":
        first = times.micros(constant)
        after = first + 1
    elif name == "date":
        first, after = _midnight(constant), _midnight(constant) + DAY
    else:
        first, after = _midnight(date(constant, 1, 1)), _midnight(date(constant + 1, 1, 1))
    start = {"gt": after, "ge": first, "eq": first}.get(op, EARLIEST)
    return start, {"lt": first, "le": after, "eq": after}.get(op, LATEST)


def _midnight(day: date) -> int:
    return times.micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _comparison(part: Node) -> tuple[str, str, Any]:
    """``(what, operator, constant)`` of a plain comparison, the property on its left; empty names for anything else.

    What is compared is "result", "phenomenonTime", or the "date" or "year" of that.
    """
    if not isinstance(part, Binary) or part.op not in MIRRORED:
        return "", "", None
    op, left, right = part.op, part.left, part.right
    if isinstance(left, Literal):
        op, left, right = MIRRORED[op], right, left
    if not isinstance(right, Literal):
        return "", "", None
    what = _what(left)
    constant = _constant(what, right)
    return (what, op, constant) if constant is not None else ("", "", None)


def _what(node: Node) -> str:
    if isinstance(node, Path) and node.steps in (("result",), ("phenomenonTime",)):
        return node.steps[0]
    if isinstance(node, Call) and node.name in ("date", "year") and node.args and _what(node.args[0]) == "phenomenonTime":
        return node.name
    return ""


def _constant(what: str, one: Literal) -> Any:
    """The constant as what it is compared with; None where it is of another kind, or no year of the calendar."""
    kind = one.kind
    if what == "phenomenonTime" and kind is Kind.DATE:
        return datetime(one.value.year, one.value.month, one.value.day, tzinfo=UTC)
    if what == "year":
        return int(one.value) if kind is Kind.NUMBER and one.value == one.value // 1 and 1 <= one.value < 9999 else None
    wanted = {"result": Kind.NUMBER, "phenomenonTime": Kind.INSTANT, "date": Kind.DATE}.get(what)
    return one.value if kind is wanted else None


def order_of(orderby: tuple[Order, ...]) -> tuple[tuple[str, bool], ...] | None:
    """The order as columns of the archive and whether each descends; None where the archive does not know it."""
    made: list[tuple[str, bool]] = []
    for term in orderby:
        columns = _TERMS.get(term.by.steps) if isinstance(term.by, Path) else None
        if columns is None:
            return None
        made += [(column, term.descending) for column in columns]
    return tuple(made)
