"""Intervals, baselines, holes, learning and trials: numbers only, no database."""

from dataclasses import replace
from datetime import UTC, datetime
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.observations.forecasting import baselines, conformal, learning, trying
from miasto.kernel.observations.forecasting.grid import Grid, behind, filled
from miasto.kernel.observations.forecasting.shape import DAY, HOURLY, WEEK, Shape

END = datetime(2026, 5, 12, 10, tzinfo=UTC)
TINY = Shape(
    horizon=24, lags=(1, 2, 3, 24, 168), history=42 * DAY, least=28 * DAY, windows=10, kept_back=3, step=12, trees=25,
    bands=(6, 24), rows=8 * 42 * DAY,
)  # fmt: skip
QUICK = settings(max_examples=60)


def grid_of(values):
    return Grid(list(range(1, len(values) + 1)), np.asarray(values, dtype=float), END)


def noise(rng, series=4, hours=42 * DAY):
    return rng.normal(size=(series, hours))


@QUICK
@given(st.lists(st.integers(-50, 50), min_size=5, max_size=60))
def test_an_exchangeable_error_lies_within_the_others_half_width_as_often_as_promised(errors):
    # Exchangeable: each of them was as likely to be the one that comes. So the chance is the share of those that fit.
    values = np.array(errors, dtype=float)
    inside = [abs(one) <= conformal.half_width(np.delete(values, place), 0.8) for place, one in enumerate(values)]
    assert np.mean(inside) >= 0.8


@QUICK
@given(st.lists(st.integers(0, 10**6), min_size=9, max_size=60, unique=True))
def test_without_ties_it_is_not_much_wider_than_needed(errors):
    values = np.array(errors, dtype=float)
    inside = [one <= conformal.half_width(np.delete(values, place), 0.8) for place, one in enumerate(values)]
    assert np.mean(inside) <= 0.8 + 1 / len(values) + 1e-9


def test_too_few_errors_promise_nothing():
    assert conformal.half_width(np.array([1.0, 2.0, 3.0, np.nan]), 0.8) == inf
    assert conformal.half_width(np.array([1.0, 2.0, 3.0, -4.0]), 0.8) == 4.0


def slow_errors(seed, series=200):
    """Errors (windows, series, hours ahead) of a level that is still foretold while the weather swings ever further."""
    rng = np.random.default_rng(seed)
    hours = HOURLY.tried
    swing = np.cumsum(rng.normal(size=(series, hours)), axis=1) * np.linspace(0.3, 3, hours)
    starts = [hours - before for before in trying.origins(HOURLY)]
    return np.stack([swing[:, one : one + HOURLY.horizon] - swing[:, one, None] for one in starts])


def plainly_covered(errors, shape):
    """As if errors were exchangeable: intervals of the windows before the last ones, held against these."""
    overlap = shape.horizon // shape.step
    plain = conformal.half_widths(errors[: -shape.kept_back - overlap + 1], shape)
    return np.nanmean(conformal.covered(errors[-shape.kept_back :], plain, shape))


def test_where_the_weather_swings_further_each_day_intervals_follow():
    errors = slow_errors(5)
    widths, held = conformal.tracked(errors, HOURLY)
    assert plainly_covered(errors, HOURLY) < 0.6 < 0.7 < held.mean()
    assert (widths >= conformal.cautious(errors, HOURLY)).all()
    assert (np.diff(widths, axis=1) >= 0).all()


def test_where_errors_are_exchangeable_intervals_hold_as_promised_and_are_hardly_wider():
    errors = np.random.default_rng(6).normal(size=(HOURLY.windows, 200, HOURLY.horizon))
    widths, held = conformal.tracked(errors, HOURLY)
    assert 0.78 <= held.mean() <= 0.95
    assert np.median(widths / conformal.cautious(errors, HOURLY)) < 1.1


def test_no_window_is_judged_by_what_came_after_it_began():
    errors = np.random.default_rng(7).normal(size=(HOURLY.windows, 3, HOURLY.horizon))
    later = errors.copy()
    later[-1] *= 100  # the last window: only its own hours may be outside
    before, after = (conformal.tracked(one, HOURLY)[1] for one in (errors, later))
    inside = conformal.covered(errors[-1:], conformal.cautious(errors[:-2], HOURLY), HOURLY)
    assert (before - after <= inside / HOURLY.kept_back + 1e-9).all()
    assert (after > 0.5).all()


def test_hours_of_which_nothing_is_known_say_nothing_about_intervals():
    errors = np.full((HOURLY.windows, 2, HOURLY.horizon), np.nan)
    errors[:, 0] = np.random.default_rng(8).normal(size=(HOURLY.windows, HOURLY.horizon))
    errors[-2, 0] = np.nan
    widths, held = conformal.tracked(errors, HOURLY)
    assert 0.6 < held[0] <= 1
    assert np.isfinite(widths[0]).all()
    assert np.isnan(held[1])
    assert np.isinf(widths[1]).all()


@QUICK
@given(st.data())
def test_holes_are_filled_from_the_past_alone(data):
    hours = data.draw(st.integers(2, 400))
    values = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(3, hours))
    values[np.random.default_rng(hours).random((3, hours)) < data.draw(st.floats(0, 0.9))] = np.nan
    values[:, 0] = 0.0
    cut = data.draw(st.integers(1, hours - 1))
    changed = values.copy()
    changed[:, cut:] = 1e9
    whole = filled(values)
    assert not np.isnan(whole).any()
    known = ~np.isnan(values)
    assert (whole[known] == values[known]).all()
    assert (filled(changed)[:, :cut] == whole[:, :cut]).all()


def test_a_hole_is_as_a_week_before_and_the_end_is_known_by_series():
    values = np.arange(200.0)[None].repeat(2, axis=0)
    values[0, 180:182] = np.nan
    values[1, -3:] = np.nan
    whole = filled(values)
    assert whole[0, 180:182].tolist() == [12.0, 13.0]
    assert behind(values).tolist() == [0, 3]


def test_baselines_repeat_what_they_are_named_after():
    values = np.arange(4.0 * WEEK)[None]
    assert baselines.predict("still", values, 3)[0].tolist() == [671.0] * 3
    assert baselines.predict("day", values, 26)[0, [0, 23, 24]].tolist() == [648.0, 671.0, 648.0]
    assert baselines.predict("week", values, 2)[0].tolist() == [504.0, 505.0]
    assert baselines.predict("usual", values, 1)[0, 0] == np.mean([0, 168, 336, 504])
    assert np.isnan(baselines.predict("usual", values[:, :WEEK], 1)).all()


def test_of_noise_nothing_is_claimed():
    tried = trying.try_out(grid_of(noise(np.random.default_rng(1))), TINY)
    assert tried.method == [""] * 4
    assert set(tried.baseline) == {"level"}
    assert (tried.baseline_error <= tried.model_error * 1.05).all()


def test_of_a_random_walk_nothing_is_claimed():
    tried = trying.try_out(grid_of(noise(np.random.default_rng(2)).cumsum(axis=1)), TINY)
    assert trying.MODEL not in tried.method
    assert tried.method.count("") >= 3


def test_a_week_that_repeats_exactly_is_left_to_the_baseline():
    week = np.random.default_rng(3).normal(size=(6, WEEK))
    tried = trying.try_out(grid_of(np.tile(week, 6)), TINY)
    assert set(tried.method) <= {"week", "usual"}
    assert tried.baseline_error.max() < 1e-9


@pytest.fixture(scope="module")
def learnable():
    """Six series in which a high day follows a low one: what no baseline knows, for a week has an odd number of days."""
    rng = np.random.default_rng(4)
    hours = np.arange(42 * DAY)
    turns = np.where(hours // DAY % 2, 1.0, -1.0)
    return 10 + 3 * turns * np.sin(2 * np.pi * hours / DAY) ** 2 + rng.normal(scale=0.5, size=(6, len(hours)))


@pytest.fixture(scope="module")
def tried(learnable):
    return trying.try_out(grid_of(learnable), replace(TINY, trees=60))


def test_what_can_be_learned_is_foretold_by_the_model_with_intervals_that_hold(tried):
    assert tried.method == [trying.MODEL] * 6
    assert (tried.model_error < 0.7 * tried.baseline_error).all()
    assert 0.7 <= np.nanmean(tried.covered) <= 0.95
    assert (tried.halves[:, 0] <= tried.halves[:, 1]).all()


def test_changing_the_future_changes_no_forecast_and_no_trial_before_it(learnable):
    changed = learnable.copy()
    changed[:, -TINY.step :] = 1e6
    grid, other = grid_of(learnable), grid_of(changed)
    learned, same = (learning.learn(one.until(TINY.tried), TINY) for one in (grid, other))
    assert learned.text == same.text
    for before in trying.origins(TINY)[:-1]:  # the last window lies in what was changed, its past does not
        found, again = (learning.predict(learned, one.until(before), TINY) for one in (grid, other))
        assert (found == again).all()
    length = learnable.shape[1]
    assert max(trying.origins(TINY)) == TINY.tried < length


def test_a_model_is_the_same_after_it_was_written_down(learnable):
    grid = grid_of(learnable)
    learned = learning.learn(grid, TINY)
    found = learning.predict(learning.Learned(str(learned.text)), grid.take(np.array([3])), TINY)
    assert np.allclose(found[0], learning.predict(learned, grid, TINY)[3])


def test_rows_are_limited_by_fewer_hours_first_and_then_by_fewer_series(learnable):
    grid = grid_of(learnable)
    found = [learning.chosen(grid, replace(TINY, rows=rows)).values for rows in (10**6, 6 * 35 * DAY, 2 * 28 * DAY)]
    assert [one.shape for one in found] == [(6, 42 * DAY), (6, 35 * DAY), (2, 28 * DAY)]
    assert (found[1] == learnable[:, -35 * DAY :]).all()


def test_the_calendar_is_the_citys():
    import pandas as pd

    times = pd.DatetimeIndex(["2026-04-30 22:00", "2026-05-01 12:00", "2026-05-04 12:00"])  # midnight before 1 May, in summer
    assert learning.hour_of_day(times).tolist() == [0, 14, 14]
    assert learning.day_of_week(times).tolist() == [4, 4, 0]
    assert learning.free_day(times).tolist() == [1.0, 1.0, 0.0]
    assert HOURLY.bands[-1] == HOURLY.horizon
