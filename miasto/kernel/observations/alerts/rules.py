"""Making and changing alert rules, and trying them on what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.core import changes, clock
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alerts import watch
from miasto.kernel.observations.alerts.conditions import Absence, Condition, Sample, codes, foretold, parse
from miasto.kernel.observations.alerts.course import Move, moves
from miasto.kernel.observations.forecasting.reading import Expected, expected
from miasto.kernel.observations.models import Alert, AlertRule, Datastream, Thing
from miasto.kernel.observations.store import locks
from miasto.kernel.observations.store.reading import hot

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer
    from miasto.kernel.places.selectors import Area

KIND = "observations.alert_rule"
HOLD_MOST_S = 24 * 3600
TRIED = timedelta(days=3)
TRIED_THINGS, TRIED_READINGS = 200, 500_000


@transaction.atomic
def save_rule(
    *,
    rule: AlertRule,
    by: Viewer,
    things: Sequence[Thing] | None = None,
    told: Sequence[Any] | None = None,
    areas: Sequence[Area] | None = None,
) -> AlertRule:
    """Make or change a rule, and mark the series it reads as watched. One switched off clears what it raised.

    Raises ``ValidationError`` by field, ``PermissionDenied`` where the viewer handles no alerts in the rule's unit.
    """
    _require(rule, by)
    created = rule._state.adding
    if not rule.name.strip():
        raise ValidationError({"name": _("Nazwij regułę tak, żeby dyżurny od razu wiedział, o co chodzi.")})
    if not 0 <= rule.hold_s <= HOLD_MOST_S:
        raise ValidationError({"hold_s": _("Warunek może czekać na potwierdzenie najwyżej dobę.")})
    try:
        rule.condition = parse(rule.condition, known=watch.known_codes()).json()
    except ValidationError as error:
        raise ValidationError({"condition": error.messages}) from error
    rule.changed_at = clock.now()
    rule.save()
    if things is not None:
        rule.things.set(things)
    if told is not None:
        rule.told.set(told)
    if areas is not None:
        rule.areas.set(areas)
    mark_watched()
    _record("alert_rule_saved", rule, by, {"created": created})
    if not rule.active:
        _clear_all(rule, by)
    transaction.on_commit(watch.forget)
    return rule


def _require(rule: AlertRule, by: Viewer) -> None:
    units = by.units_with(ALERTS)
    if not by.holds(ALERTS) or (units is not None and rule.unit_id not in units):
        raise PermissionDenied


@transaction.atomic
def mark_watched() -> None:
    """Watched is what some rule in force reads: first in the ingest; those of dangers to life before all others.

    What a rule judges together with a series of a danger to life goes with it, so one folder judges both.
    """
    locks.one_mover()
    groups: dict[tuple[UUID, UUID], set[int]] = defaultdict(set)
    life: set[int] = set()
    for rule in AlertRule.objects.filter(active=True):
        for series, thing, _code in watch.streams_of(rule, watch.watched(rule)):
            groups[rule.pk, thing].add(series)
            if rule.life:
                life.add(series)
    while more := set().union(*(group for group in groups.values() if group & life)) - life:
        life |= more
    locks.assign({series: locks.LIFE if series in life else 1 for group in groups.values() for series in group})


def _clear_all(rule: AlertRule, by: Viewer) -> None:
    from miasto.kernel.observations.alerts import lifecycle

    for alert in Alert.objects.filter(rule=rule).exclude(state=Alert.State.CLEARED).select_for_update():
        lifecycle.clear(alert, at=clock.now(), value=None, by=by)


def _record(action: str, rule: AlertRule, by: Viewer, data: dict[str, Any]) -> None:
    changes.record(
        action=f"observations.{action}", kind=KIND, object_id=rule.pk, actor=by.actor, unit_id=rule.unit_id, data=data
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule would have done: how often it would have raised an alert, of how many things, and the newest instants."""

    since: datetime
    things: int
    readings: int
    raised: list[tuple[datetime, UUID]]

    @property
    def count(self) -> int:
        return len(self.raised)


def try_rule(rule: AlertRule, things: Iterable[Thing] = (), areas: Iterable[Area] = ()) -> Tried:
    """Judge a rule on the readings of the last days without raising anything. ``rule`` need not be saved.

    Absence is not tried: it is a matter of now. Raises ``ValidationError``.
    """
    condition = parse(rule.condition, known=watch.known_codes())
    if any(isinstance(part, Absence) for part in condition.parts()):
        raise ValidationError(_("Reguły o braku odczytów nie da się wypróbować na przeszłości."))
    since = clock.now() - TRIED
    streams = Datastream.objects.filter(observed_property__code__in=codes(condition))
    streams = watch.narrowed(streams, rule.thing_kind, things, areas)
    named: dict[UUID, dict[str, int]] = defaultdict(dict)
    for series, thing, code in streams.order_by("-grade", "id").values_list("id", "thing_id", "observed_property__code"):
        if thing in named or len(named) < TRIED_THINGS:
            named[thing].setdefault(code, series)
    places = {series: (thing, code) for thing, found in named.items() for code, series in found.items()}
    known: dict[UUID, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    readings = hot(places, since, clock.now(), most=TRIED_READINGS)
    for one in readings:
        thing, code = places[one.series]
        known[thing][code].append(Sample(one.time, one.value))
    hold = timedelta(seconds=rule.hold_s)
    forecasts = _past_forecasts(places, foretold(condition))
    raised = [(at, thing) for thing, samples in known.items() for at in _raised(condition, hold, samples, forecasts[thing])]
    return Tried(since, len(named), len(readings), sorted(raised, reverse=True))


def _past_forecasts(places: dict[int, tuple[UUID, str]], wanted: frozenset[str]) -> dict[UUID, dict[str, Expected]]:
    found: dict[UUID, dict[str, Expected]] = defaultdict(dict)
    if wanted:
        for series, one in expected(series for series, (_thing, code) in places.items() if code in wanted).items():
            thing, code = places[series]
            found[thing][code] = one
    return found


def _raised(
    condition: Condition, hold: timedelta, samples: dict[str, list[Sample]], forecasts: dict[str, Expected]
) -> list[datetime]:
    """The instants at which one thing would have raised an alert."""
    instants = sorted({one.time for listed in samples.values() for one in listed})
    found = moves(condition, hold, samples, instants, forecasts=forecasts)
    return [at for at, move in found if move is Move.BEGINS]
