"""What of a question about observations can be told to the archive: bounds of time and of numbers, and the order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.syntax import Binary, Kind, Literal, Node, Order, Path

EARLIEST = times.micros(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = times.micros(datetime(9999, 1, 1, tzinfo=UTC))
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
        elif name == "phenomenonTime":
            first, last = _span(op, times.micros(constant))
            start, end = max(start, first), min(end, last)
        else:
            exact = False
    return Bounds(start, end, tuple(values), exact)


def _span(op: str, moment: int) -> tuple[int, int]:
    first = {"gt": moment + 1, "ge": moment, "eq": moment}.get(op, EARLIEST)
    last = {"lt": moment, "le": moment + 1, "eq": moment + 1}.get(op, LATEST)
    return first, last


def _comparison(part: Node) -> tuple[str, str, object]:
    """``(property, operator, constant)`` of a plain comparison, the property on its left; empty names for anything else."""
    if not isinstance(part, Binary) or part.op not in MIRRORED:
        return "", "", None
    op, left, right = part.op, part.left, part.right
    if isinstance(left, Literal):
        op, left, right = MIRRORED[op], right, left
    if not (isinstance(left, Path) and isinstance(right, Literal)) or len(left.steps) != 1:
        return "", "", None
    wanted = {"result": Kind.NUMBER, "phenomenonTime": Kind.INSTANT}.get(left.steps[0])
    return (left.steps[0], op, right.value) if right.kind is wanted else ("", "", None)


def order_of(orderby: tuple[Order, ...]) -> tuple[tuple[str, bool], ...] | None:
    """The order as columns of the archive and whether each descends; None where the archive does not know it."""
    made: list[tuple[str, bool]] = []
    for term in orderby:
        columns = _TERMS.get(term.by.steps) if isinstance(term.by, Path) else None
        if columns is None:
            return None
        made += [(column, term.descending) for column in columns]
    return tuple(made)
