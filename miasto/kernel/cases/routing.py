"""Which unit gets a case: the rule of the plan in force that fits best, else the competence of the category."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import unit_for
from miasto.kernel.cases.models import Category, RoutingPlan, RoutingRule
from miasto.kernel.core import clock
from miasto.kernel.places import selectors as places
from miasto.kernel.places.selectors import ROAD_OWNERS, STREET_CLASSES
from miasto.kernel.spec.cases import CaseType
from miasto.kernel.ui.kept import kept

# A report lies on a street when it is this near to its axis: half of a wide street with its pavements.
ON_STREET_M = 40.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask of a case: its category with those above it, the areas around it, the street at its place."""

    case_type: str
    categories: tuple[int, ...]
    areas: frozenset[UUID]
    owner: str
    street_class: str
    on: date


@dataclass(frozen=True, slots=True)
class Route:
    """The unit that gets a case, the body to which it should forward it (mostly None), and why in one sentence.

    ``rule_id`` is the rule that decided; None where the category's competence did.
    """

    unit: Any
    why: str
    body: Any = None
    rule_id: UUID | None = None


def route(
    category: Category | None,
    point: tuple[float, float] | None,
    *,
    on: date | None = None,
    kind: CaseType | None = None,
    position: Any = None,
) -> Route:
    """Who gets a case of a category at a point (longitude, latitude; EPSG:4326) on a local day (default today).

    ``kind`` is the case type where there is no category; ``position`` what ``places.reverse`` said of the point, if it was
    asked already. At most 3 queries then. Raises ``LookupError`` where neither a rule nor a competence names a unit.
    """
    day = on or clock.today()
    key = category.case_type if category is not None else kind.key if kind else ""
    rules = rules_in_force(key)
    if point is not None and position is None and any(rule.owner or rule.street_class for rule in rules):
        position = places.reverse(*point)
    rule = pick(rules, facts_of(key, category, areas_asked(rules, point), position, day))
    return route_by(rule, category, kind, day)


def route_by(rule: RoutingRule | None, category: Category | None, kind: CaseType | None, on: date) -> Route:
    """The route that a rule (or none) gives."""
    if rule is not None and rule.unit is not None:
        return Route(rule.unit, explain(rule), rule.body, rule.pk)
    competence = competence_of(kind, category)
    unit = unit_for(competence, on)
    if rule is None:
        return Route(unit, _("Za tę kategorię odpowiada ta jednostka."))
    return Route(unit, explain(rule), rule.body, rule.pk)


def competence_of(kind: CaseType | None, category: Category | None) -> str:
    """The competence that decides on the unit: the category's, else its parent's, else the case type's."""
    step = category
    while step is not None:
        if step.competence:
            return step.competence
        step = step.parent
    if kind is None and category is not None:
        from miasto.kernel.cases.types import case_type

        kind = case_type(category.case_type)
    return kind.competence if kind else ""


def rules_in_force(case_type: str) -> list[Any]:
    """The rules of the plan in force; one query, none where a web process keeps them."""
    found = RoutingRule.objects.filter(plan__state=RoutingPlan.State.ACTIVE, case_type=case_type)
    return kept("cases.routing", case_type, lambda: list(named(found)))


def areas_asked(rules: Iterable[Any], point: tuple[float, float] | None) -> frozenset[UUID]:
    """Those of the areas that rules ask for which hold the point; one query, none where no rule asks."""
    asked = sorted({rule.area_id for rule in rules if rule.area_id})
    return places.areas_of([point], asked)[0] if asked and point is not None else frozenset()


def named(found: QuerySet) -> QuerySet:
    """Rules with the names that are shown, in one query; an outline has thousands of points and stays in the database."""
    return found.select_related("unit", "body", "category").annotate(area_name=F("area__name")).only(*_READ)


_READ = (
    "priority", "case_type", "category", "area", "owner", "street_class", "unit", "body", "valid_from", "valid_to", "plan",
    "note", "category__name", "category__translations", "unit__id", "unit__name", "body__id", "body__name", "body__active",
    "body__slug",
)  # fmt: skip


def facts_of(case_type: str, category: Category | None, areas: frozenset[UUID], position: Any, on: date) -> Facts:
    """What the rules ask; the street counts only where the place is on it."""
    near = position is not None and position.street_m is not None and position.street_m <= ON_STREET_M
    return Facts(
        case_type=case_type,
        categories=tuple(_lineage(category)),
        areas=areas,
        owner=position.street_owner if near else "",
        street_class=position.street_class if near else "",
        on=on,
    )


def _lineage(category: Category | None) -> Iterable[int]:
    step = category
    while step is not None:
        yield step.pk
        step = step.parent if step.parent_id else None


def pick(rules: Iterable[Any], facts: Facts) -> Any:
    """The rule that decides; None where none fits. Asks no database."""
    fitting = [rule for rule in rules if fits(rule, facts)]
    return min(fitting, key=lambda rule: rank(rule, facts.categories), default=None)


def fits(rule: Any, facts: Facts) -> bool:
    """Whether a case meets every condition of a rule on that day."""
    conditions = (
        rule.case_type == facts.case_type,
        rule.category_id is None or rule.category_id in facts.categories,
        rule.area_id is None or rule.area_id in facts.areas,
        not rule.owner or rule.owner == facts.owner,
        not rule.street_class or rule.street_class == facts.street_class,
        rule.valid_from is None or rule.valid_from <= facts.on,
        rule.valid_to is None or facts.on <= rule.valid_to,
    )
    return all(conditions)


def rank(rule: Any, categories: Sequence[int] = ()) -> tuple[Any, ...]:
    """The order of decision: priority, then the nearer category, then more conditions, then the older rule."""
    depth = categories.index(rule.category_id) if rule.category_id in categories else len(categories)
    asked = sum(bool(value) for value in (rule.area_id, rule.owner, rule.street_class))
    return (-rule.priority, depth, -asked, str(rule.pk))


def conditions(rule: Any) -> str:
    """What a rule asks, in words."""
    said = [part for part in (_said_category(rule), _said_area(rule), _said_owner(rule), _said_class(rule)) if part]
    return ", ".join(said) or _("każda sprawa")


def explain(rule: Any) -> str:
    """Why a rule sent a case where it did, for staff."""
    words = conditions(rule)
    if rule.body_id:
        return _("Reguła trasy: %(what)s – do przekazania: %(body)s.") % {"what": words, "body": rule.body.name}
    return _("Reguła trasy: %(what)s.") % {"what": words}


def _said_category(rule: Any) -> str:
    return _("kategoria „%(name)s”") % {"name": rule.category.title} if rule.category_id else ""


def _said_area(rule: Any) -> str:
    return _("obszar „%(name)s”") % {"name": rule.area_name} if rule.area_id else ""


def _said_owner(rule: Any) -> str:
    return _("drogą zarządza: %(owner)s") % {"owner": ROAD_OWNERS.get(rule.owner, rule.owner)} if rule.owner else ""


def _said_class(rule: Any) -> str:
    name = STREET_CLASSES.get(rule.street_class, rule.street_class)
    return _("klasa ulicy: %(name)s") % {"name": name} if rule.street_class else ""
