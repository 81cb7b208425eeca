"""What takes long to count is kept: pages ask little, and the job brings what has changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream, Reading
from miasto.kernel.observations.services import import_history, ingest
from miasto.kernel.places.testing import make_street
from miasto.modules.environment import jobs, norms
from miasto.modules.environment.station_year import year_of
from miasto.modules.environment.stations import air_stations
from miasto.modules.environment.stations import station as station_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
DAY_END = datetime(2026, 2, 9, 22, tzinfo=UTC)  # the last hour of 9 February in UTC+1
MOST = 12
WEATHER = {"air_temperature": [1, 2], "wind_speed": [3, 4], "wind_direction": [270, 270], "rain": [0, 1]}
PLACES = {
    ("air", "powietrze"): {"pm10": [60] * 48, "pm25": [20] * 48, "o3": [70] * 48},
    ("river", "rzeka"): {"water_level": [100, 101, 103]},
    ("weather", "pogoda"): WEATHER,
    ("noise", "halas"): {"laeq": [60] * 48},
    ("light", "niebo"): {"sky_brightness": [20] * 48},
    ("water", "woda"): {"water_temperature": [8, 8]},
}
PAGES = (
    "/powietrze/", "/powietrze/mapa/", "/powietrze/stacje.geojson", "/powietrze/porownanie/", "/powietrze/adres/?q=wierzbowa",
    "/woda/", "/woda/jakosc/", "/pogoda/", "/halas/", "/nocne-niebo/", "/prognozy/",
    *(f"/stacje/{slug}/" for _kind, slug in PLACES), "/stacje/powietrze/?co=pm25&okres=rok", "/stacje/powietrze/dane.json",
)  # fmt: skip


def test_no_public_page_asks_the_database_more_than_twelve_times(station):
    make_street(name="Wierzbowa")
    asked = {}
    with clock.at(NOW):
        for (kind, slug), values in PLACES.items():
            station(kind, slug, values, now=NOW, end=DAY_END if kind == "noise" else None)
            station(kind, f"{slug}-2", values, now=NOW, grade="indicative", east=0.01)
        jobs.keep_warm()
        jobs.keep_years()
        for path in PAGES:
            with CaptureQueriesContext(connection) as found:
                assert Client().get(path).status_code == 200
            asked[path] = len(found)
    assert {path: count for path, count in asked.items() if count > MOST} == {}


def test_norms_and_calendar_are_those_of_the_last_run_of_the_job(station):
    with clock.at(NOW):
        thing = station("air", "stacja", {"pm10": [60] * 24}, now=NOW, end=DAY_END)
        jobs.keep_warm()
        jobs.keep_years()
        series = Datastream.objects.get(thing=thing).pk
        day_before = [Reading(series, DAY_END - timedelta(hours=number), 70.0) for number in range(24, 48)]
        import_history(day_before, by=SYSTEM)

        def told():
            (one,) = norms.kept_norms(air_stations(ANONYMOUS))
            return one.of("pm10.day").count, year_of(station_of("stacja", ANONYMOUS), "pm10").days

        before = told()
        jobs.keep_warm()
        jobs.keep_years()
        after = told()
    assert (before[0], after[0]) == (1, 2)
    assert (list(before[1].values()), sorted(after[1].values())) == ([60], [60, 70])


def test_a_station_that_the_job_has_not_seen_is_counted_for_who_asks_first(station):
    with clock.at(NOW):
        jobs.keep_warm()
        station("noise", "nowa", {"laeq": [66.0] * 24 * 30}, now=NOW, end=clock.start_of(clock.today()) - timedelta(hours=1))
        text = Client().get("/halas/").content.decode()
    assert ">72<" in text.replace(" ", "")


def test_a_station_says_first_what_it_means_when_it_was_read_and_how_good_the_reading_is(station):
    marks = {"warning": 100, "alarm": 130, "official": False}
    with clock.at(NOW):
        thing = station("river", "rzeka", {"water_level": [90]}, now=NOW, grade="indicative", properties=marks)
        station("weather", "pogoda", WEATHER, now=NOW, grade="indicative")
        quiet = Client().get("/stacje/rzeka/").content.decode()
        series = Datastream.objects.get(thing=thing).pk
        ingest([Reading(series, NOW - timedelta(minutes=5), 104.0)], by=SYSTEM, wait=True)
        high = Client().get("/stacje/rzeka/").content.decode()
        weather = Client().get("/stacje/pogoda/").content.decode()
    assert "Woda jest poniżej progu ostrzegawczego." in quiet
    assert "Woda przekroczyła próg ostrzegawczy." in high
    assert "Poziom 104 cm" in high
    assert "To pomiar wskaźnikowy." in high
    assert "2,0\u00a0°C, łagodny wiatr" in weather


@pytest.mark.parametrize(
    ("path", "parts"), [("/powietrze/", 3), ("/woda/", 2), ("/pogoda/", 3), ("/halas/", 1), ("/stacje/rzeka/", 3)]
)
def test_the_numbers_of_a_page_follow_their_readings(station, path, parts):
    with clock.at(NOW):
        for (kind, slug), values in PLACES.items():
            station(kind, slug, values, now=NOW)
        text = Client().get(path).content.decode()
    assert text.count('data-live-url="/odczyty/na-zywo/?seria=') >= parts
    assert text.count("data-live-said=") == 1
