"""A question about a few series has one answer, wherever its readings lie: hot, late, in files of today or of old."""

import random
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import duck, groups, moving, place, running, series
from miasto.kernel.observations.archive.columns import Columns
from miasto.kernel.observations.archive.models import ArchiveFile
from miasto.kernel.observations.archive.tests.making import make_day, make_late
from miasto.kernel.observations.store import flags, reading
from miasto.kernel.observations.store.reading import Reading, readings

pytestmark = pytest.mark.django_db
FIRST = date(2026, 6, 1)
START = moving.start_of(FIRST)
DAYS, SERIES = 4, 5
MINUTES = DAYS * 24 * 60
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
FAR = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)

instants = st.tuples(st.integers(1, SERIES), st.integers(0, MINUTES - 1))
values = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
bits = st.sampled_from([0, flags.CALIBRATED, flags.EXTRA])
questions = st.tuples(
    st.sets(st.integers(1, SERIES + 1), min_size=1), st.integers(-60, MINUTES + 60), st.integers(0, MINUTES), st.integers(1, 80)
)


@settings(max_examples=20)
@given(
    hot=st.dictionaries(instants, st.tuples(values, bits), max_size=60),
    late=st.lists(st.tuples(instants, values, st.sampled_from([0, 0, flags.CALIBRATED, flags.DELETED])), max_size=25),
    then=st.lists(st.tuples(instants, values, st.sampled_from([0, flags.DELETED])), max_size=15),
    asked=st.lists(questions, min_size=1, max_size=6),
    border=st.integers(0, DAYS),
    unknown=st.integers(0, 3),
)
def test_random_questions_over_hot_late_and_cold_readings_get_what_a_plain_list_gives(hot, late, then, asked, border, unknown):
    from django.db import transaction

    with transaction.atomic():
        told = {key: Reading(key[0], _at(key[1]), *rest) for key, rest in hot.items()}
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            make_day(day, [tuple(one) for one in told.values() if one.time.date() == day])
        _archive(DAYS - border)
        _as_in_former_years(unknown)
        for batch in (late, then):
            corrected = dict(told)
            for key, value, more in batch:  # of one batch the last one counts, and lies over what was before
                _lay(corrected, told, Reading(key[0], _at(key[1]), value, more), key)
            make_late([(key[0], _at(key[1]), value, more) for key, value, more in batch])
            told = corrected
            _check(told, asked)
            _archive(DAYS)
            _as_in_former_years(unknown)
            _check(told, asked)
        transaction.set_rollback(True)


def _at(minute):
    return START + timedelta(minutes=minute)


def _archive(days):
    """All days but the last so many become files; late readings of files go into them."""
    with clock.at(START + timedelta(days=days + 3, hours=12)):
        running.run()


def _as_in_former_years(which):
    """Some files are as those written before their row groups were known."""
    ArchiveFile.objects.filter(
        id__in=[pk for pk in ArchiveFile.objects.values_list("id", flat=True) if pk % 3 == which]
    ).update(begins=None, groups=None)


def _lay(corrected, before, one, key):
    old = before.get(key)
    if one.flags & flags.DELETED:
        corrected.pop(key, None)
        return
    if old and (old.value != one.value or old.flags & flags.CORRECTED):
        one = one._replace(flags=one.flags | flags.CORRECTED)
    corrected[key] = one


def _check(told, asked):
    for wanted, begins, length, most in asked:
        start, end = _at(begins), _at(begins + length)
        plain = sorted(one for one in told.values() if one.series in wanted and start <= one.time < end)
        assert readings(wanted, start, end) == plain
        assert readings(wanted, start, end, most=most) == plain[:most]


def _random_day(day, seed):
    """Twelve series, one of them across three row groups; each kind of values is encoded in its own way."""
    dice = random.Random(seed)
    counts = [dice.choice([1, 40, 96, 1440]) for _ in range(11)] + [13_000]
    dice.shuffle(counts)
    ids = np.repeat(np.arange(10, 22, dtype=np.int32), counts)
    start = duck.micros(moving.start_of(day))
    time = np.concatenate([start + np.arange(count, dtype=np.int64) * 6_000_000 for count in counts])
    noise = np.random.default_rng(seed).normal(20, 5, len(ids))
    value = [noise, np.round(noise), np.full(len(ids), 7.5), np.round(noise, 3) * 1e9][seed % 4]
    return Columns(ids, time, value, (np.arange(len(ids)) % 5 == seed).astype(np.int16))


def test_row_groups_joined_in_memory_hold_what_their_files_hold(monkeypatch):
    days = [FIRST + timedelta(days=number) for number in range(8)]
    made = [one for seed, day in enumerate(days) for one in moving.write_parts(day, _random_day(day, seed), revision=1)]
    assert all(len(bytes(one.groups)) == groups.SIZE * len(one.begins) for one in made)
    assert min(len(one.begins) for one in made) > 2
    ArchiveFile.objects.bulk_create(made)
    names = [one.name for one in made]
    late_start = START + timedelta(days=2, hours=3)
    monkeypatch.setattr(groups, "AT_ONCE", 60_000)  # several files in memory
    for wanted in ([10], [13], [21], [9, 15, 30], list(range(9, 24)), [12, 19]):
        for start, end in (FAR, (late_start, late_start + timedelta(days=3))):
            files = reading._everything(wanted, start, end, 1)[0]
            assert all(records is not None for _name, records in files)
            found = series.scan(files, wanted, start, end)
            plain = duck.scan(names, wanted, start, end)
            assert [one.tolist() for one in found] == [one.tolist() for one in plain]
            assert [one.dtype for one in found] == [one.dtype for one in plain]
            monkeypatch.setattr(groups, "FIRST", 1)
            assert series.scan(files, wanted, start, end, most=50).time.tolist() == plain.time.tolist()[:50]


def test_a_series_is_read_without_the_file_around_it(archive_folder, monkeypatch):
    monkeypatch.setattr(moving, "PART_ROWS", 10**6)
    columns = _random_day(FIRST, 1)
    (made,) = moving.write_parts(FIRST, columns, revision=1)
    made.save()
    ((name, records),) = reading._everything([10], *FAR, 1)[0]
    assert len(records) == groups.SIZE
    asked = []
    read = place.Folder._piece
    monkeypatch.setattr(place.Folder, "_piece", lambda self, *one: asked.append(one) or read(self, *one))
    assert len(readings([10], *FAR)) == int((columns.series == 10).sum())
    assert [one[0] for one in asked] == [name]
    assert sum(length for _name, _start, length in asked) < made.bytes


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_is_gone_or_spoiled_is_told_in_words(archive_folder, known):
    (made,) = moving.write_parts(FIRST, _random_day(FIRST, 0), revision=1)
    if not known:
        made.begins = made.groups = None
    made.save()
    path = archive_folder / made.name
    whole = path.read_bytes()
    path.write_bytes(whole[:500])
    with pytest.raises(place.Unreachable, match="archiwum"):
        readings([21], *FAR)
    path.write_bytes(bytes(len(whole)))
    with pytest.raises(place.Unreachable, match="archiwum"):
        readings([21], *FAR)
    path.unlink()
    with pytest.raises(place.Unreachable, match="archiwum"):
        readings([21], *FAR)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the transaction goes on
