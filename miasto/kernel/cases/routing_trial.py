"""What is wrong with a set of rules, and what it would do to the cases of the last weeks, before it is switched on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, current_units, unit_for
from miasto.kernel.cases.models import Category
from miasto.kernel.cases.queue import of_units
from miasto.kernel.cases.routing import Facts, competence_of, explain, facts_of, pick
from miasto.kernel.cases.rows import Latitude, Longitude
from miasto.kernel.cases.types import case_type as declared
from miasto.kernel.core import clock
from miasto.kernel.places import selectors as places

MOST = 1000


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something to look at in a rule. ``stops`` is True where the rule can never decide anything."""

    rule_id: UUID
    text: str
    stops: bool = False


def problems(rules: Sequence[Any], on: date | None = None) -> list[RuleProblem]:
    """Rules that can never decide, that contradict each other, or whose days, unit or body are over; 2 queries."""
    day = on or clock.today()
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    valid = set(current_units(day).values_list("pk", flat=True))
    found = [problem for rule in rules for problem in _own(rule, valid, day)]
    for index, rule in enumerate(rules):
        for other in rules[index + 1 :]:
            found += _between(rule, other, parents)
    return found


def _own(rule: Any, valid: set[UUID], day: date) -> list[RuleProblem]:
    asked = (
        (rule.valid_to is not None and rule.valid_to < day, _("Reguła już wygasła."), True),
        (rule.valid_from is not None and rule.valid_from > day, _("Reguła jeszcze nie obowiązuje."), False),
        (rule.unit_id is not None and rule.unit_id not in valid, _("Ta jednostka już nie działa."), False),
        (rule.body_id is not None and not rule.body.active, _("Tej instytucji nie można już przekazywać spraw."), False),
    )
    return [RuleProblem(rule.pk, text, stops) for wrong, text, stops in asked if wrong]


def _between(rule: Any, other: Any, parents: dict[int, int | None]) -> list[RuleProblem]:
    """``rule`` stands before ``other`` (priority downwards)."""
    same = _covers(rule, other, parents) and _covers(other, rule, parents)
    if same or (_covers(rule, other, parents) and rule.priority > other.priority):
        words = _("Nigdy nie zadziała, bo wcześniej decyduje reguła: %(rule)s")
        return [RuleProblem(other.pk, words % {"rule": explain(rule)}, True)]
    nested = _covers(rule, other, parents) or _covers(other, rule, parents)
    differs = (rule.unit_id, rule.body_id) != (other.unit_id, other.body_id)
    if rule.priority == other.priority and differs and not nested and _meet(rule, other, parents):
        words = _("Zachodzi na regułę o tym samym priorytecie, która prowadzi gdzie indziej: %(rule)s")
        return [RuleProblem(other.pk, words % {"rule": explain(rule)})]
    return []


def _covers(wide: Any, narrow: Any, parents: dict[int, int | None]) -> bool:
    """Whether every case that meets ``narrow`` meets ``wide`` too."""
    return (
        (wide.category_id is None or wide.category_id in _above(narrow.category_id, parents))
        and wide.area_id in (None, narrow.area_id)
        and wide.owner in ("", narrow.owner)
        and wide.street_class in ("", narrow.street_class)
        and (wide.valid_from is None or (narrow.valid_from is not None and wide.valid_from <= narrow.valid_from))
        and (wide.valid_to is None or (narrow.valid_to is not None and narrow.valid_to <= wide.valid_to))
    )


def _meet(one: Any, other: Any, parents: dict[int, int | None]) -> bool:
    """Whether some case may meet both. Two different areas are taken for apart."""
    related = one.category_id in _above(other.category_id, parents) or other.category_id in _above(one.category_id, parents)
    return (
        (None in (one.category_id, other.category_id) or related)
        and (None in (one.area_id, other.area_id) or one.area_id == other.area_id)
        and ("" in (one.owner, other.owner) or one.owner == other.owner)
        and ("" in (one.street_class, other.street_class) or one.street_class == other.street_class)
        and (one.valid_to is None or other.valid_from is None or other.valid_from <= one.valid_to)
        and (other.valid_to is None or one.valid_from is None or one.valid_from <= other.valid_to)
    )


def _above(category_id: int | None, parents: dict[int, int | None]) -> list[int]:
    found: list[int] = []
    step = category_id
    while step is not None and step not in found:
        found.append(step)
        step = parents.get(step)
    return found


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that would go elsewhere. ``before`` and ``after`` are units, ``body`` to whom it would then be forwarded."""

    number: str
    category: str
    address_text: str
    lon: float | None
    lat: float | None
    before: str
    after: str
    body: str
    why: str


@dataclass(frozen=True)
class Trial:
    """What a set of rules would do: ``counts`` are (unit, cases by the rules in force, cases by the tried ones)."""

    total: int
    moved: list[Moved] = field(default_factory=list)
    counts: list[tuple[str, int, int]] = field(default_factory=list)


class _Judge:
    """Says where rules send cases; remembers the units of competences."""

    def __init__(self, kind: Any, on: date) -> None:
        self.kind, self.on = kind, on
        self.units: dict[str, Any] = {}

    def of(self, rules: Sequence[Any], category: Any, facts: Facts) -> tuple[Any, Any]:
        """(unit, rule or None)."""
        rule = pick(rules, facts)
        return (rule.unit if rule is not None and rule.unit_id else self._by_competence(category)), rule

    def _by_competence(self, category: Any) -> Any:
        key = competence_of(self.kind, category)
        if key not in self.units:
            self.units[key] = unit_for(key, self.on)
        return self.units[key]


def try_on_cases(
    viewer: Viewer, *, case_type: str, now_rules: Sequence[Any], new_rules: Sequence[Any], count: int = 300
) -> Trial:
    """What the new rules would do to the newest ``count`` cases (1,000 at most); at most 40 queries for any number."""
    kind, day = declared(case_type), clock.today()
    found = of_units(viewer).filter(case_type=case_type).select_related("category__parent")
    named = found.annotate(lon=Longitude("geom"), lat=Latitude("geom")).defer("geom", "geom_3857")
    cases = list(named.order_by("-filed_at", "-id")[: min(count, MOST)])
    facts = _facts(cases, case_type, [*now_rules, *new_rules], day)
    judge, moved = _Judge(kind, day), []
    before_counts: Counter[str] = Counter()
    after_counts: Counter[str] = Counter()
    for case, known in zip(cases, facts, strict=True):
        before, before_rule = judge.of(now_rules, case.category, known)
        after, rule = judge.of(new_rules, case.category, known)
        before_counts[before.name] += 1
        after_counts[after.name] += 1
        if before.pk != after.pk or _body(before_rule) != _body(rule):
            moved.append(_moved(case, before, after, rule))
    names = sorted({*before_counts, *after_counts}, key=lambda name: (-after_counts[name], name))
    return Trial(len(cases), moved, [(name, before_counts[name], after_counts[name]) for name in names])


def _body(rule: Any) -> UUID | None:
    return rule.body_id if rule is not None else None


def _moved(case: Any, before: Any, after: Any, rule: Any) -> Moved:
    return Moved(
        number=case.number,
        category=case.category.title if case.category else "",
        address_text=case.address_text,
        lon=case.lon,
        lat=case.lat,
        before=before.name,
        after=after.name,
        body=rule.body.name if rule is not None and rule.body_id else "",
        why=explain(rule) if rule is not None else _("Żadna reguła nie pasuje, więc decyduje kategoria."),
    )


def _facts(cases: Sequence[Any], case_type: str, rules: Sequence[Any], day: date) -> list[Facts]:
    placed = [(case.lon, case.lat) for case in cases if case.lon is not None]
    positions = iter(places.reverse_many(placed))
    areas = iter(places.areas_of(placed, list({rule.area_id for rule in rules if rule.area_id})))
    return [
        facts_of(case_type, case.category, next(areas), next(positions), day)
        if case.lon is not None
        else facts_of(case_type, case.category, frozenset(), None, day)
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class PointTrial:
    """Where a case of a category at a point would go by the rules in force and by the tried ones."""

    place: str
    owner: str
    before: str
    after: str
    body: str
    why: str


def try_at_point(
    *, case_type: str, category: Category, point: tuple[float, float], now_rules: Sequence[Any], new_rules: Sequence[Any]
) -> PointTrial:
    """One place, (longitude, latitude); raises ``ValueError`` for numbers that are none."""
    day, position = clock.today(), places.reverse(*point)
    areas = places.areas_of([point], list({rule.area_id for rule in [*now_rules, *new_rules] if rule.area_id}))[0]
    facts = facts_of(case_type, category, areas, position, day)
    judge = _Judge(declared(case_type), day)
    before, _before_rule = judge.of(now_rules, category, facts)
    after, rule = judge.of(new_rules, category, facts)
    return PointTrial(
        place=position.address_text or position.district_name,
        owner=str(places.ROAD_OWNERS.get(facts.owner, "")),
        before=before.name,
        after=after.name,
        body=rule.body.name if rule is not None and rule.body_id else "",
        why=explain(rule) if rule is not None else _("Żadna reguła nie pasuje, więc decyduje kategoria."),
    )
