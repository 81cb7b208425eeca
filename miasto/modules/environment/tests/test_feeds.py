"""The real answers of GIOŚ and IMGW-PIB are read; others are refused."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from miasto.modules.environment.feeds import gios, imgw
from miasto.modules.environment.feeds.answers import Unreadable
from miasto.modules.environment.law.rivers import Marks, State, crest, rate, state, tendency

DATA = Path(os.environ.get("MIASTO_DATA", Path(__file__).parents[5] / "shared" / "data"))
ZONE = ZoneInfo("Europe/Warsaw")


def real(pattern):
    """A real file by its pattern under the shared data; the test is skipped where it is missing."""
    found = sorted(DATA.glob(pattern))
    if not found:
        pytest.skip(f"{pattern} is not here")
    return found[0]


def answer(pattern):
    return json.loads(real(pattern).read_text("utf-8"))


def test_stations_and_stands_of_the_inspectorate():
    first = gios.stations(answer("poland/gios_api/stations.json"))[0]
    assert (first.id, first.code, first.lat) == (552, "MzWarKondrat", 52.290864)
    found = {one.code: one.id for one in gios.stands(answer("poland/gios_api/station.json"))}
    assert found["pm10"] == 3764
    assert found["no2"] == 3760


def test_an_hour_is_named_by_its_beginning_and_hours_without_a_value_are_left_out():
    found = gios.values(answer("poland/gios_api/sensor_3761.json"), ZONE)
    newest = found[-1]
    assert (newest.start, newest.value) == (datetime(2025, 7, 4, 12, tzinfo=UTC), 5.5)  # label 15:00 of summer time, its end
    assert found == sorted(found, key=lambda one: one.start)


def test_the_two_hours_of_the_autumn_night_are_told_apart():
    rows = [
        {"Data": f"2026-10-25 {hour}:00:00", "Wartość": value} for hour, value in (("03", 4), ("02", 3), ("02", 2), ("01", 1))
    ]
    found = gios.values({"Lista danych pomiarowych": rows}, ZONE)
    assert [(one.start.hour, one.value) for one in found] == [(22, 1), (23, 2), (0, 3), (1, 4)]


def test_a_manual_stand_and_a_strange_answer_are_told():
    with pytest.raises(gios.NotOnline):
        gios.values(answer("poland/gios_api/sensor_3765.json"), ZONE)
    for wrong in ({}, {"Lista danych pomiarowych": "x"}, {"Lista danych pomiarowych": [{"Data": "wczoraj", "Wartość": 1}]}):
        with pytest.raises(Unreadable):
            gios.values(wrong, ZONE)
    assert gios.index(answer("poland/gios_api/indexes.json")) == 1


def test_gauges_of_the_region_with_their_levels_and_flows():
    found = {one.id: one for one in imgw.gauges(answer("*/imgw_hydro_*_2025-07-01.json"))}
    gauge = found["150200090"]
    assert gauge.river == "Bobrza"
    assert gauge.level[0] == datetime(2025, 7, 1, 20, tzinfo=UTC)
    assert all(one.level is None or -500 < one.level[1] < 2000 for one in found.values())
    assert len(imgw.gauges(answer("poland/imgw_api/tests/fixtures/hydrological_stations.json"))) > 500
    nowhere = imgw.gauges(answer("poland/imgw_api/tests/fixtures/hydrological_station_no_location.json"))[0]
    assert (nowhere.lat, nowhere.flow[1]) == (None, 1.41)


def test_levels_come_with_a_gauge_as_numbers_or_text_and_null_is_no_level():
    (row,) = (one for one in answer("*/imgw_hydro_*_2025-07-01.json") if one["id_stacji"] == "150200090")
    assert [(one.warning, one.alarm) for one in imgw.gauges([row])] == [(None, None)]  # the service gave none in 2025
    pairs = ((220, 260), ("220", "260"), (None, "260"), (None, None), ("260", 220))
    found = imgw.gauges([{**row, "stan_ostrzegawczy": warning, "stan_alarmowy": alarm} for warning, alarm in pairs])
    assert [(one.warning, one.alarm) for one in found] == [(220, 260), (220, 260), (None, 260), (None, None), (None, None)]


def test_a_small_flood_wave_is_replayed_with_its_states():
    with real("*/imgw_hydro_150200090_*.csv").open(encoding="utf-8") as lines:
        wave = [(at, level) for at, level, _flow in imgw.gauge_history(lines)]
    marks = Marks(215, 230, official=False)
    states = [state(level, marks) for _at, level in wave]
    assert states[:5] == [State.NORMAL] * 5
    assert states[5:9] == [State.WARNING, State.ALARM, State.WARNING, State.NORMAL]
    assert set(states[9:]) == {State.NORMAL}
    assert crest(wave) == (datetime(2026, 5, 12, 10, 30, tzinfo=UTC), 235)
    assert tendency(rate(wave[:7])) == "rising"
    assert tendency(rate(wave[:9])) == "falling"
    assert tendency(rate(wave)) == "steady"


def test_a_synoptic_report():
    (report,) = imgw.weather(answer("*/imgw_synop_*.json"))
    assert report.time == datetime(2024, 4, 22, 7, tzinfo=UTC)
    assert report.values["air_temperature"] == 2.6
    assert report.values["pressure"] == 1020.1
    assert imgw.weather(answer("poland/imgw_api/tests/fixtures/weather_station.json"))[0].id == "12600"


def test_warnings_concern_the_catchments_that_they_name():
    drought, rise = imgw.warnings(answer("*/imgw_warnings_hydro_*.json"), ZONE)
    assert (drought.degree, drought.ends) == (-1, None)
    assert rise.starts == datetime(2025, 8, 3, 12, tzinfo=UTC)
    assert imgw.concerns(rise, ["Z_K_SW_234"])
    assert not imgw.concerns(drought, ["Z_K_SW_216"])
    assert imgw.warnings([], ZONE) == []
    assert len({one.key for one in imgw.warnings(answer("poland/imgw_api/tests/fixtures/hydrological_alerts.json"), ZONE)}) > 5


@pytest.mark.parametrize("wrong", [None, {}, "x", [1], [{"stacja": "bez numeru"}]])
def test_strange_answers_are_refused(wrong):
    with pytest.raises(Unreadable):
        imgw.gauges(wrong)
    with pytest.raises(Unreadable):
        imgw.weather(wrong)
