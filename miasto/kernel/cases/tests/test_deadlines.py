"""Terms by KPA art. 57, and the clock that can be held."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.cases.deadlines import Term, end_of_term, is_working, months_after, next_working, working_between
from miasto.kernel.core import clock

DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
LENGTHS = st.integers(1, 90)
PAUSES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 40)), max_size=5)


def test_the_day_of_filing_is_not_counted():
    assert end_of_term(date(2026, 5, 11), 1) == date(2026, 5, 12)


@pytest.mark.parametrize(
    ("start", "days", "end", "why"),
    [
        (date(2026, 5, 8), 1, date(2026, 5, 11), "an end on a Saturday moves to Monday"),
        (date(2026, 5, 9), 1, date(2026, 5, 11), "an end on a Sunday moves to Monday"),
        (date(2026, 4, 5), 1, date(2026, 4, 7), "Easter Monday is free"),
        (date(2026, 6, 3), 1, date(2026, 6, 5), "Corpus Christi is free"),
        (date(2026, 12, 10), 14, date(2026, 12, 28), "Christmas Eve has been free since 2025, then Christmas and a weekend"),
        (date(2024, 12, 10), 14, date(2024, 12, 24), "Christmas Eve of 2024 was a working day"),
        (date(2026, 10, 31), 1, date(2026, 11, 2), "All Saints' Day on a Sunday is not given back"),
        (date(2026, 12, 31), 30, date(2027, 2, 1), "a term goes over the end of the year"),
    ],
)
def test_an_end_on_a_free_day_moves_to_the_next_working_day(start, days, end, why):
    assert end_of_term(start, days) == end, why


def test_working_days_leave_out_weekends_and_holidays():
    assert end_of_term(date(2026, 4, 30), 3, working=True) == date(2026, 5, 6)


@given(DAYS, LENGTHS, st.booleans())
def test_a_term_always_ends_on_a_working_day_and_is_never_shorter_than_its_length(start, days, working):
    end = end_of_term(start, days, working=working)
    assert is_working(end)
    assert (end - start).days >= days
    if working:
        assert working_between(start, end) == days


@given(DAYS, LENGTHS, st.booleans(), PAUSES)
def test_holding_the_clock_never_shortens_a_term(start, days, working, pauses):
    term, day, before = Term(start, days, working), start, Term(start, days, working).due_on
    for run, held in pauses:
        day += timedelta(days=run)
        term = term.hold(day)
        day += timedelta(days=held)
        term = term.resume(day)
        assert term.due_on >= before
        before = term.due_on


@given(DAYS, LENGTHS, PAUSES)
def test_the_days_on_which_the_clock_ran_up_to_the_end_are_the_length_of_the_term(start, days, pauses):
    """Days of the calendar from filing to the unmoved end, less the held ones, are the days of the term."""
    term, day, held_days = Term(start, days), start, 0
    for run, held in pauses:
        day += timedelta(days=run)
        term = term.hold(day).resume(day + timedelta(days=held))
        day += timedelta(days=held)
        held_days += held
    unmoved = start + timedelta(days=days + held_days)
    assert term.paused == held_days
    assert unmoved <= term.due_on < unmoved + timedelta(days=8)


@given(DAYS, LENGTHS, st.integers(0, 60), st.integers(0, 60))
def test_working_days_while_the_clock_was_held_are_given_back(start, days, run, held):
    stop = start + timedelta(days=run)
    back = stop + timedelta(days=held)
    term = Term(start, days, True).hold(stop).resume(back)
    assert working_between(start, term.due_on) == days + working_between(stop, back)


def test_holding_twice_keeps_the_first_day_and_resuming_a_running_clock_changes_nothing():
    term = Term(date(2026, 5, 11), 14).hold(date(2026, 5, 12))
    assert term.hold(date(2026, 5, 20)) == term
    running = term.resume(date(2026, 5, 14))
    assert running.resume(date(2026, 5, 20)) == running
    assert running.paused == 2


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_of_23_or_25_hours_counts_as_one_day(night):
    evening = clock.start_of(night) + timedelta(minutes=-1)
    after = clock.start_of(night + timedelta(days=1))
    hours = (after - clock.start_of(night)).total_seconds() / 3600
    assert hours in (23, 25)
    days = (clock.local(after).date() - clock.local(evening).date()).days
    assert days == 2


def test_the_local_date_decides_not_the_utc_date():
    late = datetime(2026, 5, 11, 22, 30, tzinfo=UTC)
    assert clock.local(late).date() == date(2026, 5, 12)
    assert end_of_term(clock.local(late).date(), 1) == date(2026, 5, 13)


@pytest.mark.parametrize(
    ("start", "months", "end", "why"),
    [
        (date(2026, 5, 12), 1, date(2026, 6, 12), "the day of the same number"),
        (date(2027, 1, 31), 1, date(2027, 3, 1), "no 31 February: its last day is a Sunday, so Monday"),
        (date(2028, 1, 31), 1, date(2028, 2, 29), "the last day of February in a leap year"),
        (date(2026, 3, 31), 1, date(2026, 4, 30), "no 31 April"),
        (date(2026, 8, 31), 3, date(2026, 11, 30), "three months of a petition, no 31 November"),
        (date(2026, 11, 30), 3, date(2027, 3, 1), "over the end of the year, 28 February is a Sunday"),
        (date(2026, 12, 12), 1, date(2027, 1, 12), "over the end of the year"),
        (date(2026, 4, 11), 1, date(2026, 5, 11), "received on a Saturday, the month begins on it"),
        (date(2026, 12, 1), 1, date(2027, 1, 4), "New Year's Day is a free Friday, then a weekend"),
    ],
)
def test_a_term_in_months_ends_as_article_57_paragraph_3_says(start, months, end, why):
    assert Term(start, 0, months=months).due_on == end, why


@given(DAYS, st.integers(1, 24))
def test_a_term_in_months_ends_in_the_right_month_on_the_day_of_the_same_number_or_the_last(start, months):
    end = months_after(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)
    assert Term(start, 0, months=months).due_on == next_working(end)


def test_days_for_which_the_clock_was_held_are_added_to_a_term_in_months():
    term = Term(date(2026, 1, 31), 0, months=1).hold(date(2026, 2, 5)).resume(date(2026, 2, 9))
    assert term.due_on == date(2026, 3, 4)
