"""Unusual hours are found once, judged by those who look after the sensor, and the public sees what they were."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change
from miasto.kernel.observations import selectors
from miasto.kernel.observations.analysis import finding, shapes
from miasto.kernel.observations.analysis.models import Anomaly, ShapeWatch
from miasto.kernel.observations.forecasting.models import ForecastRun
from miasto.kernel.observations.testing import make_datastream, make_thing, put, put_anomaly, put_forecast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _noon(tuesday_noon):
    return tuesday_noon


def wave(hours, seed=1):
    return 20 + 5 * np.sin(np.arange(hours) * 2 * np.pi / 24) + np.random.default_rng(seed).normal(scale=0.5, size=hours)


def test_unusual_hours_are_found_once_and_go_on_until_somebody_has_judged_them():
    values = wave(40 * 24)
    values[-5:-2] += 30
    stream = make_datastream()
    put(stream, list(values), end=NOW - HOUR, step=HOUR, history=True)
    rain = make_datastream()
    put(rain, [0.0] * 900 + [4.0] * 60, end=NOW - HOUR, step=HOUR, history=True)
    assert finding.find_all() == 1
    assert finding.find_all() == 0
    found = Anomaly.objects.get()
    assert (found.datastream, found.hours, found.end - found.start) == (stream, 3, 2 * HOUR)
    assert found.value > 40 > 30 > found.usual
    put(stream, [60.0], end=NOW, step=HOUR, history=True)
    with clock.at(NOW + HOUR):
        assert finding.find_all() == 0
        found.refresh_from_db()
        assert found.end == NOW
        Anomaly.objects.update(state="event")
        assert finding.find_all() == 0


def test_in_a_great_city_a_private_meter_is_looked_at_once_a_day(monkeypatch):
    monkeypatch.setattr(finding, "SERIES_MOST", 0)
    values = wave(30 * 24)
    values[-5:-2] += 30
    meter = make_datastream(audience="unit")
    put(meter, list(values), end=NOW - HOUR, step=HOUR, history=True)
    looks = []
    for hour in range(24):
        with clock.at(NOW + hour * HOUR):
            looks.append(finding.find_all())
    assert [hour for hour, new in enumerate(looks) if new] == [(meter.pk - NOW.hour) % 24]


def test_a_night_like_a_day_is_found_where_a_keeper_asked_for_it():
    values = wave(50 * 24)
    values[-30:-6] = values[-30:-6][::-1] * 0 + 20 + 5 * np.sign(np.sin(np.arange(24) * 2 * np.pi / 6))
    score = shapes.scores(values)
    assert np.nanmax(score[-30:]) > 6
    assert np.nanmax(score[:-31]) < np.nanmax(score[-30:])
    assert np.isnan(shapes.left_profile(values[:100])).all()
    still = np.full(20 * 24, 7.0)
    assert np.nanmax(shapes.left_profile(still)) == 0
    stream = make_datastream()
    put(stream, list(values), end=NOW - HOUR, step=HOUR, history=True)
    finding.find_all()
    assert not Anomaly.objects.filter(kind="shape").exists()
    ShapeWatch.objects.create(datastream=stream)
    finding.find_all()
    assert Anomaly.objects.filter(kind="shape", datastream=stream).exists()


def test_a_keeper_says_what_it_was_and_others_see_nothing_of_it(client, django_assert_max_num_queries):
    unit, other = make_unit(), make_unit()
    mine = make_datastream(make_thing("Moja", unit=unit))
    foreign = make_datastream(make_thing("Cudza", unit=other))
    held, hidden = (put_anomaly(one, NOW - 5 * HOUR, value=90.0, usual=20.0) for one in (mine, foreign))
    client.force_login(make_staff("observations.keeper", unit))
    with django_assert_max_num_queries(24):
        page = client.get("/panel/czujniki/nietypowe/").content.decode()
    assert "Moja" in page
    assert "Cudza" not in page
    assert client.post(f"/panel/czujniki/nietypowe/{hidden.pk}/", {"stan": "usual"}).status_code == 404
    for _again in range(2):
        answer = client.post(f"/panel/czujniki/nietypowe/{held.pk}/", {"stan": "fault", "powrot": "https://zly.example/"})
        assert answer["Location"] == "/panel/czujniki/nietypowe/"
    assert Change.objects.filter(action="observations.anomaly_judged").count() == 1
    assert [one.state_name for one in selectors.unusual([mine.pk], NOW - 9 * HOUR, NOW)] == ["błąd czujnika"]
    client.post(f"/panel/czujniki/nietypowe/{held.pk}/", {"stan": "usual", "powrot": f"/panel/czujniki/{mine.pk}/"})
    assert selectors.unusual([mine.pk], NOW - 9 * HOUR, NOW) == []
    assert "nic nietypowego" in client.get(f"/panel/czujniki/{mine.pk}/").content.decode()
    client.post(f"/panel/czujniki/nietypowe/{held.pk}/", {"stan": "bzdura"})
    held.refresh_from_db()
    assert held.state == "usual"
    client.post(f"/panel/czujniki/{mine.pk}/przebieg/", {"on": "1"})
    assert ShapeWatch.objects.filter(datastream=mine).exists()


def test_the_page_of_quality_tells_errors_and_the_page_of_runs_tells_why_one_failed(client, django_assert_max_num_queries):
    assert "Nie ma jeszcze prób" in client.get("/prognozy/").content.decode()
    hidden = make_datastream(make_thing("Skryta", audience="unit"), code="pm10")
    put_forecast(hidden, [1.0], half=1.0, error=500.0)
    for _number in range(3):
        put_forecast(make_datastream(code="pm10"), [30.0] * 48, half=4.0, error=3.0)
    with django_assert_max_num_queries(12):
        page = client.get("/prognozy/?co=pm10").content.decode()
    assert "model lepszy o 50%" in page
    assert "3 z 3 serii" in page
    assert not re.search(r"\b500\b", page)
    ForecastRun.objects.create(state="failed", reason="killed", ended_at=NOW, groups=4, done=1)
    ForecastRun.objects.create(started_at=NOW - 3 * HOUR, seen_at=NOW - 2 * HOUR)
    assert client.get("/panel/czujniki/prognozy/").status_code == 302
    client.force_login(make_staff("observations.keeper", make_unit()))
    page = client.get("/panel/czujniki/prognozy/").content.decode()
    assert "proces zginął w trakcie pracy" in page
    assert "nie daje znaku życia" in page
    assert client.post("/panel/czujniki/prognozy/", {"start": "1"}).status_code == 403
    client.force_login(make_staff("observations.keeper"))
    client.post("/panel/czujniki/prognozy/", {"stop": "1"})
    assert ForecastRun.objects.get(state="running").asked_to_stop
