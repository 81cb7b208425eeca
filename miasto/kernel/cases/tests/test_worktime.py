"""Promises in hours: the working week, pauses, holidays, nights with a change of the clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from miasto.kernel.cases.worktime import ALWAYS, Week, held_seconds, week_of
from miasto.kernel.core import clock

OFFICE = Week(((450, 930),) * 5 + (None, None))
NIGHT_SHIFT = Week(((0, 360),) * 7, on_free_days=True)
WEEKS = st.sampled_from([OFFICE, ALWAYS, NIGHT_SHIFT])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
HOURS = st.floats(0.1, 200)
PAUSES = st.lists(st.tuples(st.integers(0, 20 * 24 * 60), st.integers(0, 30 * 24 * 60)), max_size=6)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=clock.zone()).astimezone(UTC)


def spans(start: datetime, pauses: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    """Pauses, perhaps overlapping, by minutes after the start and length in minutes."""
    return [(start + timedelta(minutes=at), start + timedelta(minutes=at + length)) for at, length in pauses]


@pytest.mark.parametrize(
    ("start", "hours", "end", "why"),
    [
        ((2026, 5, 12, 9, 0), 4, (2026, 5, 12, 13, 0), "within a day"),
        ((2026, 5, 12, 14, 30), 4, (2026, 5, 13, 10, 30), "over the night"),
        ((2026, 5, 15, 14, 30), 4, (2026, 5, 18, 10, 30), "over a weekend"),
        ((2026, 5, 16, 12, 0), 1, (2026, 5, 18, 8, 30), "from a Saturday"),
        ((2026, 6, 3, 15, 0), 1, (2026, 6, 5, 8, 0), "over Corpus Christi"),
        ((2026, 12, 23, 15, 0), 1, (2026, 12, 28, 8, 0), "over Christmas, whose Eve is free since 2025"),
        ((2026, 3, 27, 15, 0), 1, (2026, 3, 30, 8, 0), "over the weekend of the change to summer time"),
    ],
)
def test_hours_of_an_office_end_within_its_hours(start, hours, end, why):
    assert OFFICE.after(local(*start), hours) == local(*end), why


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 12), 24)])
def test_round_the_clock_a_civil_day_has_its_true_hours(day, hours):
    start, end = clock.start_of(day), clock.start_of(day + timedelta(days=1))
    assert ALWAYS.seconds_between(start, end) == hours * 3600
    assert ALWAYS.after(start, hours) == end


@given(WEEKS, MOMENTS, HOURS, PAUSES)
def test_up_to_the_end_of_a_promise_exactly_its_hours_were_worked_whatever_the_pauses(week, start, hours, pauses):
    held = spans(start, pauses)
    end = week.after(start, hours, held)
    assert abs(week.seconds_between(start, end, held) - hours * 3600) < 0.01


@given(WEEKS, MOMENTS, HOURS, PAUSES, st.tuples(st.integers(0, 20 * 24 * 60), st.integers(0, 30 * 24 * 60)))
def test_one_more_pause_never_brings_the_end_nearer(week, start, hours, pauses, more):
    held = spans(start, pauses)
    assert week.after(start, hours, held + spans(start, [more])) >= week.after(start, hours, held)


@given(MOMENTS, HOURS, st.integers(1, 30 * 24 * 60))
def test_round_the_clock_a_pause_before_the_end_moves_it_by_its_own_length(start, hours, minutes):
    pause = spans(start, [(0, minutes)])
    assert ALWAYS.after(start, hours, pause) - ALWAYS.after(start, hours) == timedelta(minutes=minutes)


@given(WEEKS, MOMENTS, st.lists(st.integers(0, 40 * 24 * 60), min_size=1, max_size=6))
def test_time_in_parts_is_the_time_of_the_whole(week, start, cuts):
    points = [start, *sorted(start + timedelta(minutes=cut) for cut in cuts)]
    parts = sum(week.seconds_between(one, other) for one, other in pairwise(points))
    assert abs(parts - week.seconds_between(start, points[-1])) < 0.01


@given(MOMENTS, st.integers(0, 60 * 24 * 60), PAUSES)
def test_held_time_counts_each_moment_once_and_the_rest_is_the_net_time(start, minutes, pauses):
    end, held = start + timedelta(minutes=minutes), spans(start, pauses)
    counted = {m for at, length in pauses for m in range(at, min(at + length, minutes))}
    assert held_seconds(held, start, end) == len(counted) * 60
    assert held_seconds(held, start, end) + ALWAYS.seconds_between(start, end, held) == pytest.approx(minutes * 60)


@given(MOMENTS, HOURS)
def test_an_end_lies_in_working_hours_of_a_working_day(start, hours):
    end = clock.local(OFFICE.after(start, hours))
    assert end.weekday() < 5
    assert 450 <= end.hour * 60 + end.minute + end.second / 60 <= 930.001


@given(WEEKS, MOMENTS, MOMENTS)
def test_there_is_no_time_before_the_start(week, start, end):
    assume(end <= start)
    assert week.seconds_between(start, end) == 0


def test_a_week_without_hours_is_refused_instead_of_walked_for_ever():
    with pytest.raises(ValueError, match="without working hours"):
        Week((None,) * 7).after(local(2026, 5, 12, 9, 0), 1)


def test_a_unit_that_the_profile_does_not_name_works_in_office_hours():
    assert week_of("nie-ma-takiej").span(date(2026, 5, 16)) is None
