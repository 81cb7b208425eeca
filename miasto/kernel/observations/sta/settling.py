"""What of a condition is known before any row is read: ``now() sub duration'PT1H'`` is an instant.

So it is a bound of time that the archive and the indexes understand (``bounds``), and it is the same for all rows.
"""

from __future__ import annotations

from dataclasses import replace

from miasto.kernel.core import clock
from miasto.kernel.observations.sta.syntax import ADDITIVE, Binary, Call, Kind, Literal, Member, Node, Not


def settled(node: Node) -> Node:
    """The same condition with its constant instants worked out; one out of range stays as it was written."""
    if isinstance(node, Call):
        if node.name == "now" and not node.args:
            return Literal(kind=Kind.INSTANT, value=clock.now(), at=node.at)
        return replace(node, args=tuple(settled(one) for one in node.args))
    if isinstance(node, Binary):
        return _sum(replace(node, left=settled(node.left), right=settled(node.right)))
    if isinstance(node, Member):
        return replace(node, left=settled(node.left), items=tuple(settled(one) for one in node.items))
    return replace(node, operand=settled(node.operand)) if isinstance(node, Not) else node


def _sum(node: Binary) -> Node:
    left, right = node.left, node.right
    if node.op not in ADDITIVE or not (isinstance(left, Literal) and isinstance(right, Literal)):
        return node
    if (left.kind, right.kind) != (Kind.INSTANT, Kind.DURATION):
        return node
    try:
        moved = left.value + right.value if node.op == "add" else left.value - right.value
    except OverflowError:
        return node
    return Literal(kind=Kind.INSTANT, value=moved, at=node.at)
