"""The night sky: judged only when the Sun and the Moon are down."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.modules.environment.law import night_sky as law

NOW = datetime(2026, 11, 10, 10, 20, tzinfo=UTC)


def days(*when):
    return (datetime(*when, tzinfo=UTC) - law.EPOCH).total_seconds() / 86400


def apart(one, other):
    return abs((one - other + 180) % 360 - 180)


def test_sun_and_moon_stand_where_eclipses_put_them():
    sun_eclipse, moon_eclipse = days(2026, 8, 12, 17, 46), days(2026, 3, 3, 11, 34)
    assert apart(law.sun_longitude(sun_eclipse), law.moon_place(sun_eclipse)[0]) < 0.7
    assert abs(law.moon_place(sun_eclipse)[1]) < 1.5
    assert apart(law.sun_longitude(moon_eclipse), law.moon_place(moon_eclipse)[0] + 180) < 0.7


def test_the_sun_stands_at_noon_of_the_equinox_as_high_as_the_latitude_leaves():
    noon = datetime(2026, 3, 20, 12, 7, tzinfo=UTC)  # local noon on the prime meridian
    assert law.altitude(noon, 0, 50, law.sun_longitude(days(2026, 3, 20, 12, 7)), 0) == pytest.approx(40, abs=0.3)


def test_there_is_no_dark_hour_at_midsummer_in_poland_and_by_day():
    start = datetime(2026, 6, 20, tzinfo=UTC)
    assert not any(law.dark(start + timedelta(hours=hour), 20.6, 50.9) for hour in range(48))
    assert not law.dark(datetime(2026, 11, 10, 11, tzinfo=UTC), 20.6, 50.9)
    assert law.dark(datetime(2026, 11, 9, 23, tzinfo=UTC), 20.6, 50.9)  # new moon
    assert not law.dark(datetime(2026, 11, 24, 23, tzinfo=UTC), 20.6, 50.9)  # full moon


@given(st.floats(15, 23), st.floats(0.01, 3))
def test_a_brighter_sky_is_never_in_a_darker_step(magnitude, less):
    assert law.step_of(magnitude - less) >= law.step_of(magnitude)
    assert law.times_natural(magnitude - less) >= law.times_natural(magnitude) >= 1
    assert law.times_natural(22 - 2.5) == pytest.approx(10)


@pytest.mark.django_db
def test_the_page_says_how_many_times_brighter_and_is_silent_on_few_hours(station):
    with clock.at(NOW):
        assert "Za mało ciemnych godzin" in Client().get("/nocne-niebo/").content.decode()
        station("light", "rynek", {"sky_brightness": [17.0] * 240}, now=NOW, grade="indicative")
        station("light", "las", {"sky_brightness": [19.5] * 240}, now=NOW, grade="indicative")
        station("light", "nowy", {"sky_brightness": [19.5] * 5}, now=NOW, grade="indicative")
        text = Client().get("/nocne-niebo/").content.decode()
    assert "Najjaśniejsze niebo w mieście jest 100 razy jaśniejsze niż naturalne." in text
    assert ">Stacja rynek</a>" in text
    assert ">Stacja las</a>: 10 razy jaśniej." in text
    assert "trzeba 10" in text
