"""Chunks of the fold: what is slow in one lane makes its own chunks small, so a danger to life waits for a moment only."""

from miasto.kernel.observations.store.running import Pace
from miasto.kernel.observations.store.staging import LIFE


def test_readings_that_each_raise_an_alert_are_folded_a_few_at_once():
    pace = Pace()
    before = pace.chunks[0], pace.chunks[LIFE]
    pace.learn(1, pace.chunks[1], 10.0)
    assert pace.chunks[1] == 35, "what fits in a third of a second at ten milliseconds each"
    pace.learn(1, 35, 5.0)
    assert pace.chunks[1] == Pace.LEAST_WATCHED
    assert (pace.chunks[0], pace.chunks[LIFE]) == before


def test_a_lane_that_is_quick_grows_again():
    pace = Pace()
    for _time in range(20):
        pace.learn(1, pace.chunks[1], 0.1)
    assert pace.chunks[1] == Pace.MOST
    pace.learn(0, 5, 0.01)
    assert pace.chunks[0] == 10_000, "a chunk that was not full says nothing"
