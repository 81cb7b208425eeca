"""Pages of the environment: the answer first, only what counts is counted, every chart has its table."""

import csv
import io
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream, Reading
from miasto.kernel.observations.services import import_history, ingest
from miasto.kernel.places.testing import make_street
from miasto.modules.environment import near
from miasto.modules.environment.feeds import imgw
from miasto.modules.environment.norms import year_norms
from miasto.modules.environment.stations import air_stations

pytestmark = pytest.mark.django_db
DATA = Path(os.environ.get("MIASTO_DATA", Path(__file__).parents[5] / "shared" / "data"))
NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)


def page(path):
    with clock.at(NOW):
        answer = Client().get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_without_readings_the_page_does_not_pretend_to_know(station):
    assert "Nie wiemy, jakie jest teraz powietrze" in page("/powietrze/")
    assert "Nie wiemy, jak wysoko są rzeki" in page("/woda/")
    for path in ("/pogoda/", "/halas/", "/powietrze/porownanie/"):
        page(path)


def test_the_answer_comes_from_the_reference_station_and_not_from_a_cheap_sensor(station):
    with clock.at(NOW):
        station("air", "dobra", {"pm10": [70, 60], "pm25": [20, 20]}, now=NOW)
        station("air", "tania", {"pm10": [400]}, now=NOW, grade="indicative")
    text = page("/powietrze/")
    assert "Teraz powietrze jest umiarkowane." in text
    assert "pomiar wskaźnikowy" in text
    assert "Pokaż 1 czujnik wskaźnikowy" in text
    assert "Indeks: umiarkowany." in page("/stacje/dobra/")


def test_where_only_a_cheap_sensor_speaks_the_page_says_so(station):
    with clock.at(NOW):
        station("air", "tania", {"pm10": [10]}, now=NOW, grade="indicative")
    assert "To pomiar wskaźnikowy: stacje referencyjne teraz milczą." in page("/powietrze/")


def test_an_hour_older_than_three_hours_is_no_longer_now(station):
    with clock.at(NOW):
        station("air", "stara", {"pm10": [10]}, now=NOW, end=NOW.replace(minute=0) - timedelta(hours=4))
        (found,) = air_stations(ANONYMOUS)
    assert found.index is None


def test_days_over_the_norm_are_counted_in_the_days_of_the_law(station):
    days = [80] * 24 + [30] * 24 + [51] * 24 + [50.4] * 24
    first = datetime(2026, 2, 1, 23, tzinfo=UTC)  # 2 February in UTC+1
    with clock.at(NOW):
        station("air", "liczona", {"pm10": days}, now=NOW, end=first + timedelta(hours=len(days) - 1))
        station("air", "tania", {"pm10": days}, now=NOW, grade="indicative", end=first + timedelta(hours=len(days) - 1))
        found = year_norms(air_stations(ANONYMOUS))
    assert [one.station.thing.slug for one in found] == ["liczona"]
    standing = found[0].of("pm10.day")
    assert (standing.count, standing.when) == (2, (date(2026, 2, 2), date(2026, 2, 4)))
    assert "<strong>2</strong> dni z przekroczeniem; wolno mieć 35" in page("/powietrze/")


def test_an_hour_with_less_than_three_quarters_of_its_readings_counts_for_no_day(station):
    minute = timedelta(minutes=1)
    first = datetime(2026, 2, 8, 23, tzinfo=UTC)  # 9 February in UTC+1
    with clock.at(NOW):
        minutes = [80.0] * (17 * 60 + 44)
        thing = station("air", "minutowa", {"pm10": minutes}, now=NOW, step=minute, end=first + minute * (len(minutes) - 1))
        assert year_norms(air_stations(ANONYMOUS))[0].of("pm10.day").count == 0
        series = Datastream.objects.get(thing=thing).pk
        import_history([Reading(series, first + minute * len(minutes), 80.0)], by=SYSTEM)
        assert year_norms(air_stations(ANONYMOUS))[0].of("pm10.day").count == 1


def test_the_page_says_that_a_level_of_information_or_alarm_was_passed(station):
    assert "Przekroczony poziom" not in page("/powietrze/")
    midnight = datetime(2026, 2, 9, 23, tzinfo=UTC)  # the end of 9 February in UTC+1
    with clock.at(NOW):
        station("air", "pylna", {"pm10": [151.0] * 24}, now=NOW, end=midnight - timedelta(hours=1))
        station("air", "spaliny", {"no2": [410.0, 10.0, 401.0, 405.0, 410.0]}, now=NOW)
        station("air", "ozonowa", {"o3": [10.0, 181.0]}, now=NOW)
        station("air", "tania", {"o3": [300.0, 300.0]}, now=NOW, grade="indicative")
    text = page("/powietrze/")
    assert "Przekroczony poziom alarmowy: PM10 powyżej 150 µg/m³, średnia z doby" in text
    assert "Przekroczony poziom alarmowy: NO₂ powyżej 400 µg/m³, każda z 3 godzin" in text
    assert "Przekroczony poziom informowania: O₃ powyżej 180 µg/m³, średnia z godziny" in text
    assert text.count("Przekroczony poziom") == 3


def test_the_number_of_queries_does_not_grow_with_the_stations(station):
    def asked(path):
        with CaptureQueriesContext(connection) as found:
            page(path)
        return len(found)

    kinds = {"/powietrze/": ("air", "pm10"), "/woda/": ("river", "water_level"), "/pogoda/": ("weather", "air_temperature")}
    kinds["/halas/"] = ("noise", "laeq")
    before = {}
    with clock.at(NOW):
        for kind, code in kinds.values():
            station(kind, f"{kind}-0", {code: [20, 21]}, now=NOW)
    for path in kinds:
        page(path)
        before[path] = asked(path)
    with clock.at(NOW):
        for kind, code in kinds.values():
            for number in range(1, 4):
                station(kind, f"{kind}-{number}", {code: [20, 21]}, now=NOW)
    for path in kinds:
        page(path)
    assert {path: asked(path) for path in kinds} == before


def test_a_station_that_is_not_public_is_not_there_for_a_stranger(station):
    with clock.at(NOW):
        station("air", "skryta", {"pm10": [500]}, now=NOW, audience="unit")
        assert Client().get("/stacje/skryta/").status_code == 404
        assert Client().get("/stacje/skryta/dane.csv").status_code == 404
    assert "skryta" not in page("/powietrze/")
    assert "skryta" not in page("/powietrze/stacje.geojson")


def test_data_are_taken_away_by_the_hour_in_utc(station):
    with clock.at(NOW):
        station("air", "dane", {"pm10": [1.25, 2, 3], "pm25": [7, 8, 9]}, now=NOW)
        body = b"".join(Client().get("/stacje/dane/dane.csv").streaming_content).decode()
        told = Client().get("/stacje/dane/dane.json?od=2026-02-10&do=2026-02-10").json()
        Client().get("/stacje/dane/dane.json?od=nie&do=2026-13-45").json()
    lines = list(csv.reader(io.StringIO(body)))
    rows = [line for line in lines if not line[0].lstrip("\ufeff").startswith("#")]
    assert body.startswith("\ufeff# Stacja: Stacja dane\r\n# Źródło: ")
    assert ["# Czas: początek godziny, UTC"] in lines
    assert rows[0] == ["time", "pm10 [µg/m³]", "pm25 [µg/m³]", "pm10 flag", "pm25 flag"]
    assert rows[1] == ["2026-02-10T11:00:00Z", "1.25", "7.0", "", ""]
    assert len(rows) == 4
    assert told["hours"][-1] == {"time": "2026-02-10T13:00:00Z", "pm10": 3.0, "pm25": 9.0}


def test_the_page_of_the_object_leads_to_the_page_of_the_station(station):
    with clock.at(NOW):
        thing = station("air", "wlasna", {"pm10": [10]}, now=NOW)
        assert "/stacje/wlasna/" in Client().get(f"/obiekty/{thing.pk}/", follow=True).content.decode()


def test_a_flood_wave_raises_the_alarm_and_calls_it_off(station):
    found = sorted(DATA.glob("*/imgw_hydro_150200090_*.csv"))
    if not found:
        pytest.skip("the flood wave is not here")
    with found[0].open(encoding="utf-8") as lines:
        wave = imgw.gauge_history(lines)
    marks = {"warning": 215, "alarm": 230, "official": False, "source": "próg miasta"}
    crest = datetime(2026, 5, 12, 10, 40, tzinfo=UTC)
    with clock.at(crest):
        station(
            "river",
            "bobrza",
            {"water_level": [wave[0][1]]},
            now=crest,
            end=wave[0][0],
            properties=marks,
            about={"river": "Bobrza"},
        )
        stream = Datastream.objects.get(thing__slug="bobrza")
        ingest([Reading(stream.pk, at, level) for at, level, _flow in wave if at <= crest], by=SYSTEM, wait=True)
        high = Client().get("/woda/").content.decode()
    assert "Rzeka przekroczyła próg alarmowy." in high
    assert "rośnie" in high
    assert "progi miasta" in high
    after = datetime(2026, 5, 12, 18, 10, tzinfo=UTC)
    with clock.at(after):
        ingest([Reading(stream.pk, at, level) for at, level, _flow in wave if at <= after], by=SYSTEM, wait=True)
        low = Client().get("/woda/").content.decode()
    assert "Rzeki w mieście są spokojne." in low
    assert "opada" in low
    assert "do ostrzegawczego brakuje 5 cm" in low


def test_noise_is_judged_by_its_indicators_against_the_area(station):
    with clock.at(NOW):
        end = clock.start_of(clock.today()) - timedelta(hours=1)
        for slug, level in (("glosna", 66.0), ("cicha", 50.0)):
            station(
                "noise", slug, {"laeq": [level] * 24 * 30}, now=NOW, grade="indicative", end=end, properties={"area": "multi"}
            )
    text = page("/halas/")
    assert "Za głośno jest w 1 z 2 mierzonych miejsc." in text
    assert ">72<" in text.replace(" ", "")  # 66 dB the whole day is an LDWN of 72.4


def test_weather_is_told_in_words(station):
    with clock.at(NOW):
        values = {"air_temperature": [-3, -4], "wind_speed": [5, 6], "wind_direction": [270, 271], "rain": [0.2, 0.4]}
        station("weather", "pogoda", values, now=NOW)
    text = page("/pogoda/")
    assert "−4,0&nbsp;°C, umiarkowany wiatr" in text
    assert "Wieje z zachodu" in text
    assert "W ciągu doby spadło 0,6 mm." in text
    assert "może być ślisko" in text


def test_air_at_an_address_is_estimated_with_a_margin(station):
    around = [near.Measured(20 + east, 50, 10 + 100 * east) for east in (0.0, 0.01, 0.02, 0.03, 0.05)]
    guess = near.estimate(20.012, 50, around)
    assert 10.5 < guess.value < 12.5
    assert guess.low <= guess.value <= guess.high
    assert guess.margin > 0
    assert near.estimate(20, 50, around[:3]) is None
    assert near.weighted(20.01, 50, around) == 11
    with clock.at(NOW):
        make_street(name="Wierzbowa")
        for number in range(5):
            station("air", f"s{number}", {"pm10": [30 + number], "pm25": [15]}, now=NOW, east=0.004 * number)
    text = page("/powietrze/adres/?q=wierzbowa")
    assert "To oszacowanie, nie pomiar" in text
    assert "Stacja s0" in text
    assert "Nie znamy miejsca" in page("/powietrze/adres/?q=qqqqzz")


def test_an_address_far_from_every_station_gets_no_estimate(station):
    with clock.at(NOW):
        make_street(name="Wierzbowa")
        for number in range(5):
            station("air", f"daleka{number}", {"pm10": [30]}, now=NOW, east=0.1 + 0.004 * number)
    text = page("/powietrze/adres/?q=wierzbowa")
    assert "To za daleko, żeby powiedzieć, czym się tu oddycha." in text
    assert "Stacja daleka0" in text
    assert "To oszacowanie" not in text


def test_the_form_of_downloads_has_its_dates_and_names_the_source(station):
    with clock.at(NOW):
        station("air", "dobra", {"pm10": [20]}, now=NOW)
    text = page("/stacje/dobra/")
    assert 'name="od" value="2026-01-11"' in text
    assert 'name="do" value="2026-02-10"' in text
    assert "Źródło, które prosimy podać: " in text
    assert "?od=" not in text
