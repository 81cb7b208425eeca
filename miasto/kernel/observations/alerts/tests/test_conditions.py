"""Conditions: parsing, words for mistakes, hysteresis, changes, absence, joining."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.observations.alerts.conditions import Sample, Threshold, codes, parse
from miasto.kernel.observations.alerts.course import Course, Known, Move, moves

T0 = datetime(2026, 5, 12, 8, tzinfo=UTC)
KNOWN = {"pm10", "level"}
HIGH = {"kind": "threshold", "code": "pm10", "op": ">", "value": 100, "clear": 80}
VALUES = st.lists(st.integers(0, 200), min_size=1, max_size=40)


def series(values, *, code="pm10", minutes=10):
    return {code: [Sample(T0 + timedelta(minutes=minutes * n), float(value)) for n, value in enumerate(values)]}


def run(given_, values, *, hold=0, code="pm10", minutes=10):
    samples = series(values, code=code, minutes=minutes)
    found = moves(parse(given_, known=KNOWN), timedelta(minutes=hold), samples, [one.time for one in samples[code]])
    return [move for _at, move in found]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "rodzaj"),
        ("x", "obiektem"),
        ({**HIGH, "code": "xyz"}, "xyz"),
        ({**HIGH, "value": "sto"}, "liczbą"),
        ({**HIGH, "value": float("nan")}, "liczbą"),
        ({**HIGH, "value": True}, "liczbą"),
        ({**HIGH, "clear": 120}, "stronie"),
        ({**HIGH, "op": "="}, "powyżej"),
        ({"kind": "change", "code": "level", "op": ">", "value": 5, "within_s": 0}, "sekund"),
        ({"kind": "all", "of": [HIGH]}, "dwóch"),
        ({"kind": "all", "of": [HIGH, {**HIGH, "value": None}]}, "Warunek 2"),
    ],
)
def test_a_wrong_condition_is_refused_in_words_that_say_where(wrong, words):
    with pytest.raises(ValidationError, match=words):
        parse(wrong, known=KNOWN)


def test_a_condition_is_written_back_as_it_was_read():
    given_ = {"kind": "all", "of": [HIGH, {"kind": "absence", "code": "level", "after_s": 600}]}
    found = parse(given_, known=KNOWN)
    assert found.json() == given_
    assert codes(found) == KNOWN


def test_an_alert_stands_between_its_two_thresholds():
    assert run(HIGH, [90, 101, 90, 81, 79, 90]) == [
        Move.NOTHING,
        Move.BEGINS,
        Move.GOES_ON,
        Move.GOES_ON,
        Move.ENDS,
        Move.NOTHING,
    ]


def test_a_condition_that_must_last_forgets_an_interruption():
    assert run(HIGH, [110, 110, 90, 110, 110, 110], hold=20) == [
        Move.WAITS,
        Move.WAITS,
        Move.NOTHING,
        Move.WAITS,
        Move.WAITS,
        Move.BEGINS,
    ]


def test_a_fast_rise_is_measured_from_the_lowest_reading_of_the_window():
    rise = {"kind": "change", "code": "level", "op": ">", "value": 15, "within_s": 3600}
    assert run(rise, [202, 200, 206, 214, 220, 221, 221, 221, 221, 221, 221], code="level")[3:6] == [
        Move.NOTHING,
        Move.BEGINS,
        Move.GOES_ON,
    ]


def test_an_alert_that_keeps_coming_back_stands_until_it_has_been_calm_for_ten_minutes():
    found = run(HIGH, [150, 50] * 6 + [50] * 12, minutes=1)
    assert found[:6] == [Move.BEGINS, Move.ENDS] * 3
    assert found[6:12] == [Move.BEGINS, Move.CALMS, Move.GOES_ON, Move.CALMS, Move.GOES_ON, Move.CALMS]
    assert found[12:] == [Move.CALMS] * 9 + [Move.ENDS] + [Move.NOTHING] * 2


def test_one_that_comes_back_after_a_while_is_told_each_time():
    found = run(HIGH, [150, 50] * 6, minutes=10)
    assert found == [Move.BEGINS, Move.ENDS] * 6


@given(VALUES, st.integers(1, 12))
def test_however_the_values_jump_an_alert_stands_whenever_they_are_beyond_and_begins_at_most_as_often(values, minutes):
    plain = {"kind": "threshold", "code": "pm10", "op": ">", "value": 100}
    found = run(plain, values, minutes=minutes)
    assert all(move in (Move.BEGINS, Move.GOES_ON) for move, value in zip(found, values, strict=True) if value > 100)
    assert found.count(Move.BEGINS) <= sum(
        1 for before, value in zip([0, *values], values, strict=False) if value > 100 and before <= 100
    )


def test_an_old_reading_says_nothing_of_now():
    view = Known(series([150]), T0 + timedelta(hours=3))
    assert not Threshold("pm10", ">", 100).holds(view, active=False)


@given(VALUES)
def test_beginnings_and_ends_take_turns(values):
    found = [move for move in run(HIGH, values) if move in (Move.BEGINS, Move.ENDS)]
    assert found == [Move.BEGINS, Move.ENDS] * (len(found) // 2) + [Move.BEGINS] * (len(found) % 2)


@given(VALUES, st.integers(0, 40), st.sampled_from([1, 4, 10]))
def test_it_does_not_matter_where_a_chunk_ends(values, cut, minutes):
    samples = series(values, minutes=minutes)
    instants = [one.time for one in samples["pm10"]]
    condition, hold = parse(HIGH, known=KNOWN), timedelta(minutes=20)
    whole, course = list(moves(condition, hold, samples, instants)), Course()
    first, rest = (list(moves(condition, hold, samples, some, course=course)) for some in (instants[:cut], instants[cut:]))
    assert first + rest == whole


@given(VALUES)
def test_without_hysteresis_an_alert_stands_exactly_while_the_value_is_beyond(values):
    plain = {"kind": "threshold", "code": "pm10", "op": ">", "value": 100}
    standing = [move in (Move.BEGINS, Move.GOES_ON) for move in run(plain, values)]
    assert standing == [value > 100 for value in values]
