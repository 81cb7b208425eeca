"""One writer for each series, and lanes: a danger to life waits for no chunk of others."""

import random
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations import services
from miasto.kernel.observations.alerts.rules import mark_watched, save_rule
from miasto.kernel.observations.models import Alert, AlertRule, Datastream
from miasto.kernel.observations.selectors import Reading, hot, hours, latest
from miasto.kernel.observations.store import folding, locks, partitions, staging
from miasto.kernel.observations.testing import make_datastream, make_thing

pytestmark = pytest.mark.django_db(transaction=True)  # locks last until the commit


def rule(name, **values):
    condition = {"kind": "threshold", "code": "water_level", "op": ">", "value": 100}
    return AlertRule(name=name, **{"condition": condition, "severity": 3, **values})


def river(*, life=True):
    stream = make_datastream(code="water_level")
    save_rule(rule=rule("Wysoka woda", life=life), by=SYSTEM, things=[stream.thing], told=[])
    return stream


def send(stream, value, *, ago=0):
    return services.ingest([Reading(stream.pk, clock.now() - timedelta(seconds=ago), value)], by=SYSTEM)


def lanes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT series, lane FROM observations_staging ORDER BY id")
        return cursor.fetchall()


@contextmanager
def somebody_else_holds(kind, keys):
    """As another folder does in the middle of a chunk."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, key) FROM unnest(%s::int[]) AS key", [kind, list(keys)])
            yield
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()


def test_a_danger_to_life_is_judged_before_it_is_acknowledged_whoever_folds_the_rest():
    stream = river()
    with somebody_else_holds(partitions.LOCKS, range(folding.SHARDS)):
        send(stream, 150.0)
        assert [one.thing_id for one in Alert.objects.all()] == [stream.thing_id]
        assert latest([stream.pk])[stream.pk].value == 150.0
    assert staging.waiting() == 0


def test_a_common_rule_waits_for_its_turn():
    stream = river(life=False)
    with somebody_else_holds(partitions.LOCKS, [locks.shard_of(stream.pk)]):
        send(stream, 150.0)
        assert folding.fold_all() == 0
    assert not Alert.objects.exists()
    assert folding.fold_all() == 1
    assert Alert.objects.count() == 1


def test_one_series_that_is_held_for_long_delays_no_other_and_is_folded_later():
    held, free = river(), river()
    with somebody_else_holds(locks._LIVES, [locks.life_key(held.pk)]):
        send(held, 150.0)
        send(free, 150.0)
        assert [one.thing_id for one in Alert.objects.all()] == [free.thing_id]
        assert folding.fold_all() == 0
    assert folding.fold_all() == 1
    assert {one.thing_id for one in Alert.objects.all()} == {held.thing_id, free.thing_id}


def test_so_many_at_once_that_a_flood_of_them_would_hold_up_the_answer_are_left_to_the_folder(monkeypatch):
    monkeypatch.setattr("miasto.kernel.observations.ingest.LIFE_AT_ONCE", 3)
    stream = river()
    services.ingest([Reading(stream.pk, clock.now() - timedelta(seconds=one), 150.0) for one in range(4)], by=SYSTEM)
    assert staging.waiting() == 4
    assert folding.fold(lanes=(locks.LIFE,), most=3) == 3
    assert folding.fold_all() == 1
    assert Alert.objects.count() == 1


def test_what_waits_moves_along_with_its_series():
    stream, other = make_datastream(code="water_level"), make_datastream(code="water_level")
    send(other, 1.0)
    send(stream, 150.0, ago=9)
    assert [lane for _series, lane in lanes()] == [0, 0]
    saved = save_rule(rule=rule("Wysoka woda", life=True), by=SYSTEM, things=[stream.thing], told=[])
    assert dict(lanes()) == {other.pk: 0, stream.pk: locks.LIFE}
    send(stream, 50.0)
    assert dict(lanes()) == {other.pk: 0}
    assert [one.value for one in hot([stream.pk], clock.now() - timedelta(minutes=5), clock.now())] == [150.0, 50.0]
    saved.active = False
    save_rule(rule=saved, by=SYSTEM)
    send(stream, 150.0)
    assert dict(lanes()) == {other.pk: 0, stream.pk: 0}


def test_what_is_judged_together_with_a_danger_to_life_is_in_its_lane_and_nothing_else():
    thing, other = make_thing(), make_thing()
    level, wind, noise = (make_datastream(thing, code=code) for code in ("water_level", "wind_speed", "noise_level"))
    elsewhere = make_datastream(other, code="wind_speed")
    save_rule(rule=rule("Wysoka woda", life=True), by=SYSTEM, things=[thing], told=[])
    both = {"kind": "all", "of": [rule("").condition, {"kind": "threshold", "code": "wind_speed", "op": ">", "value": 20}]}
    save_rule(rule=rule("Woda i wiatr", condition=both), by=SYSTEM, things=[], told=[])
    assert {one.pk: one.lane for one in Datastream.objects.all()} == {
        level.pk: 2,
        wind.pk: 2,
        noise.pk: 0,
        elsewhere.pk: 1,
    }


def test_a_rule_about_tens_of_thousands_of_series_takes_a_bounded_number_of_locks():
    thing = make_thing()
    one = make_datastream(thing, code="water_level")
    with connection.cursor() as cursor:
        names = [field.column for field in Datastream._meta.local_concrete_fields if field.column not in ("id", "source")]
        listed = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"""INSERT INTO observations_datastream ({listed})
                SELECT {listed} FROM observations_datastream, generate_series(1, 30000)"""
        )
    save_rule(rule=rule("Wysoka woda", life=True), by=SYSTEM, things=[thing], told=[])
    assert Datastream.objects.filter(life=True).count() == 30_001
    send(one, 150.0)
    assert Alert.objects.count() == 1


def test_nothing_is_locked_where_no_series_changes_its_lane():
    river()
    with somebody_else_holds(partitions.LOCKS, range(folding.SHARDS)):
        mark_watched()


class Side(threading.Thread):
    """Somebody who works beside others, until told to stop or until there is nothing more to do; keeps what went wrong."""

    def __init__(self, work, stop=None):
        super().__init__(daemon=True)
        self.work, self.stop, self.error = work, stop, None

    def run(self):
        try:
            self.work()
            while self.stop is not None and not self.stop.is_set():
                self.work()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def test_readings_taken_in_while_lanes_change_and_folders_work_are_there_once_and_counted_once():
    streams = [make_datastream(code="water_level") for _number in range(4)]
    start, choice, done = clock.now() - timedelta(minutes=20), random.Random(7), threading.Event()

    def device(wait):
        for step in range(40):  # the same from both: there once
            some = [Reading(one.pk, start + timedelta(seconds=step), float(step)) for one in streams]
            services.ingest(some, by=SYSTEM, wait=wait)

    def mover():
        locks.assign({one.pk: choice.choice([0, 1, 2]) for one in streams})
        time.sleep(0.01)

    devices = [Side(lambda: device(False)), Side(lambda: device(True))]
    others = [Side(lambda: folding.fold_all(most=3), done), Side(mover, done)]
    for one in (*others, *devices):
        one.start()
    for one in devices:
        one.join()
    done.set()
    for one in others:
        one.join()
    assert [one.error for one in (*others, *devices)] == [None] * 4
    folding.fold_all()
    assert staging.waiting() == 0
    for stream in streams:
        assert [one.value for one in hot([stream.pk], start, clock.now())] == [float(step) for step in range(40)]
        assert Datastream.objects.get(pk=stream.pk).count == 40
        assert sum(one.n for one in hours([stream.pk], start - timedelta(hours=2), clock.now())) == 40
