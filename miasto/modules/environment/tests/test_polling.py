"""The services of the state are asked over HTTP; a stand-in speaks as they do."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core.testing import listening
from miasto.kernel.observations.selectors import Datastream, Grade, Thing
from miasto.modules.environment.feeds import polling
from miasto.modules.environment.models import HydroWarning
from miasto.modules.environment.stations import stations

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
STATION = {
    "Identyfikator stacji": 10,
    "Kod stacji": "XxMiasto",
    "Nazwa stacji": "Miasto, ul. Łąkowa",
    "WGS84 φ N": "50.88",
    "WGS84 λ E": "20.63",
    "Nazwa miasta": "Miasto",
}
STANDS = [("PM10", 101), ("NO2", 102), ("BaP(PM10)", 103), ("SO2", 104)]
GAUGE = {
    "id_stacji": "150000001",
    "stacja": "Most",
    "rzeka": "Rzeczka",
    "lon": "20.6",
    "lat": "50.8",
    "stan_wody": "231",
    "stan_wody_data_pomiaru": "2026-02-10 14:00:00",
    "przeplyw": "1.5",
    "przeplyw_data": "2026-02-10 14:00:00",
    "temperatura_wody": None,
    "temperatura_wody_data_pomiaru": None,
}
SYNOP = {"id_stacji": "12000", "stacja": "Miasto", "data_pomiaru": "2026-02-10", "godzina_pomiaru": "14", "temperatura": "-2.6"}
WARNING = {
    "opublikowano": "2026-02-10 09:00:00",
    "stopień": "2",
    "data_od": "2026-02-10 12:00:00",
    "data_do": "2026-02-11 12:00:00",
    "prawdopodobienstwo": "80",
    "numer": "7",
    "biuro": "Biuro",
    "zdarzenie": "Wezbranie",
    "przebieg": "Woda wzbierze.",
    "obszary": [{"opis": "zlewnia", "kod_zlewni": ["Z_1_2"]}],
}


class Services:
    """GIOŚ and IMGW-PIB as one server; ``asked`` keeps the paths."""

    def __init__(self):
        self.asked, self.warnings = [], [WARNING, {**WARNING, "numer": "8", "obszary": [{"kod_zlewni": ["Z_9"]}]}]

    def __call__(self, request):
        path = request.path.split("?")[0]
        self.asked.append(path)
        answer = self.answer(path)
        body = json.dumps({} if answer is None else answer).encode()
        return (500 if answer is None else 200), {"Content-Type": "application/json"}, body

    def answer(self, path):
        if path == "/station/findAll":
            return {
                "Lista stacji pomiarowych": [STATION, {**STATION, "Identyfikator stacji": 11, "Nazwa miasta": "Inne"}],
                "totalPages": 1,
            }
        if path.startswith("/station/sensors/"):
            rows = [
                {"Identyfikator stanowiska": number, "Identyfikator stacji": 10, "Wskaźnik": code, "Wskaźnik - kod": code}
                for code, number in STANDS
            ]
            return {"Lista stanowisk pomiarowych dla podanej stacji": rows}
        if path == "/data/getData/102":
            return {"error_code": "API-ERR-100003", "error_reason": "stanowisko manualne"}
        if path == "/data/getData/104":
            return None
        if path.startswith("/data/getData/"):
            values = (("15:00:00", 42.5), ("14:00:00", None), ("13:00:00", 40))
            return {"Lista danych pomiarowych": [{"Data": f"2026-02-10 {hour}", "Wartość": value} for hour, value in values]}
        known = {"/hydro": [GAUGE, {**GAUGE, "id_stacji": "9"}], "/synop/id/12000": SYNOP, "/warningshydro": self.warnings}
        return known.get(path)


def test_the_stations_of_the_town_become_things_and_their_hours_readings():
    services = Services()
    with listening(services) as url, clock.at(NOW):
        profile = {"enabled": True, "url": url, "towns": ["Miasto"]}
        assert polling.poll_gios(profile) == 2
        assert polling.poll_gios(profile) == 2  # repeated readings are taken in again and change nothing
    assert services.asked.count("/station/findAll") == 1
    thing = Thing.objects.get(source__startswith="gios:")
    assert (thing.source, thing.thing_kind, thing.slug) == ("gios:10", "environment.air", "miasto-ul-lakowa-gios10")
    streams = {one.source: one for one in Datastream.objects.filter(thing=thing)}
    assert set(streams) == {"gios:101", "gios:102", "gios:104"}
    assert (streams["gios:101"].grade, streams["gios:102"].grade) == (Grade.EQUIVALENT, Grade.REFERENCE)


def test_what_is_switched_off_asks_nobody():
    services = Services()
    with listening(services) as url:
        assert polling.poll_gios({"enabled": False, "url": url}) == 0
        assert polling.poll_imgw({"enabled": False, "url": url}) == 0
        assert (polling.poll_gios(), polling.poll_imgw()) == (0, 0)  # the profile of the demo city
    assert services.asked == []


def test_gauges_with_their_official_levels_weather_and_warnings():
    services = Services()
    with listening(services) as url, clock.at(NOW):
        levels = {"150000001": {"warning": 220, "alarm": 260, "source": "komunikat służby"}}
        profile = {
            "enabled": True,
            "url": url,
            "gauges": ["150000001"],
            "catchments": ["Z_1"],
            "levels": levels,
            "synop": [{"id": "12000", "at": [20.6, 50.8]}],
        }
        assert polling.poll_imgw(profile) == 3
        found = stations(ANONYMOUS, "environment.river")
        assert [one.thing.name for one in found] == ["Rzeczka – Most"]
        assert found[0].streams["water_level"].properties["official"] is True
        assert [one.event for one in HydroWarning.objects.filter(gone_at=None)] == ["Wezbranie"]
        assert "Woda wzbierze." in Client().get("/woda/").content.decode()
        services.warnings = []
        polling.poll_imgw(profile)
        assert "Woda wzbierze." not in Client().get("/woda/").content.decode()
    with clock.at(NOW + timedelta(days=2)):
        assert "Ostrzeżenia hydrologiczne" not in Client().get("/woda/").content.decode()


def test_a_service_that_is_down_stops_nothing():
    with clock.at(NOW):
        profile = {"enabled": True, "url": "http://127.0.0.1:9", "towns": ["Miasto"], "gauges": ["1"], "catchments": ["Z"]}
        assert polling.poll_gios(profile) == 0
        assert polling.poll_imgw(profile) == 0
