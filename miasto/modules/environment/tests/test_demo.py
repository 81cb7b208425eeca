"""The made-up stations: lawful values, the same whenever they are made, and alive."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import give_competence, make_unit
from miasto.kernel.core import clock, marks
from miasto.kernel.observations.selectors import latest
from miasto.kernel.observations.services import declared_property, import_datastreams
from miasto.modules.environment import demo
from miasto.modules.environment.demo import signals, sites, troubles

PLACE = {"salt": 3.0, "city": 7.0, "base": 40, "gain": 3.0}


def test_a_moment_has_one_value_however_it_is_asked_for():
    hours = np.arange(490_000, 490_050, dtype=float)
    for code in signals._MADE:
        whole = signals.values(code, signals.sky(hours, 7.0), PLACE, 7.0)
        one = signals.values(code, signals.sky(hours[20:21], 7.0), PLACE, 7.0)
        assert whole[20] == pytest.approx(one[0]), code
        assert np.isfinite(whole).all(), code


def test_winter_has_more_smog_than_summer_and_rain_lifts_the_rivers():
    day = (datetime(2026, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * 24.0
    winter, summer = np.arange(day, day + 24 * 45), np.arange(day + 24 * 170, day + 24 * 215)
    dust = [signals.values("pm10", signals.sky(span, 7.0), PLACE, 7.0).mean() for span in (winter, summer)]
    assert dust[0] > 1.5 * dust[1]
    year = np.arange(day, day + 24 * 365)
    level = signals.values("water_level", signals.sky(year, 7.0), PLACE, 7.0)
    wet = signals.swell(year, 7.0)
    assert np.corrcoef(level, wet)[0, 1] > 0.9


def test_the_profile_has_a_hundred_and_twenty_stations_with_names_of_their_own():
    rows = sites.rows()
    assert len(rows) >= 115
    assert len({row["slug"] for row in rows}) == len(rows)


def test_no_value_of_the_demo_stands_for_so_long_that_a_healthy_sensor_would_be_called_stuck():
    day = (datetime(2026, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * 24.0
    hours = np.arange(day, day + 24 * 365)
    now = signals.sky(hours, sites.rows()[0]["city"])
    for row in sites.rows():
        for code in row["codes"]:
            said = sites.seen(code, row, signals.values(code, now, row, row["city"]))
            starts = np.flatnonzero(np.r_[True, np.diff(said) != 0])
            longest = np.diff(np.r_[starts, len(said)])[said[starts] != 0].max(initial=0)
            most = declared_property(code).still_hours
            assert not most or longest < most, (row["slug"], code, longest)


def test_a_sensor_in_trouble_is_the_same_whenever_it_is_asked():
    start = 490_000.5
    hours = np.arange(start - 200.5, start + 20, dtype=float)
    for trouble in ("stuck", "drifting", "refused", "burning"):
        said = troubles.spoiled(trouble, "pm10", hours, np.full(len(hours), 20.0), start)
        assert said[-30] == troubles.spoiled(trouble, "pm10", hours[-30:-29], np.array([20.0]), start)[0], trouble
        assert (said[:20] == 20.0).all(), trouble
        assert (said != 20.0).any(), trouble
    lost = np.isnan(troubles.spoiled("lost", "pm10", hours, np.full(len(hours), 20.0), start))
    assert list(np.flatnonzero(np.diff(lost.astype(int)))) == [170, 176, 191, 193]  # a gap of six hours and one of two
    refused = troubles.spoiled("refused", "pm10", hours, np.full(len(hours), 20.0), start) < sites.LIMITS["pm10"][0]
    assert 0.05 < refused[(hours > start - 48) & (hours < start)].mean() < 0.15


def test_the_profile_names_only_sensors_that_it_has():
    profile = sites.city().toml("demo_environment.toml")
    slugs = {row["slug"] for row in sites.rows()}
    assert {*profile["troubles"], *profile["calibrated"]["sensors"], profile["calibrated"]["reference"]} <= slugs
    assert {slug for row in sites.city().toml("demo_alerts.toml")["rules"] for slug in row.get("things", ())} <= slugs


@pytest.mark.django_db
def test_the_stations_measure_on_and_an_hour_of_sleep_is_made_up_for():
    give_competence(make_unit(), sites.COMPETENCE)
    row = next(one for one in sites.rows() if one["kind"] == "noise")
    (stream,) = import_datastreams(code_of=sites.make(row, {}), by=SYSTEM)
    now = clock.now().replace(second=0, microsecond=0)
    assert demo.go_on() == 0
    marks.put(demo.UNTIL, (now - timedelta(minutes=5)).isoformat())
    with clock.at(now):
        assert demo.go_on(wait=True) == 5
        assert demo.go_on() == 0
    assert latest([stream.pk])[stream.pk].time == now
    with clock.at(now + timedelta(hours=9)):
        assert demo.go_on() >= 9
