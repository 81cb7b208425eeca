"""Days become files, late readings go into them, and every read gives the same before, between and after."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.archive import duck, late, moving, place, running
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun
from miasto.kernel.observations.archive.tests.making import make_day, make_late, quarters
from miasto.kernel.observations.services import import_history, ingest
from miasto.kernel.observations.store import flags, folding, partitions, rolling
from miasto.kernel.observations.store.reading import Reading, days, hours, latest, readings
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
START, END = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def archive():
    with clock.at(NOON):
        return running.run()


def instant(hour, minute=0, day=DAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_a_day_behind_the_hot_window_becomes_a_file_and_reads_the_same(archive_folder):
    make_day(DAY, quarters(7, DAY) + quarters(3, DAY, add=5))
    make_day(date(2026, 6, 8), quarters(7, date(2026, 6, 8)))
    before = readings([3, 7], START, END)
    run = archive()
    assert (run.state, run.days) == (ArchiveRun.State.DONE, 1)
    assert readings([3, 7], START, END) == before
    assert len(before) == 3 * 96
    row = ArchiveFile.objects.get()
    assert (row.day, row.rows, row.least_series, row.most_series, row.revision) == (DAY, 192, 3, 7, 1)
    assert row.bytes == (archive_folder / row.name).stat().st_size
    assert (archive_folder / row.name).stat().st_mode & 0o777 == 0o640
    assert partitions.existing() == [date(2026, 6, 8)]
    assert running.damaged() == []
    (archive_folder / row.name).write_bytes(b"nothing")
    assert running.damaged() == [row.name]


def test_a_read_is_cut_after_the_first_readings_wherever_they_lie():
    make_day(DAY, quarters(7, DAY))
    make_day(date(2026, 6, 8), quarters(7, date(2026, 6, 8)))
    make_late([(7, instant(0), 0.0, flags.DELETED), (7, instant(0, 20), 1.5, 0)])
    whole = readings([7], START, END)
    assert [one.time for one in whole[:2]] == [instant(0, 15), instant(0, 20)]
    assert readings([7], START, END, most=100) == whole[:100]
    archive()
    assert [one[:3] for one in readings([7], START, END)] == [one[:3] for one in whole]
    assert readings([7], START, END, most=100) == readings([7], START, END)[:100]
    make_late([(7, instant(0, 15), 0.0, flags.DELETED)])
    assert readings([7], START, END, most=2)[0].time == instant(0, 20)
    assert len(readings([7], START, END, most=2)) == 2


def roll_up():
    while rolling.roll_late(shards=range(folding.SHARDS)):
        pass


def test_a_late_reading_corrects_its_day_and_the_roll_ups():
    stream = make_datastream()
    series = stream.pk
    with clock.at(instant(13)):
        ingest([Reading(series, instant(10, 0), 5.0), Reading(series, instant(10, 30), 7.0)], by=SYSTEM, wait=True)
    archive()
    late_ones = [(instant(10, 30), 9.0), (instant(12, 0), 1.0), (instant(10, 0), 5.0)]
    with clock.at(NOON):
        ingest([Reading(series, *one) for one in late_ones], by=SYSTEM, wait=True)
    wanted = [
        Reading(series, instant(10, 0), 5.0, 0),
        Reading(series, instant(10, 30), 9.0, flags.CORRECTED),
        Reading(series, instant(12, 0), 1.0, 0),
    ]
    for merged in (False, True):
        if merged:
            archive()
        roll_up()
        assert readings([series], START, END) == wanted
        assert [(one.start, one.n, one.least, one.most, one.mean, one.last) for one in hours([series], START, END)] == [
            (instant(10), 2, 5.0, 9.0, 7.0, 9.0),
            (instant(12), 1, 1.0, 1.0, 1.0, 1.0),
        ]
        assert [(one.start, one.n, one.mean, one.last) for one in days([series], DAY, DAY)] == [(DAY, 3, 5.0, 1.0)]
        stream.refresh_from_db()
        assert (stream.first_at, stream.last_at, stream.count) == (instant(10), instant(12), 3)
        assert latest([series])[series].value == 1.0
    present = ArchiveFile.objects.get(replaced_at=None)
    assert (present.revision, present.rows) == (2, 3)


def test_history_of_a_day_that_never_was_hot_gets_a_file_of_its_own():
    series = make_datastream().pk
    with clock.at(NOON):
        import_history([Reading(series, instant(23, 30), 4.0)], by=SYSTEM)
        archive()
        import_history([Reading(series, instant(23, 45), 6.0)], by=SYSTEM)
    roll_up()
    assert [one.value for one in readings([series], START, END)] == [4.0, 6.0]
    civil = DAY + timedelta(days=1)  # 23.30 UTC is the next day in the city
    assert [(one.start, one.n, one.mean) for one in days([series], DAY, civil)] == [(civil, 2, 5.0)]
    archive()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM observations_late")
        assert cursor.fetchone() == (0,)


def test_hours_of_a_day_that_is_just_being_moved_count_what_is_in_its_partition_too():
    series = make_datastream().pk
    with clock.at(instant(13)):
        ingest([Reading(series, instant(10, 0), 5.0)], by=SYSTEM, wait=True)
    moving.seal(DAY)
    with clock.at(instant(13)):
        ingest([Reading(series, instant(10, 30), 7.0)], by=SYSTEM, wait=True)
    roll_up()
    assert [(one.n, one.mean) for one in hours([series], START, END)] == [(2, 6.0)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observations_reading WHERE series = %s", [series])
    roll_up()
    assert [(one.n, one.mean) for one in hours([series], START, END)] == [(1, 7.0)]


def test_a_series_outside_the_parts_of_a_day_joins_its_neighbour(monkeypatch):
    monkeypatch.setattr(moving, "PART_ROWS", 100)
    make_day(DAY, quarters(10, DAY) + quarters(20, DAY) + quarters(30, DAY))
    archive()
    assert ArchiveFile.objects.filter(replaced_at=None).count() == 3
    make_late([(5, instant(1), 1.0, 0), (25, instant(1), 2.0, 0)])
    archive()
    ranges = ArchiveFile.objects.filter(replaced_at=None).order_by("least_series").values_list("least_series", "most_series")
    assert list(ranges) == [(5, 10), (20, 25), (30, 30)]
    assert [one.value for one in readings([5, 25], START, END)] == [1.0, 2.0]
    assert len(readings([10, 20, 30], START, END)) == 3 * 96


def test_a_sealed_day_sends_what_still_comes_to_the_late_readings():
    make_day(DAY, [(1, instant(1), 1.0, 0), (1, instant(2), 2.0, 0)])
    moving.seal(DAY)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO observations_reading (series, time, value) VALUES (1, %s, 8), (1, %s, 9)
               ON CONFLICT (series, time) DO UPDATE SET value = excluded.value""",
            [instant(1), instant(3)],
        )
        cursor.execute("DELETE FROM observations_reading WHERE series = 1 AND time = %s", [instant(2)])
        cursor.execute("SELECT value FROM observations_reading ORDER BY time")
        assert cursor.fetchall() == [(1.0,), (2.0,)]
    seen = readings([1], START, END)
    assert [one.value for one in seen] == [8.0, 9.0]
    archive()
    assert readings([1], START, END) == seen


def test_old_files_are_deleted_an_hour_after_nobody_begins_to_read_them(archive_folder):
    make_day(DAY, quarters(1, DAY))
    archive()
    old = ArchiveFile.objects.get().name
    make_late([(1, instant(1), 1.0, 0)])
    archive()
    stray = archive_folder / f"day={DAY}" / "1-1-r1-00000000.parquet.tmp"
    stray.write_bytes(b"left by a kill")
    os.utime(stray, (0, 0))
    with clock.at(NOON + timedelta(minutes=59)):
        running.sweep()
    assert (archive_folder / old).exists()
    assert not stray.exists()
    with clock.at(NOON + timedelta(minutes=61)):
        running.sweep()
    assert not (archive_folder / old).exists()
    assert len(readings([1], START, END)) == 96


def test_a_run_that_was_asked_to_stop_leaves_the_day_hot(monkeypatch):
    make_day(DAY, quarters(1, DAY))
    written = moving.write_parts

    def stop_then_write(*arguments, **options):
        assert running.ask_to_stop()
        return written(*arguments, **options)

    monkeypatch.setattr(moving, "write_parts", stop_then_write)
    assert archive().state == ArchiveRun.State.CANCELLED
    assert not ArchiveFile.objects.exists()
    assert len(readings([1], START, END)) == 96


def test_two_runs_are_never_at_work_together():
    with running.alone() as mine:
        assert mine
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [running.LOCK])
                assert cursor.fetchone() == (False,)
        finally:
            other.close()


def test_an_address_of_another_kind_is_refused_in_words(monkeypatch):
    monkeypatch.setenv("MIASTO_ARCHIVE", "gs://bucket/readings")
    with pytest.raises(ImproperlyConfigured, match="s3://"):
        place.place()


moments = st.integers(0, 3 * 96 - 1)
splits = st.lists(
    st.tuples(st.integers(1, 3), moments, st.integers(-5, 5), st.sampled_from(["hot", "late", "gone"])), max_size=40
)


@settings(max_examples=25)
@given(first=splits, then=splits, most=st.integers(1, 60))
def test_any_split_of_readings_between_hot_late_and_cold_reads_the_same(first, then, most):
    from django.db import transaction

    with transaction.atomic():
        expected = {}
        for number in range(3):
            make_day(DAY + timedelta(days=number))
        for batch in (first, then):
            _write(batch, expected)
            _check(expected, most)
            archive()
            _check(expected, most)
        transaction.set_rollback(True)


def _write(batch, expected):
    hot = set(partitions.existing())
    for series, slot, value, kind in batch:
        time = moving.start_of(DAY) + timedelta(minutes=15 * slot)
        if kind == "gone":
            make_late([(series, time, 0.0, flags.DELETED)])
            expected.pop((series, time), None)
            continue
        if kind == "hot" and time.date() in hot and not _touched_late(series, time):
            with connection.cursor() as cursor:
                cursor.execute(
                    """INSERT INTO observations_reading (series, time, value) VALUES (%s, %s, %s)
                       ON CONFLICT (series, time) DO UPDATE SET value = excluded.value""",
                    [series, time, value],
                )
        else:
            make_late([(series, time, float(value), 0)])
        expected[series, time] = float(value)


def _touched_late(series, time):
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM observations_late WHERE series = %s AND time = %s)", [series, time])
        return cursor.fetchone()[0]


def _check(expected, most):
    wanted = [(series, time, value) for (series, time), value in sorted(expected.items())]
    assert [one[:3] for one in readings([1, 2, 3], START, END)] == wanted
    assert [one[:3] for one in readings([1, 2, 3], START, END, most=most)] == wanted[:most]


def test_parts_are_cut_between_series(monkeypatch):
    import numpy as np

    monkeypatch.setattr(moving, "PART_ROWS", 4)
    series = np.array([1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 4])
    pieces = list(moving._pieces(duck.Columns(series, series, series, series)))
    assert [piece.series.tolist() for piece in pieces] == [[1, 1, 1], [2, 2], [3] * 6, [4]]


def test_what_no_late_row_touches_is_not_written_again():
    make_day(DAY, quarters(1, DAY))
    archive()
    assert late.days() == []
    archive()
    assert ArchiveFile.objects.get().revision == 1


def test_many_files_read_by_several_hands_are_in_order(monkeypatch):
    for number in range(4):
        day = DAY + timedelta(days=number)
        make_day(day, quarters(1, day) + quarters(2, day))
    archive()
    ArchiveFile.objects.update(begins=None, groups=None)
    one_hand = readings([1, 2], START, END)
    monkeypatch.setattr(duck, "FILES_EACH", 2)
    assert readings([1, 2], START, END) == one_hand
    assert readings([1, 2], START, END, most=150) == one_hand[:150]
    assert len(one_hand) == 8 * 96
