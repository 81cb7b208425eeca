"""The demo is loaded on any day of the year: weekends and holidays push office work on, but never out of its order."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.free_days import is_working
from miasto.modules.contact_centre.demo import petitions
from miasto.modules.contact_centre.demo.rhythm import office_after, office_time

MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(MOMENTS, st.integers(0, 99))
def test_office_time_is_never_before_what_was_asked_for_nor_on_a_free_day(moment, seed):
    found = office_time(random.Random(seed), moment)
    assert found >= moment
    assert is_working(clock.local(found).date())


@given(MOMENTS, st.floats(-20, 20), st.integers(0, 99))
def test_what_follows_is_an_hour_later_at_least(former, days, seed):
    assert office_after(random.Random(seed), former, former + timedelta(days=days)) >= former + timedelta(hours=1)


def test_the_steps_of_every_petition_are_in_order_on_every_day_of_a_year():
    entries = city().toml("demo_petitions.toml")["petitions"]
    dice = random.Random(1)
    for day in range(366):
        now = datetime(2026, 11, 23, 8, tzinfo=UTC) + timedelta(days=day)
        for entry in entries:
            filed_at = office_time(dice, now - timedelta(days=entry["days_ago"]))
            at = [filed_at, *(step.at for step in petitions._life(entry, filed_at, dice, None))]
            assert at == sorted(at), (now, entry["title"])
