"""Readings in: rights, checks, order, repetition, lateness, roll-ups."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, Viewer
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors, services
from miasto.kernel.observations.access import WRITE
from miasto.kernel.observations.archive import running
from miasto.kernel.observations.models import Calibration, Datastream, Quarantined
from miasto.kernel.observations.selectors import Reading
from miasto.kernel.observations.store import flags, folding, locks, partitions, staging
from miasto.kernel.observations.store import running as running_store
from miasto.kernel.observations.testing import make_datastream, make_thing, put

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(tuesday_noon):
    return tuesday_noon


def rows(table, columns="*"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM observations_{table} ORDER BY 1, 2, 3")
        return cursor.fetchall()


def minutes(number):
    return NOON - timedelta(minutes=number)


def all_day(stream):
    return [(one.time, one.value) for one in selectors.hot([stream.pk], NOON - timedelta(days=3), NOON + timedelta(days=1))]


def test_a_reading_is_staged_first_and_stands_in_every_table_once_folded():
    stream = make_datastream()
    done = services.ingest([Reading(stream.pk, minutes(5), 21.5), Reading(stream.pk, minutes(3), 22.5)], by=SYSTEM)
    assert (done.accepted, done.quarantined) == (2, 0)
    assert staging.waiting() == 2
    assert all_day(stream) == []
    assert folding.fold_all() == 2
    assert staging.waiting() == 0
    assert all_day(stream) == [(minutes(5), 21.5), (minutes(3), 22.5)]
    assert selectors.latest([stream.pk])[stream.pk].value == 22.5
    [hour] = selectors.hours([stream.pk], NOON - timedelta(hours=1), NOON)
    assert (hour.n, hour.least, hour.most, hour.mean, hour.last) == (2, 21.5, 22.5, 22.0, 22.5)
    [day] = selectors.days([stream.pk], date(2026, 5, 12), date(2026, 5, 12))
    assert (day.n, day.mean, day.last) == (2, 22.0, 22.5)
    stream.refresh_from_db()
    assert (stream.count, stream.first_at, stream.last_at) == (2, minutes(5), minutes(3))


def test_who_waits_reads_at_once_what_was_written():
    stream = make_datastream()
    services.ingest([Reading(stream.pk, minutes(5), 1.0)], by=SYSTEM, wait=True)
    assert all_day(stream) == [(minutes(5), 1.0)]


def test_a_second_value_corrects_the_first_and_a_repetition_changes_nothing():
    stream = make_datastream()
    for value in (1.0, 1.0, 2.0, 2.0):
        put(stream, [Reading(stream.pk, minutes(5), value)])
    [(_series, given, _time, value)] = rows("reading")
    assert (value, given) == (2.0, flags.CORRECTED)
    put(stream, [Reading(stream.pk, minutes(4), 5.0), Reading(stream.pk, minutes(4), 6.0)])
    assert rows("reading")[1][1:] == (flags.CORRECTED, minutes(4), 6.0)
    stream.refresh_from_db()
    assert stream.count == 2


@pytest.fixture
def two_streams():
    return [make_datastream(), make_datastream()]


def forget_readings():
    with connection.cursor() as cursor:
        for name in ("reading", "late", "hour", "day", "latest"):
            cursor.execute(f"DELETE FROM observations_{name}")
    Datastream.objects.update(count=0, first_at=None, last_at=None)


@settings(max_examples=25)
@given(data=st.data())
def test_order_repetition_and_lateness_leave_no_trace(two_streams, data):
    streams = two_streams
    forget_readings()
    about = st.tuples(st.sampled_from([0, 1]), st.integers(0, 60 * 24 * 6).map(minutes))
    known = data.draw(st.dictionaries(about, st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=25))
    readings = [Reading(streams[which].pk, time, value) for (which, time), value in known.items()]
    sent = data.draw(st.permutations(readings + data.draw(st.lists(st.sampled_from(readings), max_size=10))))
    cut, most = data.draw(st.integers(0, len(sent))), data.draw(st.integers(1, 10))
    services.import_history(sorted(readings, key=lambda one: (one.series, one.time)), by=SYSTEM)
    names = ("reading", "late", "hour", "day", "latest", "datastream")
    columns = ["series, flags, time, value", "series, time, value", *3 * ["*"], "id, count, first_at, last_at"]
    wanted = [rows(name, what) for name, what in zip(names, columns, strict=True)]
    forget_readings()
    for part in (sent[:cut], sent[cut:]):
        services.ingest(part, by=SYSTEM)
        folding.fold_all(most=most)
    assert [rows(name, what) for name, what in zip(names, columns, strict=True)] == wanted
    assert sum(one.count for one in Datastream.objects.all()) == len(known)


@settings(max_examples=25)
@given(data=st.data())
def test_lanes_and_chunks_give_what_folding_one_by_one_gives(two_streams, data):
    """Readings come in batches, some series are watched and then are not, chunks of any size are folded in between."""
    forget_readings()
    about = st.tuples(st.sampled_from([0, 1]), st.sampled_from([1, 2, 3, 70, 71, 1500, 9000]), st.floats(-1e6, 1e6))
    batches = data.draw(st.lists(st.tuples(st.lists(about, min_size=1, max_size=6), st.sampled_from([0, 1, 2])), max_size=6))
    turns = data.draw(st.lists(st.tuples(st.sampled_from([(2,), (1,), (0,), (2, 1, 0)]), st.integers(1, 4)), max_size=8))

    moved = {one.pk: 0 for one in two_streams}
    locks.assign(moved)
    sent = [([Reading(two_streams[which].pk, minutes(when), value) for which, when, value in some], to) for some, to in batches]
    for some, _to in sent:
        for one in some:
            services.ingest([one], by=SYSTEM)
            folding.fold_all()
    names = ("reading", "late", "hour", "day", "latest", "datastream")
    columns = ["*", "series, time, value, flags", *3 * ["*"], "id, count, first_at, last_at"]
    wanted = [rows(name, what) for name, what in zip(names, columns, strict=True)]
    forget_readings()
    for place, (some, to) in enumerate(sent):
        moved[two_streams[place % 2].pk] = to
        locks.assign(moved)
        services.ingest(some, by=SYSTEM)
        for lanes, most in turns[place : place + 2]:
            folding.fold(lanes=lanes, most=most)
    folding.fold_all(most=3)
    assert [rows(name, what) for name, what in zip(names, columns, strict=True)] == wanted


def test_what_a_life_depends_on_and_was_not_folded_at_once_is_folded_between_the_chunks_of_others(monkeypatch):
    monkeypatch.setattr("miasto.kernel.observations.ingest.LIFE_AT_ONCE", 0)
    told = []
    meters = [make_datastream(watched=True) for _number in range(3)]
    river = make_datastream(watched=True, life=True)
    hook = folding.after_fold(lambda readings: told.extend(one.series for one in readings))
    pace = running_store.Pace()
    pace.chunks = dict.fromkeys(folding.LANES, 10)
    try:
        services.ingest([Reading(one.pk, minutes(when), 1.0) for when in range(20) for one in meters], by=SYSTEM)
        services.ingest([Reading(river.pk, minutes(1), 7.0)], by=SYSTEM)
        running_store.turn(range(folding.SHARDS), pace)
        assert told[0] == river.pk
        services.ingest([Reading(river.pk, minutes(0), 8.0)], by=SYSTEM)
        running_store.turn(range(folding.SHARDS), pace)
        assert told.index(river.pk, 1) <= 1 + 10
    finally:
        folding.forget_hook(hook)
    folding.fold_all()
    assert staging.waiting() == 0


def test_a_chunk_takes_no_longer_than_an_alert_may_wait():
    pace = running_store.Pace()
    for _time in range(30):
        pace.learn(0, pace.chunks[0], 5.0)
    assert pace.chunks[0] == pace.LEAST
    for _time in range(30):
        pace.learn(0, pace.chunks[0], 0.01)
    assert pace.chunks[0] == pace.MOST
    pace.learn(0, 3, 0.01)
    assert pace.chunks[0] == pace.MOST


def test_who_waits_is_not_kept_by_a_crowd(monkeypatch):
    stream = make_datastream()
    monkeypatch.setattr(staging, "CROWD", 0)
    services.ingest([Reading(stream.pk, minutes(5), 1.0)], by=SYSTEM, wait=True)
    assert all_day(stream) == []
    folding.fold_all()
    assert all_day(stream) == [(minutes(5), 1.0)]


def test_days_of_the_city_have_their_own_hours():
    stream = make_datastream()
    with clock.at(datetime(2026, 3, 30, 12, tzinfo=UTC)):  # the night before has lost an hour
        start = clock.start_of(date(2026, 3, 29))
        put(stream, [Reading(stream.pk, start + timedelta(hours=hour), 1.0) for hour in range(-1, 24)])
        found = selectors.days([stream.pk], date(2026, 3, 28), date(2026, 3, 30))
    assert [(one.start.day, one.n) for one in found] == [(28, 1), (29, 23), (30, 1)]


def test_late_readings_are_kept_apart_and_their_roll_ups_hold_what_the_archive_has_too(monkeypatch, tmp_path):
    stream = make_datastream()
    old = NOON - timedelta(days=30)
    put(stream, [Reading(stream.pk, old, 3.0)])
    assert (rows("reading"), [row[-1] for row in rows("late")]) == ([], [3.0])
    folding.fold_all()
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path))
    running.run()
    assert rows("late") == []
    put(stream, [Reading(stream.pk, old + timedelta(minutes=1), 5.0)])
    folding.fold_all()
    [hour] = selectors.hours([stream.pk], old - timedelta(hours=1), old + timedelta(hours=1))
    assert (hour.n, hour.mean, hour.last) == (2, 4.0, 5.0)
    put(stream, [Reading(stream.pk, old, 7.0)])
    folding.fold_all()
    [hour] = selectors.hours([stream.pk], old - timedelta(hours=1), old + timedelta(hours=1))
    assert (hour.n, hour.mean, hour.most) == (2, 6.0, 7.0)
    stream.refresh_from_db()
    assert stream.count == 2


def test_a_dropped_day_is_never_hot_again():
    stream = make_datastream()
    put(stream, [Reading(stream.pk, NOON - timedelta(days=2), 1.0)])
    with pytest.raises(ValueError, match="hot window"):
        partitions.drop(date(2026, 5, 10))
    with clock.at(NOON + timedelta(days=5)):
        partitions.drop(date(2026, 5, 10))
        assert partitions.border() == date(2026, 5, 10)
        partitions.set_hot_days(30)
        put(stream, [Reading(stream.pk, NOON - timedelta(days=2), 2.0)])
    assert rows("reading") == []
    assert [row[-1] for row in rows("late")] == [2.0]


@pytest.mark.parametrize(
    ("value", "ahead", "reason"),
    [(99.0, 0, "range"), (-1.0, 0, "range"), (1.0, 10, "future"), (float("nan"), 0, "number"), (float("inf"), 0, "number")],
)
def test_what_cannot_be_waits_in_quarantine_once(value, ahead, reason):
    stream = make_datastream(least=0, most=50)
    for _again in range(2):
        done = services.ingest([Reading(stream.pk, NOON + timedelta(minutes=ahead), value)], by=SYSTEM, wait=True)
        assert (done.accepted, done.quarantined, done.reasons) == (0, 1, {0: reason})
    held = Quarantined.objects.get()
    assert (held.reason, held.state, held.datastream_id) == (reason, "waiting", stream.pk)
    assert all_day(stream) == []


def test_a_value_whose_square_is_no_number_stops_nothing():
    stream = make_datastream()
    services.ingest([Reading(stream.pk, minutes(1), 1e200), Reading(stream.pk, minutes(2), 1e-200)], by=SYSTEM, wait=True)
    assert all_day(stream) == [(minutes(2), 1e-200)]


def test_a_jump_of_a_calibrated_sensor_is_held_against_what_the_sensor_said():
    stream = make_datastream(jump=5)
    Calibration.objects.create(datastream=stream, version=1, valid_from=minutes(60), gain=2, offset=10)
    services.ingest([Reading(stream.pk, minutes(9), 20.0)], by=SYSTEM)
    folding.fold_all()
    assert selectors.latest([stream.pk])[stream.pk].value == 50.0
    done = services.ingest([Reading(stream.pk, minutes(8), 24.0), Reading(stream.pk, minutes(7), 48.0)], by=SYSTEM)
    assert (done.accepted, done.quarantined) == (1, 1)


def test_a_jump_is_held_against_the_last_possible_reading_of_the_hour():
    stream = make_datastream(jump=5)
    put(stream, [Reading(stream.pk, minutes(30), 10.0)])
    put(stream, [Reading(stream.pk, minutes(20), 90.0), Reading(stream.pk, minutes(10), 12.0), Reading(stream.pk, NOON, 17.5)])
    assert all_day(stream) == [(minutes(30), 10.0), (minutes(10), 12.0)]
    assert set(Quarantined.objects.values_list("value", "reason")) == {(90.0, "jump"), (17.5, "jump")}
    with clock.at(NOON + timedelta(hours=2)):
        put(stream, [Reading(stream.pk, NOON + timedelta(hours=2), 90.0)])
    assert all_day(stream)[-1][1] == 90.0


def test_an_unknown_series_or_a_missing_right_refuses_everything():
    mine, other = make_datastream(), make_datastream()
    good = Reading(mine.pk, minutes(1), 1.0)
    with pytest.raises(services.UnknownSeries, match="999999"):
        services.ingest([good, Reading(999_999, minutes(1), 1.0)], by=SYSTEM)
    with pytest.raises(PermissionDenied):
        services.ingest([good], by=ANONYMOUS)
    with pytest.raises(ValueError, match="zone"):
        services.ingest([Reading(mine.pk, datetime(2026, 5, 12), 1.0)], by=SYSTEM)  # noqa: DTZ001
    owner = Viewer(person_id=make_person().pk)
    Datastream.objects.filter(pk=mine.pk).update(owner=owner.person_id)
    with pytest.raises(PermissionDenied):
        services.ingest([good, Reading(other.pk, minutes(1), 1.0)], by=owner)
    with pytest.raises(PermissionDenied):
        services.ingest([good], by=replace(owner, api_key=mine.thing_id))
    assert staging.waiting() == 0
    assert services.ingest([good], by=owner).accepted == 1
    assert services.ingest([good], by=replace(owner, api_key=mine.thing_id, scopes=frozenset({WRITE}))).accepted == 1


def test_thousands_that_wait_are_counted_whatever_the_gaps_in_their_numbers():
    stream = make_datastream()
    readings = [Reading(stream.pk, NOON - timedelta(seconds=second), 1.0) for second in range(1500)]
    services.ingest(readings, by=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observations_staging WHERE id % 3 = 0")
        left = 1500 - cursor.rowcount
    assert staging.waiting() == left


def test_the_backlog_says_how_many_wait_and_since_when():
    stream = make_datastream()
    assert staging.backlog() == (0, None)
    services.ingest([Reading(stream.pk, minutes(number), 1.0) for number in range(2)], by=SYSTEM)
    count, since = staging.backlog()
    assert (count, since is not None) == (2, True)
    folding.fold_all()
    assert staging.backlog() == (0, None)


def test_too_much_waiting_is_refused_with_a_time_to_come_back(monkeypatch):
    stream = make_datastream()
    monkeypatch.setenv("MIASTO_READINGS_WAITING", "3")
    services.ingest([Reading(stream.pk, minutes(number), 1.0) for number in range(3)], by=SYSTEM)
    with pytest.raises(services.Busy) as refused:
        services.ingest([Reading(stream.pk, minutes(9), 1.0)], by=SYSTEM)
    assert refused.value.retry_after >= 1
    folding.fold_all()
    assert services.ingest([Reading(stream.pk, minutes(9), 1.0)], by=SYSTEM).accepted == 1


def test_watched_series_stand_first_and_their_readings_are_told_once():
    told = []
    plain, watched = make_datastream(), make_datastream(watched=True)
    hook = folding.after_fold(lambda readings: told.append([(one.series, one.value) for one in readings]))
    try:
        services.ingest([Reading(plain.pk, minutes(number), 1.0) for number in range(5)], by=SYSTEM)
        services.ingest([Reading(watched.pk, minutes(1), 7.0)], by=SYSTEM)
        folding.fold(most=1)
        assert told == [[(watched.pk, 7.0)]]
        services.ingest([Reading(watched.pk, minutes(1), 7.0)], by=SYSTEM)
        folding.fold_all()
        assert told == [[(watched.pk, 7.0)]]
    finally:
        folding.forget_hook(hook)


def test_a_failing_hook_does_not_stop_the_fold():
    def broken(readings):
        raise RuntimeError("broken on purpose")

    stream = make_datastream(watched=True)
    folding.after_fold(broken)
    try:
        put(stream, [1.0])
    finally:
        folding.forget_hook(broken)
    assert all_day(stream) == [(NOON, 1.0)]


def test_history_goes_straight_in_and_is_told_to_nobody():
    told = []
    stream = make_datastream(watched=True, thing=make_thing())
    hook = folding.after_fold(told.append, every=True)
    try:
        put(stream, range(24 * 40), step=timedelta(hours=1), history=True)
    finally:
        folding.forget_hook(hook)
    assert told == []
    stream.refresh_from_db()
    assert stream.count == 24 * 40
    assert sum(one.n for one in selectors.days([stream.pk], date(2026, 1, 1), date(2026, 5, 12))) == 24 * 40
    assert len(rows("late")) > len(rows("reading")) > 24 * 3


def test_readings_come_in_also_where_statements_are_listened_to():
    """As on a developer's machine (``MIASTO_DEBUG``), where Django's cursor takes no values for COPY."""
    stream = make_datastream()
    with CaptureQueriesContext(connection):
        services.ingest([Reading(stream.pk, clock.now(), 1.0)], by=SYSTEM, wait=True)
    assert selectors.latest([stream.pk])[stream.pk].value == 1.0
