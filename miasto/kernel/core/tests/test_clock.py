"""Civil days of the city."""

from datetime import UTC, date, datetime

import pytest

from miasto.kernel.core import clock


def test_a_day_of_the_change_to_summer_time_has_23_hours_and_of_the_change_back_25():
    hours = [
        (clock.start_of(date(2026, 3, 30)) - clock.start_of(date(2026, 3, 29))).total_seconds() / 3600,
        (clock.start_of(date(2026, 10, 26)) - clock.start_of(date(2026, 10, 25))).total_seconds() / 3600,
    ]
    assert hours == [23, 25]


def test_today_is_the_citys_day_and_not_that_of_utc():
    with clock.at(datetime(2026, 5, 12, 22, 30, tzinfo=UTC)):
        assert clock.today() == date(2026, 5, 13)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 5, 12)):  # noqa: DTZ001
        pass
