"""Saved answers of GIOŚ and IMGW as files: recognised, and read into the same series that are polled."""

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment.feeds.files import FORMATS

WARSAW = ZoneInfo("Europe/Warsaw")
DATA = Path(os.environ.get("MIASTO_DATA", Path(__file__).resolve().parents[5] / "shared" / "data"))
real = pytest.mark.skipif(not (DATA / "poland" / "gios_api").exists(), reason="the folder of real files is missing")


def read(path):
    body = path.read_bytes()
    [one] = [one for one in FORMATS if one.recognises(body[:4096], path.name)]
    return one.key, list(one.read(body, WARSAW))


@real
def test_the_real_files_of_gios_and_imgw_become_series_with_their_names_and_instants():
    key, found = read(DATA / "poland" / "gios_api" / "sensor_3759.json")
    assert key == "environment.gios"
    assert {one.series.source for one in found} == {"gios-stanowisko:MzWarKondrat-NO-1g"}
    assert found[-1].time == datetime(2025, 7, 4, 12, tzinfo=UTC)  # the hour that ended at 15.00 in Warsaw
    assert len(found) == 20
    key, found = read(next(DATA.glob("*/imgw_hydro_*.json")))
    assert key == "environment.imgw_hydro"
    assert {one.series.code for one in found} >= {"water_level", "water_flow"}
    assert all(one.series.place for one in found)
    key, found = read(next(DATA.glob("*/imgw_synop_*.json")))
    assert key == "environment.imgw_synop"
    assert {one.series.code: one.value for one in found}["air_temperature"] == 2.6


@real
@pytest.mark.django_db
def test_the_command_takes_a_saved_answer_without_any_declaration(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_IMPORTS", str(tmp_path))
    for path, count in ((DATA / "poland" / "gios_api" / "sensor_3759.json", 20), (next(DATA.glob("*/imgw_synop_*.json")), 6)):
        told = io.StringIO()
        call_command("readings", "import", str(path), stdout=told)
        assert f"written {count}" in told.getvalue()
    call_command("readings", "import", str(path), stdout=told)
    assert told.getvalue().endswith("series 6\n")
    assert Datastream.objects.count() == 7


@real
def test_a_manual_stand_and_a_strange_file_are_refused_in_words():
    gios = FORMATS[0]
    with pytest.raises(ValueError, match="manualne"):
        list(gios.read((DATA / "poland" / "gios_api" / "sensor_3765.json").read_bytes(), WARSAW))
    with pytest.raises(ValueError, match="GIOŚ"):
        list(gios.read(b'{"Lista danych pomiarowych": 5}', WARSAW))
