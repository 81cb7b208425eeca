"""Chunks of the fold: what is slow in one lane makes its own chunks small, so a danger to life waits for a moment only.

And the bell that wakes it, which outlives its connection.
"""

import pytest
from django.db import DatabaseError, connection

from miasto.kernel.observations.store.running import Bell, Pace
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


@pytest.mark.django_db
def test_a_bell_whose_database_left_says_so_in_djangos_words_and_rings_again():
    bell = Bell()
    assert bell.wait(0.1) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [bell._wrapper.connection.info.backend_pid])
    with pytest.raises(DatabaseError):
        bell.wait(5)
    bell.close()
    assert bell.wait(0.1) == bell.wait(0.1) == []
    bell.close()
