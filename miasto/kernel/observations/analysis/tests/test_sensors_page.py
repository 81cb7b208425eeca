"""Health judged and shown to those who look after the sensors; calibration from a comparison to the raw value again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import changes, clock
from miasto.kernel.observations.analysis import calibration, watching
from miasto.kernel.observations.analysis.models import SensorHealth
from miasto.kernel.observations.archive.models import ArchiveRun
from miasto.kernel.observations.services import import_history, ingest
from miasto.kernel.observations.store import flags, folding
from miasto.kernel.observations.store.reading import Reading, readings
from miasto.kernel.observations.testing import make_datastream, make_thing, put

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(tuesday_noon):
    return tuesday_noon


def keeper(client, unit=None):
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    return person


def two_streams(unit):
    """A cheap sensor that shows twice as much, and the reference beside it; 100 common hours."""
    cheap = make_datastream(make_thing("Płot", unit=unit), period=timedelta(hours=1), unit_symbol="µg/m³")
    reference = make_datastream(
        make_thing("Stacja", unit=unit), observed_property=cheap.observed_property, grade="reference", unit_symbol="µg/m³"
    )
    hours = [NOW - timedelta(hours=place) for place in range(1, 101)]
    rows = [Reading(reference.pk, time, 10.0 + place % 24) for place, time in enumerate(hours)]
    rows += [Reading(cheap.pk, time, 20.0 + 2 * (place % 24)) for place, time in enumerate(hours)]
    import_history(rows, by=SYSTEM)
    folding.fold_all()
    return cheap, reference


def test_the_page_shows_the_worst_sensors_of_the_readers_units_first(client, django_assert_max_num_queries):
    unit, other = make_unit(), make_unit()
    well, silent, foreign = (
        make_datastream(make_thing(name, unit=owner), period=timedelta(hours=1))
        for name, owner in (("Dobry", unit), ("Milczek", unit), ("Cudzy", other))
    )
    for stream, end in ((well, NOW), (silent, NOW - timedelta(hours=30)), (foreign, NOW)):
        put(stream, [float(place % 5) for place in range(47)], end=end, step=timedelta(hours=1))
    watching.judge_all()
    assert SensorHealth.objects.get(pk=silent.pk).state == "silent"
    keeper(client, unit)
    with django_assert_max_num_queries(24):
        page = client.get("/panel/czujniki/").content.decode()
    assert page.index("Milczek") < page.index("Dobry")
    assert "Cudzy" not in page
    assert "Dobry" not in client.get("/panel/czujniki/?stan=silent").content.decode()
    assert client.get(f"/panel/czujniki/{foreign.pk}/").status_code == 404
    assert client.post("/panel/czujniki/archiwum/", {"start": "1"}).status_code == 403


def test_judging_again_changes_the_row():
    stream = make_datastream(period=timedelta(hours=1))
    watching.judge_all()
    put(stream, [1.0, 2.0], step=timedelta(hours=1))
    watching.judge_all()
    assert SensorHealth.objects.get().state == "gaps"


def test_a_calibration_holds_from_now_on_and_the_raw_value_can_be_had_again(client):
    cheap, reference = two_streams(make_unit())
    keeper(client)
    shown = client.get(f"/panel/czujniki/{cheap.pk}/?wzorzec={reference.pk}").content.decode()
    assert "Poprawiaj odczyty od teraz" in shown
    client.post(f"/panel/czujniki/{cheap.pk}/", {"wzorzec": reference.pk})
    made = cheap.calibrations.get()
    assert (made.version, made.gain, made.offset) == (1, pytest.approx(0.5), pytest.approx(0.0, abs=1e-6))
    assert made.error_after < made.error_before
    later = NOW + timedelta(hours=1)
    with clock.at(later):
        ingest([Reading(cheap.pk, later, 30.0), Reading(cheap.pk, NOW - timedelta(minutes=1), 30.0)], by=SYSTEM, wait=True)
        found = readings([cheap.pk], NOW - timedelta(minutes=2), later + timedelta(minutes=1))
        assert [(one.value, one.flags) for one in found] == [(30.0, 0), (pytest.approx(15.0), flags.CALIBRATED)]
        assert [one.value for one in calibration.raw_of(found)] == [30.0, pytest.approx(30.0)]
        assert [one.flags for one in calibration.raw_of(found)] == [0, 0]
        client.post(f"/panel/czujniki/{cheap.pk}/", {"end": "1"})
        ingest([Reading(cheap.pk, later + timedelta(minutes=1), 30.0)], by=SYSTEM, wait=True)
        assert readings([cheap.pk], later + timedelta(minutes=1), later + timedelta(hours=1))[0].value == 30.0
        with pytest.raises(ValidationError):
            calibration.end_calibration(stream=cheap, by=SYSTEM)


def test_only_a_better_stream_of_the_same_property_is_a_reference():
    cheap, reference = two_streams(make_unit())
    with pytest.raises(ValidationError):
        calibration.calibrate(stream=cheap, reference=make_datastream(), by=SYSTEM)
    with pytest.raises(ValidationError):
        calibration.calibrate(stream=reference, reference=reference, by=SYSTEM)


def test_who_manages_the_whole_city_begins_and_stops_the_archive(client, run_jobs, tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path))
    keeper(client)
    client.post("/panel/czujniki/archiwum/", {"start": "1"})
    assert run_jobs(only="observations.archive") == ["observations.archive"]
    assert ArchiveRun.objects.get().state == "done"
    running = ArchiveRun.objects.create()
    assert "Zatrzymaj" in client.get("/panel/czujniki/").content.decode()
    client.post("/panel/czujniki/archiwum/", {"stop": "1"})
    running.refresh_from_db()
    assert running.asked_to_stop


def test_a_keeper_states_how_a_sensor_measures_and_the_impossible_waits_in_quarantine(client):
    unit = make_unit()
    stream = make_datastream(make_thing("Szkoła", unit=unit), unit_symbol="µg/m³")
    make_datastream(source="zajęte")
    address = f"/panel/czujniki/{stream.pk}/opis/"
    keeper(client, make_unit())
    assert client.get(address).status_code == 404
    keeper(client, unit)
    wanted = {
        "grade": "equivalent",
        "minutes": "10",
        "resolution": "0,1",
        "least": "0",
        "most": "2000",
        "source": "szkola:pm10",
    }
    assert client.post(address, wanted).status_code == 302
    assert client.post(address, wanted).status_code == 302
    stream.refresh_from_db()
    assert (stream.grade, stream.period, stream.resolution) == ("equivalent", timedelta(minutes=10), 0.1)
    assert (stream.least, stream.most, stream.jump, stream.source) == (0, 2000, None, "szkola:pm10")
    saved = [row for row in changes.history(stream.thing_id) if row.action == "observations.datastream_saved"]
    assert [row.data["fields"] for row in saved] == [["grade", "least", "most", "period", "resolution", "source"]]
    assert ingest([Reading(stream.pk, NOW, 2001.0)], by=SYSTEM).quarantined == 1
    for wrong in ({"least": "3000"}, {"jump": "0"}, {"source": "zajęte"}, {"source": "a b"}, {"minutes": "-1"}, {"grade": "x"}):
        assert client.post(address, wanted | wrong).status_code == 422
    assert "0,1" in client.get(address).content.decode()
