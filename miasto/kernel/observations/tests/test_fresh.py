"""The fast way of the first readings gives what the ordinary way gives."""

from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.services import import_history
from miasto.kernel.observations.store.reading import Reading, days, hot, hours, latest
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db


def rows_of(stream, now):
    return [Reading(stream.pk, now - timedelta(minutes=25 * step), float(step % 37) - 5) for step in range(900)]


def told(stream, now):
    start = now - timedelta(days=40)
    return [
        [row[1:] for row in found]
        for found in (
            hours([stream.pk], start, now + timedelta(hours=1)),
            days([stream.pk], start.date(), now.date() + timedelta(days=1)),
            hot([stream.pk], start, now + timedelta(hours=1)),
            latest([stream.pk]).values(),
        )
    ]


def test_a_year_at_once_and_readings_one_after_another_make_the_same_roll_ups():
    now = clock.now().replace(microsecond=0)
    at_once, bit_by_bit = make_datastream(), make_datastream()
    import_history(rows_of(at_once, now), by=SYSTEM)
    rows = rows_of(bit_by_bit, now)
    import_history(rows[:1], by=SYSTEM)
    import_history(rows[1:], by=SYSTEM)
    first, second = told(at_once, now), told(bit_by_bit, now)
    assert first == second
    assert len(first[0]) > 300
    for stream in (at_once, bit_by_bit):
        row = Datastream.objects.get(pk=stream.pk)
        assert (row.count, row.last_at) == (900, now)
