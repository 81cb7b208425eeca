"""Units as a tree, for pages and choices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch

from miasto.kernel.accounts.models import Competence, Organisation, Unit
from miasto.kernel.core import clock


@dataclass
class Node:
    """A unit, what it answers for today, and the units right below it."""

    unit: Unit
    competences: list[str]
    current: bool
    children: list[Node] = field(default_factory=list)


def organisations_with_units() -> list[tuple[Organisation, list[Node]]]:
    """Every organisation that has units, with the units that have no parent within it; three queries."""
    today = clock.today()
    units = Unit.objects.order_by("name").prefetch_related(
        Prefetch("competences", Competence.objects.order_by("key"), to_attr="all_competences")
    )
    nodes = {unit.id: _node(unit, today) for unit in units}
    roots: dict[UUID, list[Node]] = defaultdict(list)
    for node in nodes.values():
        parent = nodes.get(node.unit.parent_id)
        if parent is None or parent.unit.organisation_id != node.unit.organisation_id:
            roots[node.unit.organisation_id].append(node)
        else:
            parent.children.append(node)
    return [(one, roots[one.id]) for one in Organisation.objects.order_by("name") if one.id in roots]


def _node(unit: Unit, today: object) -> Node:
    held = [one.key for one in unit.all_competences if _covers(one.since, one.until, today)]
    return Node(unit, held, _covers(unit.valid_from, unit.valid_to, today))


def _covers(start: object, end: object, day: object) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)  # type: ignore[operator]


def unit_choices() -> list[tuple[str, str]]:
    """``(id, name)`` of the units in the order of the tree, indented with en spaces; units of the past are left out."""
    choices = []
    for _organisation, nodes in organisations_with_units():
        for depth, node in _walk(nodes, 0):
            if node.current:
                choices.append((str(node.unit.id), "\u2002" * depth * 2 + node.unit.name))
    return choices


def _walk(nodes: Iterable[Node], depth: int) -> Iterator[tuple[int, Node]]:
    for node in nodes:
        yield depth, node
        yield from _walk(node.children, depth + 1)
