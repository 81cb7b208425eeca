"""A second reading of $filter: the abstract syntax evaluated in Python over the answer's JSON, unknown included."""

from __future__ import annotations

import math
import operator
from datetime import UTC, datetime

from miasto.kernel.observations.sta.syntax import Binary, Call, Kind, Literal, Member, Node, Not, Path

COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
SUMS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": lambda a, b: a / b if b else None,
    "mod": lambda a, b: math.fmod(a, b) if b else None,
}
CALLS = {
    "length": lambda text: float(len(text)),
    "tolower": str.lower,
    "toupper": str.upper,
    "concat": operator.add,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "substringof": lambda part, text: part in text,
    "indexof": lambda text, part: float(text.find(part)),
    "floor": lambda number: float(math.floor(number)),
    "ceiling": lambda number: float(math.ceil(number)),
    "year": lambda moment: float(moment.year),
    "day": lambda moment: float(moment.day),
    "hour": lambda moment: float(moment.hour),
}


def holds(node: Node, row: dict) -> bool | None:
    """True, False, or None for unknown."""
    if isinstance(node, Not):
        found = holds(node.operand, row)
        return None if found is None else not found
    if isinstance(node, Member):
        found = [holds(Binary(op="eq", left=node.left, right=item), row) for item in node.items]
        return True if True in found else (None if None in found else False)
    if isinstance(node, Binary) and node.op in ("and", "or"):
        return _junction(node.op, holds(node.left, row), holds(node.right, row))
    if isinstance(node, Binary) and node.op in COMPARE:
        return _compared(node, row)
    return value(node, row)


def _junction(op: str, left: bool | None, right: bool | None) -> bool | None:
    decisive = op == "or"
    if decisive in (left, right):
        return decisive
    return None if None in (left, right) else not decisive


def _compared(node: Binary, row: dict) -> bool | None:
    sides = (node.left, node.right)
    if any(isinstance(side, Literal) and side.kind is Kind.NULL for side in sides):
        other = node.right if isinstance(node.left, Literal) and node.left.kind is Kind.NULL else node.left
        empty = value(other, row) is None
        return empty if node.op == "eq" else not empty
    left, right = (value(side, row) for side in sides)
    if left is None or right is None or _kind(left) is not _kind(right):
        return None
    return COMPARE[node.op](left, right)


def _kind(one: object) -> type:
    return float if isinstance(one, int | float) and not isinstance(one, bool) else type(one)


def value(node: Node, row: dict) -> object:
    """The value of an expression in a row."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Path):
        found: object = row
        for step in node.steps:
            found = found.get("@iot.id" if step == "id" else step) if isinstance(found, dict) else None
        if node.steps[-1] == "phenomenonTime" and isinstance(found, str):
            return datetime.fromisoformat(found).astimezone(UTC)
        return found
    if isinstance(node, Call):
        given = [value(one, row) for one in node.args]
        return None if None in given else CALLS[node.name](*given)
    if isinstance(node, Binary) and node.op in SUMS:
        left, right = value(node.left, row), value(node.right, row)
        return None if left is None or right is None else SUMS[node.op](left, right)
    return holds(node, row)
