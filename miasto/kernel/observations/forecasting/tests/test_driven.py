"""What follows the rain: reservoirs, neighbours upstream, and a trial that counts only the times when the river moved."""

import numpy as np
import pytest

from miasto.kernel.observations.forecasting import driven, driving
from miasto.kernel.observations.forecasting.shape import DAY, HOURLY

WEEKS = 70 * DAY


@pytest.fixture(scope="module")
def river():
    """``(level, rain)``: showers now and then, which run off through two reservoirs."""
    rng = np.random.default_rng(7)
    rain = np.where(rng.random(WEEKS) < 0.012, rng.gamma(3.0, 4.0, WEEKS), 0.0)
    rain = np.convolve(rain, np.ones(5) / 2)[:WEEKS]
    held = driven.reservoirs(rain)
    return 50 + 2 * (held[:, 2] - held[:, 0]) + rng.normal(scale=0.3, size=WEEKS), rain


def test_a_reservoir_keeps_what_fell_and_empties_in_its_time():
    left = driven.reservoirs(np.array([10.0, 0, 0, np.nan, 0, 0, 0]))
    assert left[0].tolist() == [10.0] * 4
    assert left[6] == pytest.approx([10 * np.exp(-6 / time) for time in driven.RESERVOIRS])


def test_the_neighbour_whose_changes_come_first_is_upstream_and_not_the_one_below(river):
    level, _rain = river
    others = np.stack([np.roll(level, 4), np.roll(level, -4), np.random.default_rng(1).normal(size=WEEKS)])
    assert driven.ahead_of(level, others) == [1]


def test_rain_that_has_fallen_foretells_the_crest_better_than_its_speed_does(river):
    level, rain = river
    made = driving.trial(level, rain[None], np.empty((0, WEEKS)), HOURLY)
    assert made.found.ahead >= 6
    assert made.found.error < 0.9 * made.found.baseline_error
    assert made.found.covered >= driving.COVERED
    assert made.halves[1][0] >= made.halves[0][0]  # wider where the river moves
    assert len(made.found.model_by_band) == len(HOURLY.bands)


def test_where_the_rain_says_nothing_nothing_is_claimed(river):
    level, _rain = river
    walk = np.random.default_rng(3).normal(size=WEEKS).cumsum()
    dry = np.zeros((1, WEEKS))
    assert driving.trial(walk, dry, np.empty((0, WEEKS)), HOURLY) is None
    assert driving.trial(level[: 20 * DAY], dry[:, : 20 * DAY], np.empty((0, 20 * DAY)), HOURLY) is None


def test_what_comes_later_changes_no_forecast(river):
    level, rain = river
    cut = WEEKS - 5 * DAY
    learned = driven.learn(level[:cut], rain[None, :cut], np.empty((0, cut)), 24)
    changed, wet = level.copy(), rain.copy()
    changed[cut:], wet[cut:] = 1e6, 1e6
    at = np.array([cut - 1])
    none = np.empty((0, WEEKS))
    assert (driven.predict(learned, level, rain[None], none, at) == driven.predict(learned, changed, wet[None], none, at)).all()
