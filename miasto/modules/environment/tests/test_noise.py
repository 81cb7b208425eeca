"""The arithmetic of noise: energies, parts of the day, days above the limit, loud events."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.modules.environment.law import noise as law
from miasto.modules.environment.noise import heat, judging, measuring
from miasto.modules.environment.noise.events import FLOOR, GAP, RISE, STEP, events

LEVELS = st.floats(25, 110)
START = datetime(2026, 3, 2, 23, tzinfo=UTC)


@given(st.lists(LEVELS, min_size=1, max_size=50))
def test_a_mean_of_energy_lies_between_the_mean_of_numbers_and_the_loudest(levels):
    found = law.energetic_mean(levels)
    assert sum(levels) / len(levels) - 1e-9 <= found <= max(levels) + 1e-9


@given(st.lists(LEVELS, min_size=1, max_size=30), st.lists(LEVELS, min_size=1, max_size=30))
def test_the_mean_of_a_whole_is_that_of_its_parts_by_their_length(one, two):
    both = law.energetic_mean(one + two)
    energy = len(one) * 10 ** (law.energetic_mean(one) / 10) + len(two) * 10 ** (law.energetic_mean(two) / 10)
    assert both == pytest.approx(10 * math.log10(energy / (len(one) + len(two))))


@given(LEVELS, LEVELS, LEVELS, st.floats(0.1, 10))
def test_ldwn_grows_with_each_part_and_a_shift_of_all_shifts_it(day, evening, night, more):
    whole = law.ldwn(day, evening, night)
    assert law.ldwn(day + more, evening + more, night + more) == pytest.approx(whole + more)
    for parts in ((day + more, evening, night), (day, evening + more, night), (day, evening, night + more)):
        assert law.ldwn(*parts) > whole
    assert law.ldwn(60, 60, 60) == pytest.approx(66.395, abs=0.001)  # the penalties of a level that never changes


@given(st.lists(LEVELS, min_size=24, max_size=24))
def test_a_day_and_its_night_hold_every_hour_once(levels):
    day, night = law.one_day(enumerate(levels))
    energy = 16 * 10 ** (day / 10) + 8 * 10 ** (night / 10)
    assert law.energetic_mean(levels) == pytest.approx(10 * math.log10(energy / 24))


def test_too_few_hours_give_no_level_of_a_day():
    assert law.one_day([(hour, 60.0) for hour in range(6, 17)]) == (None, None)
    assert law.one_day([(hour, 60.0) for hour in range(6, 18)]) == (pytest.approx(60), None)


def test_a_limit_is_exceeded_by_a_tenth_of_a_decibel():
    assert [law.exceeds(level, 56) for level in (55.9, 56.0, 56.04, 56.06, 57.0)] == [False, False, False, True, True]
    assert not law.exceeds(None, 56)


@given(st.lists(LEVELS, min_size=1, max_size=100), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_statistical_level_is_exceeded_for_its_share_of_the_time(levels, share):
    found = law.exceeded_for(levels, share)
    assert found in levels
    assert sum(one > found for one in levels) <= share * len(levels)


@given(st.lists(st.floats(30, 90), min_size=60, max_size=200))
@settings(max_examples=60)
def test_events_hold_every_loud_minute_once_and_lie_apart(levels):
    rows = [(START + STEP * number, level) for number, level in enumerate(levels)]
    found = events(rows)
    threshold = max(law.exceeded_for(levels, 0.9) + RISE, FLOOR)
    for at, level in rows:
        assert sum(one.start <= at < one.end for one in found) <= 1
        assert level < threshold or any(one.start <= at < one.end for one in found)
    for one, after in pairwise(found):
        assert after.start - one.end > GAP
    assert all(threshold <= one.laeq <= one.most + 1e-9 for one in found)


def test_a_motorcycle_is_one_event_and_half_an_hour_of_readings_says_nothing():
    quiet = [(START + STEP * number, 41.0 + number % 3) for number in range(120)]
    loud = [*quiet[:50], (quiet[50][0], 68.0), quiet[51], (quiet[52][0], 63.0), *quiet[53:]]
    (found,) = events(loud)
    assert (found.start, found.end, found.most) == (quiet[50][0], quiet[52][0] + STEP, 68.0)
    assert events(loud[:55]) == []


def test_the_night_is_named_by_its_evening():
    assert measuring.night_of(datetime(2026, 3, 2, 21, 30, tzinfo=UTC)) == date(2026, 3, 2)
    assert measuring.night_of(datetime(2026, 3, 3, 4, 59, tzinfo=UTC)) == date(2026, 3, 2)
    assert measuring.night_of(datetime(2026, 3, 3, 5, 0, tzinfo=UTC)) is None
    start, end = measuring.bounds(date(2026, 3, 28))  # clocks go forward in that night
    assert end - start == timedelta(hours=7)


def test_nights_over_the_limit_are_counted_by_the_day_on_whose_evening_they_begin():
    first = datetime(2026, 3, 2, 5, tzinfo=UTC)  # 6:00 in the city
    levels = [60.0] * 16 + [50.0] * 8 + [60.0] * 16 + [58.0] * 8
    hours = [judging.Hour(first + timedelta(hours=number), level) for number, level in enumerate(levels)]
    found = judging.judged(hours, 2, law.AREAS["multi"])
    assert found.excess == judging.Excess(days=2, nights=2, days_over=0, nights_over=1)
    assert judging.judged(hours, 2, None).excess.nights_over == 0


def test_the_field_of_hours_has_a_cell_for_each_and_a_dash_where_nothing_was_measured():
    found = heat.heat([judging.Hour(datetime(2026, 3, 2, 11, tzinfo=UTC), 71.2)], date(2026, 3, 2), 3)
    assert [text for _kind, text in found["rows"][0]["cells"]] == ["–"] * 12 + ["71"] + ["–"] * 11
    assert found["rows"][0]["cells"][12][0] == "env-noise-6"
    assert len(found["rows"]) == 3


@pytest.mark.django_db
def test_an_hour_is_made_of_energy_and_its_night_has_its_events(station):
    now = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    levels = [42.0] * 60
    levels[30:33] = [72.0, 70.0, 71.0]
    with clock.at(now):
        thing = station("noise", "glosna", {"laeq": levels}, now=now, step=STEP, end=now, properties={"area": "multi"})
        assert measuring.measure_noise() == 1
        assert measuring.measure_noise() == 0
        series = thing.datastreams.get().pk
        (hour,) = judging.hours_of([series], now - timedelta(hours=2), now)[series]
        (event,) = judging.nights([series], date(2026, 3, 2))[series]
    assert hour.laeq == pytest.approx(law.energetic_mean(levels))
    assert hour.laeq > sum(levels) / len(levels) + 10
    assert (event.night, event.most, event.end - event.start) == (date(2026, 3, 2), 72.0, 3 * STEP)
    with clock.at(now + timedelta(days=300)):  # a job of the night looks so far back, also at what came by a file
        later = station("noise", "z-pliku", {"laeq": levels}, now=now, step=STEP, end=now).datastreams.get().pk
        assert measuring.measure_noise() == 0
        assert measuring.measure_noise(measuring.LONG_AGO) == 1
        (hour,) = judging.hours_of([later], now - timedelta(hours=2), now)[later]
        assert hour.laeq == pytest.approx(law.energetic_mean(levels))
