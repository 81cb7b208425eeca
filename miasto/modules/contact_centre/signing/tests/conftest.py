"""A plan of the interpreter and a clock that stands."""

from datetime import UTC, datetime

import pytest

from miasto.kernel.core import clock
from miasto.kernel.core.city import City

PLAN = {
    "minutes": 30,
    "capacity": 1,
    "days_ahead": 14,
    "notice_minutes": 120,
    "remind_hours": 24,
    "keep_days": 90,
    "room": "https://wideo.przyklad.invalid/{room}",
    "weekly": [
        {"weekday": 2, "from": "09:00", "to": "11:00"},
        {"weekday": 3, "from": "09:00", "to": "10:00", "capacity": 2},
        {"weekday": 4, "from": "09:00", "to": "11:00"},
        {"weekday": 5, "from": "09:00", "to": "10:10"},
    ],
    "exceptions": [{"date": "2026-05-14"}, {"date": "2026-05-19", "from": "12:00", "to": "13:00"}],
}
MONDAY = datetime(2026, 5, 11, 6, 0, tzinfo=UTC)  # 8 o'clock in the city
TUESDAY_9 = datetime(2026, 5, 12, 7, 0, tzinfo=UTC)


@pytest.fixture
def monday(monkeypatch, db):
    """Eight on a Monday morning, with the plan of these tests."""
    read = City.toml
    monkeypatch.setattr(City, "toml", lambda self, file: PLAN if file == "signing.toml" else read(self, file))
    with clock.at(MONDAY):
        yield MONDAY
