"""Which rules watch which series: kept by each process, read anew when a rule or a data stream changed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.alerts.conditions import Absence, Condition, Threshold, codes, foretold, lookback, parse
from miasto.kernel.observations.models import AlertRule, Datastream
from miasto.kernel.spec.observations import Property

if TYPE_CHECKING:
    from miasto.kernel.observations.models import Thing
    from miasto.kernel.places.selectors import Area

AGE_MOST_S = 60.0  # a thing that joined a kind by another process's hand is watched at the latest after this


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule in force: its condition, what it costs to judge it, how long it must hold."""

    id: UUID
    condition: Condition
    hold: timedelta
    severity: int
    main: str
    simple: Threshold | None
    lookback: timedelta
    absence: bool
    foretold: frozenset[str] = frozenset()


@dataclass(slots=True)
class Plan:
    """``by_series`` names for each watched series its thing, property and rules; ``streams`` the series of a thing by code."""

    rules: dict[UUID, Watched] = field(default_factory=dict)
    by_series: dict[int, tuple[UUID, str, tuple[UUID, ...]]] = field(default_factory=dict)
    streams: dict[UUID, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    things: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))


def known_codes() -> set[str]:
    """The codes of the properties that the city observes."""
    return {one.code for one in registry().all(Property)}


def watched(rule: AlertRule) -> Watched:
    """A rule as it is judged."""
    condition = parse(rule.condition, known=known_codes())
    hold = timedelta(seconds=rule.hold_s)
    parts = list(condition.parts())
    return Watched(
        id=rule.pk,
        condition=condition,
        hold=hold,
        severity=rule.severity,
        main=parts[0].code,  # type: ignore[attr-defined]
        simple=condition if isinstance(condition, Threshold) and not hold else None,
        lookback=lookback(condition) + hold,
        absence=any(isinstance(part, Absence) for part in parts),
        foretold=foretold(condition),
    )


def streams_of(rule: AlertRule, one: Watched) -> list[tuple[int, UUID, str]]:
    """``(series, thing, code)`` of every data stream that a rule reads; the best graded first where a thing has several."""
    found = Datastream.objects.filter(observed_property__code__in=codes(one.condition))
    found = narrowed(found, rule.thing_kind, rule.things.all(), rule.areas.all())
    return list(found.order_by("-grade", "id").values_list("id", "thing_id", "observed_property__code"))


def narrowed(found: QuerySet[Datastream], kind: str, things: Iterable[Thing], areas: Iterable[Area]) -> QuerySet[Datastream]:
    """The streams of the things that a rule watches: named ones, of a kind, in areas; whatever is not said does not narrow."""
    named, within = [one.pk for one in things], Q()
    for area in areas:
        within |= Q(thing__geom__intersects=area.geom)
    if named:
        found = found.filter(thing_id__in=named)
    if kind:
        found = found.filter(thing__thing_kind=kind)
    return found.filter(within)


def made(rules: Iterable[AlertRule]) -> Plan:
    """The plan of these rules; three queries for each."""
    plan, by_series = Plan(), defaultdict(list)
    place: dict[int, tuple[UUID, str]] = {}
    for rule in rules:
        one = watched(rule)
        plan.rules[one.id] = one
        for series, thing, code in streams_of(rule, one):
            by_series[series].append(one.id)
            place[series] = (thing, code)
            plan.streams[thing].setdefault(code, series)
            plan.things[one.id].add(thing)
    plan.by_series = {series: (*place[series], tuple(ids)) for series, ids in by_series.items()}
    return plan


_kept: tuple[object, float, Plan] | None = None


def plan() -> Plan:
    """The rules in force; one query while nothing changed."""
    global _kept
    version = AlertRule.objects.aggregate(newest=Max("changed_at"))["newest"]
    if version is None:
        return Plan()
    kept = _kept  # another thread may forget it meanwhile
    if kept is None or kept[0] != version or time.monotonic() - kept[1] > AGE_MOST_S:
        kept = _kept = (version, time.monotonic(), made(AlertRule.objects.filter(active=True)))
    return kept[2]


def forget() -> None:
    """Read the rules anew at the next chunk (after a change in this process, and between tests)."""
    global _kept
    _kept = None
