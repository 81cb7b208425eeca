"""Days on which offices do not work: weekends, days free by law, and those that the city's profile adds.

The one place for terms (KPA art. 57 § 4) and for opening hours. Days free by law come from the library ``holidays`` for the
country of the profile's table ``[holidays]``; its ``extra`` and the older list ``free_days`` add days of the city's own.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import holidays

from miasto.kernel.core.city import city

DAY = timedelta(days=1)
SATURDAY = 5
LANGUAGES = {"pl": "pl", "en": "en_US"}


def country() -> str:
    """The country whose law frees days, as ISO 3166-1 (two letters)."""
    return str(city().section("holidays").get("country") or city().data.get("country", "PL"))


def is_working(day: date) -> bool:
    """Whether offices work: neither a weekend nor a free day."""
    return day.weekday() < SATURDAY and not is_free(day)


def is_free(day: date) -> bool:
    """Whether the day is free by law or by the profile, whatever day of the week it is."""
    return day in _by_law(country(), day.year, "pl") or day in _by_profile()


def name_of(day: date, language: str = "pl") -> str:
    """The name of a free day in Polish or English (the country's language where it has neither); empty for any other day."""
    own = _by_profile().get(day, "")
    return own or _by_law(country(), day.year, LANGUAGES.get(language[:2], "pl")).get(day, "")


def next_working(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working(day):
        day += DAY
    return day


@cache
def _by_law(code: str, year: int, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays(code, years=[year], language=language))


@cache
def _by_profile() -> dict[date, str]:
    days: dict[date, str] = {_date(day): "" for day in city().section("free_days") or ()}
    for row in city().section("holidays").get("extra", ()):
        days[_date(row["date"])] = str(row.get("name", ""))
    return days


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
