"""Judging: what readings that were just folded mean for the rules in force.

It runs in the transaction of the fold, so an alert is raised exactly as often as its reading is stored: a fold that is killed
takes its alerts with it and both come again. A rule and a thing are locked, because two folders may hold readings of one
thing. Every instant of the chunk is judged in its order, so what rose and fell between two folds is not lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.alerts import lifecycle
from miasto.kernel.observations.alerts.conditions import FRESH, Absence, Sample, codes
from miasto.kernel.observations.alerts.course import SOON, Course, Known, Move, moves
from miasto.kernel.observations.alerts.watch import Plan, Watched, plan
from miasto.kernel.observations.forecasting.reading import Expected, expected
from miasto.kernel.observations.models import Alert, AlertPending
from miasto.kernel.observations.store.reading import Reading, hot, latest

INSTANTS_MOST = 2000  # of one thing in one chunk; beyond it only the newest are judged one by one


def judge(readings: Sequence[Reading]) -> int:
    """Judge a folded chunk; returns how many alerts began or ended. One query where no rule watches any of the series."""
    current = plan()
    fresh = clock.now() - FRESH
    touched: dict[tuple[UUID, UUID], list[Reading]] = defaultdict(list)
    for one in readings:
        found = current.by_series.get(one.series)
        if found is not None and one.time >= fresh:
            thing, _code, rules = found
            for rule in rules:
                touched[rule, thing].append(one)
    return _judge(current, touched) if touched else 0


def _judge(current: Plan, touched: dict[tuple[UUID, UUID], list[Reading]]) -> int:
    standing = _standing(touched)
    quiet = [key for key, found in touched.items() if key not in standing and _nothing_to_raise(current.rules[key[0]], found)]
    for key in quiet:
        del touched[key]
    moved = 0
    views, forecasts = _views(current, touched), _forecasts(current, touched)
    for (rule_id, thing), found in sorted(touched.items(), key=lambda item: item[0]):  # so that folders never wait in a ring
        rule, samples = current.rules[rule_id], views[thing]
        start = min(one.time for one in found)
        moved += _walk(rule, thing, samples, _instants(samples, codes(rule.condition), start), forecasts[thing])
    return moved


def _nothing_to_raise(rule: Watched, readings: list[Reading]) -> bool:
    """Whether a plain threshold is crossed by none of the readings: most of the time, and it costs no query."""
    return rule.simple is not None and not any(rule.simple.crossed(one.value) for one in readings)


def _standing(touched: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    keys = set(touched)
    rules, things = {key[0] for key in keys}, {key[1] for key in keys}
    opened = Alert.objects.exclude(state=Alert.State.CLEARED).filter(rule_id__in=rules, thing_id__in=things)
    waiting = AlertPending.objects.filter(rule_id__in=rules, thing_id__in=things)
    return {*opened.values_list("rule_id", "thing_id"), *waiting.values_list("rule_id", "thing_id")} & keys


def _views(current: Plan, touched: dict[tuple[UUID, UUID], list[Reading]]) -> dict[UUID, dict[str, list[Sample]]]:
    """The readings that can matter to the touched things, by thing and code; one query."""
    if not touched:
        return {}
    start = min(one.time - current.rules[key[0]].lookback for key, found in touched.items() for one in found)
    names = {
        series: (thing, code)
        for rule, thing in touched
        for code, series in current.streams[thing].items()
        if code in codes(current.rules[rule].condition)
    }
    views: dict[UUID, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for one in hot(names, start, clock.now() + timedelta(hours=1), most=2_000_000):
        thing, code = names[one.series]
        views[thing][code].append(Sample(one.time, one.value))
    return views


def _forecasts(current: Plan, keys: Iterable[tuple[UUID, UUID]]) -> dict[UUID, dict[str, Expected]]:
    """What was foretold of the things, by thing and code; no query where no rule among the keys asks."""
    names = {
        current.streams[thing][code]: (thing, code)
        for rule, thing in keys
        for code in current.rules[rule].foretold
        if code in current.streams[thing]
    }
    found: dict[UUID, dict[str, Expected]] = defaultdict(dict)
    for series, one in (expected(names) if names else {}).items():
        thing, code = names[series]
        found[thing][code] = one
    return found


def _instants(samples: dict[str, list[Sample]], wanted: set[str], start: datetime) -> list[datetime]:
    """The instants of the thing's readings from ``start`` on: a late one is judged together with what came after it."""
    found = {one.time for code in wanted for one in samples.get(code, []) if one.time >= start}
    return sorted(found)[-INSTANTS_MOST:]


def _walk(
    rule: Watched,
    thing: UUID,
    samples: dict[str, list[Sample]],
    instants: list[datetime],
    forecasts: dict[str, Expected],
) -> int:
    """Judge one thing by one rule at each instant; returns how many alerts began or ended."""
    _lock(rule.id, thing)
    alert, course, waits = _standing_of(rule, thing)
    newer = [at for at in instants if alert is None or at >= alert.last_at]
    moved, view = 0, Known(samples, clock.now())
    for at, move in moves(rule.condition, rule.hold, samples, newer, course=course, forecasts=forecasts):
        view.at = at
        newest = view.latest(rule.main)
        value = newest.value if newest else None
        if move is Move.BEGINS:
            alert, moved = lifecycle.begin(rule, thing, at=at, value=value, returns=course.returns), moved + 1
        elif alert is not None and move in (Move.GOES_ON, Move.CALMS):
            lifecycle.goes_on(alert, at=at, value=value, calm_since=course.calm_since)
        elif alert is not None and move is Move.ENDS:
            lifecycle.clear(alert, at=at, value=value)
            alert, moved = None, moved + 1
    if alert is not None:
        lifecycle.keep(alert)
    _remember(rule, thing, waits, course.since)
    return moved


def _standing_of(rule: Watched, thing: UUID) -> tuple[Alert | None, Course, AlertPending | None]:
    """The open alert of a rule and a thing, what is known of its course, and since when the condition waits."""
    found = Alert.objects.filter(rule_id=rule.id, thing_id=thing)
    last = found.exclude(state=Alert.State.CLEARED).first() or found.order_by("-cleared_at").first()
    waits = AlertPending.objects.filter(rule_id=rule.id, thing_id=thing).first()
    course = Course(since=waits.since if waits else None)
    if last is not None:
        course.active, course.returns = last.open, last.returns
        course.ended, course.calm_since = last.cleared_at, last.calm_since
    return (last if course.active else None), course, waits


def _remember(rule: Watched, thing: UUID, waits: AlertPending | None, since: datetime | None) -> None:
    if since is None:
        if waits is not None:
            waits.delete()
    elif waits is None:
        AlertPending.objects.create(rule_id=rule.id, thing_id=thing, since=since)
    elif waits.since != since:
        waits.since = since
        waits.save(update_fields=["since"])


def _lock(rule: UUID, thing: UUID) -> None:
    """Two folders with readings of one thing take turns, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"alert {rule} {thing}"])


@transaction.atomic
def end_the_calm() -> int:
    """End restless alerts whose condition has not held for long enough, where no reading says so; returns how many."""
    until, ended = clock.now() - SOON, 0
    calm = Alert.objects.exclude(state=Alert.State.CLEARED).filter(calm_since__lte=until)
    for rule_id, thing in sorted(calm.values_list("rule_id", "thing_id")):
        _lock(rule_id, thing)
        for alert in calm.filter(rule_id=rule_id, thing_id=thing).select_related("rule"):
            lifecycle.clear(alert, at=clock.now(), value=None)
            ended += 1
    return ended


@transaction.atomic
def look_for_silence() -> int:
    """Judge the rules that wait for readings that do not come; called each minute. Returns how many alerts began or ended."""
    current, now, moved = plan(), clock.now(), 0
    for rule in current.rules.values():
        if not rule.absence:
            continue
        names = {
            series: (thing, code)
            for thing in current.things[rule.id]
            for code, series in current.streams[thing].items()
            if code in codes(rule.condition)
        }
        samples = _known_now(rule, names, now)
        keys = [(rule.id, thing) for thing in samples]
        standing, forecasts = _standing(keys), _forecasts(current, keys)
        for thing, known in samples.items():
            if (rule.id, thing) in standing or rule.condition.holds(Known(known, now, forecasts[thing]), active=False):
                moved += _walk(rule, thing, known, [now], forecasts[thing])
    return moved


def _known_now(rule: Watched, names: dict[int, tuple[UUID, str]], now: datetime) -> dict[UUID, dict[str, list[Sample]]]:
    """The newest reading of each series however old, and before it what the rule's other conditions look back at."""
    alone = all(isinstance(part, Absence) for part in rule.condition.parts())
    found = [] if alone else hot(names, now - rule.lookback, now, most=2_000_000)
    seen = {(one.series, one.time) for one in found}
    found += [one for one in latest(names).values() if (one.series, one.time) not in seen]
    samples: dict[UUID, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for one in sorted(found, key=lambda one: one.time):
        thing, code = names[one.series]
        samples[thing][code].append(Sample(one.time, one.value))
    return samples
