"""Free days come from the law of the profile's country, with their names."""

from datetime import date

import pytest

from miasto.kernel.core import free_days


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 11), "Narodowe Święto Niepodległości"),
        (date(2026, 6, 4), "Dzień Bożego Ciała"),
        (date(2026, 12, 24), "Wigilia"),
        (date(2026, 11, 12), ""),
    ],
)
def test_a_free_day_has_its_polish_name(day, name):
    assert name in free_days.name_of(day)
    assert free_days.is_free(day) is bool(name)


def test_a_saturday_is_not_free_by_law_and_yet_no_working_day():
    saturday = date(2026, 11, 14)
    assert not free_days.is_free(saturday)
    assert not free_days.is_working(saturday)
    assert free_days.next_working(saturday) == date(2026, 11, 16)


def test_the_name_is_told_in_english_too():
    assert free_days.name_of(date(2026, 11, 11), "en-gb") == "National Independence Day"
