"""A file from its upload to the store: checked, confirmed, written once, with a list of what was refused."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import changes
from miasto.kernel.observations import selectors, services
from miasto.kernel.observations.importing import guessing, running, storing, writing
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import Layout
from miasto.kernel.observations.importing.models import FileImport, ImportProfile, MeterKey
from miasto.kernel.observations.importing.tests.test_telegrams import KEY, wireless
from miasto.kernel.observations.models import Datastream, Quarantined, Thing
from miasto.kernel.observations.testing import make_datastream, make_thing

pytestmark = pytest.mark.django_db
PAGE = "/panel/pomiary/wgraj/"
METERS = "licznik;czas;stan\n" + "".join(f"L{n % 2};2025-03-{1 + n // 2:02} 10:00;{n}000\n" for n in range(10))
DATA = Path(os.environ.get("MIASTO_DATA", Path(__file__).resolve().parents[6] / "shared" / "data"))
real = pytest.mark.skipif(not (DATA / "measurements").exists(), reason="the folder of real files is missing")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_IMPORTS", str(tmp_path / "imports"))
    return tmp_path


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def keeper(unit, client):
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    return viewer_for_person(person.pk)


def put(folder, text, name="liczniki.csv"):
    path = folder / name
    path.write_text(text)
    return path


def bring(path, *, by=SYSTEM, unit=None, measured_in="l"):
    layout = Layout.of({**guessing.guess(path, path.name).as_json(), "code": "volume", "unit": measured_in})
    declared = {"layout": layout, "profile_name": "wodomierze", "thing_kind": "observations.meter"}
    return services.import_file(path=path, by=by, unit_id=unit and unit.pk, **declared)


def upload(client, unit, text, name="liczniki.csv"):
    answer = client.post(PAGE, {"file": SimpleUploadedFile(name, text.encode()), "unit": unit.pk})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def sent(client, address, **changed):
    """The form of a file as a browser would send it back."""
    form = client.get(address).context["form"]
    data = {name: form[name].value() for name in form.fields}
    return client.post(
        address, {"do": "check", **{name: value for name, value in data.items() if value not in (None, False)}, **changed}
    )


def test_a_file_twice_changes_nothing_and_another_number_is_a_correction(folder):
    path = put(folder, METERS)
    one = bring(path)
    assert (one.state, one.rows, one.written, one.added, one.made, one.series) == ("done", 10, 10, 10, 2, 2)
    stream = Datastream.objects.get(thing__name="L1")
    assert (stream.unit_symbol, stream.count, stream.thing.thing_kind) == ("m³", 5, "observations.meter")
    again = services.import_file(path=path, by=SYSTEM)
    assert (again.profile_id, again.sha256, again.written, again.added, again.made) == (one.profile_id, one.sha256, 10, 0, 0)
    services.import_file(path=put(folder, METERS.replace("9000", "9500"), "inny.csv"), by=SYSTEM)
    newest = selectors.readings([stream.pk], datetime(2025, 3, 5, tzinfo=UTC), datetime(2025, 3, 6, tzinfo=UTC))
    assert [row.value for row in newest] == [9.5]
    assert Datastream.objects.get(pk=stream.pk).count == 5
    assert [row.action for row in changes.history(one.pk)] == ["observations.import_declared", "observations.file_imported"]


def test_impossible_readings_wait_in_quarantine_and_tell_no_alert_rule(folder):
    stream = make_datastream(thing=make_thing(), code=None, unit_symbol="°C", least=-40, most=60, watched=True)
    path = put(folder, "czas,t\n2025-01-01 10:00,5\n2025-01-01 11:00,500\n2999-01-01 10:00,7\n")
    layout = guessing.guess(path)
    values = [{"place": 1, "target": stream.pk}]
    one = services.import_file(
        path=path,
        by=SYSTEM,
        layout=Layout.of({**layout.as_json(), "values": values}),
        profile_name="x",
        thing_kind="observations.meter",
    )
    assert (one.written, one.quarantined, one.added) == (1, 2, 1)
    assert sorted(Quarantined.objects.filter(datastream=stream).values_list("reason", flat=True)) == ["future", "range"]


def test_a_unit_that_cannot_be_converted_writes_nothing(folder):
    with pytest.raises(Unreadable, match="kWh"):
        bring(put(folder, METERS), measured_in="kWh")
    assert not Datastream.objects.filter(source__startswith="plik:").exists()
    assert FileImport.objects.get().state == "failed"


def test_pieces_end_with_a_series_where_they_can_and_hold_every_reading_once(folder, monkeypatch):
    import numpy as np

    monkeypatch.setattr(writing, "AT_ONCE", 40)
    monkeypatch.setattr(writing, "SORTED", 100)
    rows = np.zeros(500, dtype=writing.ROW)
    rows["series"], rows["value"] = np.r_[np.arange(300) % 20, np.full(200, 20)], np.arange(500)
    path = folder / "ready.bin"
    rows.tofile(path)
    pieces = list(writing._pieces(path, 21))
    assert max(len(one) for one in pieces) <= 40
    assert sorted(np.concatenate(pieces)["value"].tolist()) == list(range(500))
    small = [one for one in pieces if one["series"].max() < 20]
    assert sum(len(np.unique(one["series"])) for one in small) == 20


def test_the_page_goes_from_the_upload_over_the_form_to_the_result(client, keeper, unit):
    address = upload(client, unit, METERS + "L1;wczoraj;5\nL1;2025-03-09 10:00;dużo\n")
    page = client.get(address).content.decode()
    assert "L0" in page
    assert "Wiersz 12, „wczoraj”: to nie jest data" in page
    assert "Wybierz, co mierzą kolumny" in sent(client, address).content.decode()
    assert "Można podać: m³, l" in sent(client, address, code="volume", measured_in="kWh").content.decode()
    sent(client, address, code="volume", measured_in="l")
    page = client.get(address).content.decode()
    assert "Wpisz 10 odczytów" in page
    assert not Thing.objects.filter(name="L0").exists()
    listed = b"".join(client.get(address + "odrzucone.csv").streaming_content).decode("utf-8-sig")
    assert [line.split(";")[0] for line in listed.splitlines()] == ["wiersz", "12", "13"]
    for _twice in range(2):
        client.post(address, {"do": "write"})
    page = client.get(address).content.decode()
    assert "wpisane odczyty" in page
    assert Thing.objects.get(name="L0").unit == unit
    one = FileImport.objects.get()
    assert (one.state, one.added, one.refused) == ("done", 10, 2)
    assert not (storing.folder(one.pk) / "ready.bin").exists()
    assert "liczniki.csv" in client.get(PAGE).content.decode()
    second = upload(client, unit, METERS)
    assert client.get(second).context["form"]["measured_in"].value() == "l"
    client.post(second, {"do": "discard"})
    assert FileImport.objects.count() == 1


def test_a_refused_form_keeps_what_was_chosen_and_says_why(client, keeper, unit):
    address = upload(client, unit, METERS)
    page = sent(client, address, role_1="", role_2="").content.decode()
    assert "Wskaż co najmniej jedną kolumnę z odczytami" in page
    assert "podaj czas pierwszego wiersza" in page
    assert FileImport.objects.get().state == "new"


def test_telegrams_are_opened_with_keys_that_are_kept_sealed(client, keeper, unit):
    address = upload(client, unit, f"2025-01-05T09:00:00Z;{wireless(bytes.fromhex('0c1427048502'), KEY)}\n", "odczyt.txt")
    assert "Wiersz 2 nie jest" in sent(client, address, keys=f"12345678;{KEY}\nzle").content.decode()
    sent(client, address, keys=f"12345678;{KEY}")
    kept = MeterKey.objects.get()
    assert KEY not in kept.sealed
    assert KEY not in client.get(address).content.decode()
    client.post(address, {"do": "write"})
    stream = Datastream.objects.get(source="mbus:ELS:12345678:volume")
    assert selectors.latest([stream.pk])[stream.pk].value == pytest.approx(28504.27)


def test_files_of_another_unit_are_not_seen_and_none_can_be_brought_for_it(client, keeper, unit):
    foreign = make_unit()
    running.take(pieces=[METERS.encode()], name="obcy.csv", by=SYSTEM, unit_id=foreign.pk)
    one = FileImport.objects.get()
    assert "obcy.csv" not in client.get(PAGE).content.decode()
    for address in (f"{PAGE}{one.pk}/", f"{PAGE}{one.pk}/odrzucone.csv"):
        assert client.get(address).status_code == 404
    assert client.post(f"{PAGE}{one.pk}/", {"do": "discard"}).status_code == 404
    answer = client.post(PAGE, {"file": SimpleUploadedFile("a.csv", METERS.encode()), "unit": foreign.pk})
    assert answer.status_code == 200
    assert FileImport.objects.count() == 1


def test_what_cannot_be_read_is_said_beside_the_field_and_leaves_nothing(client, keeper, unit, folder):
    answer = client.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04zepsute"), "unit": unit.pk})
    assert "uszkodzone" in answer.content.decode()
    assert not list((folder / "imports").glob("*"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Szanowni Państwo,\nprzesyłam odczyty w załączniku.\nPozdrawiam\n", "kolumn z liczbami"),
        ("licznik~czas~stan\n" + "L1~2026-01-01 10:00~5\n" * 5, "kolumn z liczbami"),
        ("licznik;czas;stan\n", "Nie widać tu tabeli"),
        ("\n \n", "pusty"),
    ],
)
def test_a_text_without_readings_is_told_from_a_table(folder, text, words):
    with pytest.raises(Unreadable, match=words):
        guessing.guess(put(folder, text))


def test_a_quote_that_is_never_closed_hides_no_readings(folder):
    rows = [f"L1;2025-01-{1 + n // 24:02} {n % 24:02}:00;{n}\n" for n in range(400)]
    rows[200] = '"' + rows[200]
    with pytest.raises(Unreadable, match="W wierszu 202 zaczyna się cudzysłów"):
        bring(put(folder, "licznik;czas;stan\n" + "".join(rows)))
    assert not Datastream.objects.filter(source__startswith="plik:").exists()


def test_an_import_whose_file_was_lost_says_so_and_can_be_discarded(client, keeper, unit):
    address = upload(client, unit, METERS)
    storing.forget(FileImport.objects.get().pk)
    assert "nie ma już na dysku" in client.get(address).content.decode()
    assert client.post(address, {"do": "check"}).status_code == 302
    client.post(address, {"do": "discard"})
    assert not FileImport.objects.exists()


def test_a_stopped_import_can_be_written_again(folder, keeper, unit, monkeypatch):
    path = put(folder, METERS)
    bring(path, by=keeper, unit=unit)
    one = running.take(pieces=[path.read_bytes()], name="b.csv", by=keeper, unit_id=unit.pk)
    running.ask(one=one, to="checking", by=keeper)
    monkeypatch.setattr(running, "HERE_ROWS", -1)
    one.refresh_from_db()
    assert running.ask(one=one, to="writing", by=keeper)
    assert not running.ask(one=one, to="writing", by=keeper)
    running.ask_to_stop(one=one)
    one.refresh_from_db()
    running.write(one)
    one.refresh_from_db()
    assert (one.state, one.problem) == ("cancelled", "")
    assert running.again(one=one)


def test_the_command_brings_a_file_by_a_saved_declaration(folder, capsys):
    path = put(folder, METERS)
    bring(path)
    call_command("readings", "import", str(path), "--profile", "wodomierze")
    assert "written 10, new 0" in capsys.readouterr().out


def test_the_list_takes_the_same_number_of_queries_however_long(client, keeper, unit, django_assert_max_num_queries):
    for _n in range(20):
        FileImport.objects.create(name="a.csv", sha256="0" * 64, bytes=1, unit=unit, person_id=keeper.person_id)
    with django_assert_max_num_queries(16):
        assert client.get(PAGE).content.decode().count("a.csv") == 20


@real
def test_the_real_files_are_recognised_and_the_real_meters_and_networks_are_read():
    def shape(name):
        layout = guessing.guess(DATA / "measurements" / name, name)
        return layout.order, layout.decimal, layout.keys, len(layout.values), layout.date

    assert shape("water_meters_daiad/swm_trialA_clean.zip") == ("dmy", ".", (0,), 1, 1)
    assert shape("electricity_household_openmv/data/electricity-usage.csv") == ("mdy", ".", (), 4, 0)
    assert shape("electricity_simbench/RESProfile_subset.csv.gz") == ("dmy", ".", (), 7, 0)
    assert shape("pedestrian_auckland/hourly_counts.csv.gz")[3:] == (19, 0)
    assert shape("traffic_metr_la/T-GCN/T-GCN-PyTorch/data/los_speed.csv")[3:] == (207, None)
    assert shape("water_meters_daiad/amphiro_trialA_clean.zip")[1] == ","
    path = DATA / "measurements" / "water_networks_wntr" / "Net3.inp"
    layout = Layout.of({**guessing.guess(path).as_json(), "start": "2025-01-01T00:00", "zone": "utc"})
    one = services.import_file(path=path, by=SYSTEM, layout=layout, profile_name="sieć", thing_kind="observations.meter")
    assert one.refused == 0
    assert one.series == Datastream.objects.filter(source__startswith="plik:").count() > 50
    assert one.written == one.added == one.rows
    assert ImportProfile.objects.get().name == "sieć"
