"""Workbooks of Excel are read as tables are: by the same declaration, with dates as Excel keeps them."""

import io
from datetime import date, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.observations import selectors, services
from miasto.kernel.observations.importing import checking, guessing, running, storing
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import Layout
from miasto.kernel.observations.importing.models import FileImport, ImportProfile
from miasto.kernel.observations.importing.moments import instant
from miasto.kernel.observations.models import Datastream

PAGE = "/panel/pomiary/wgraj/"
MOMENTS = [datetime(2026, 3, 26, 22) + timedelta(hours=n) for n in range(12)]  # noqa: DTZ001 - as a workbook holds it


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_IMPORTS", str(tmp_path / "imports"))
    return tmp_path


def book(path, **sheets):
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def read(path, **declared):
    layout = Layout.of({**guessing.guess(path, path.name).as_json(), "zone": "utc", **declared})
    known, found = checking.reading(path, layout, {})
    rows, faults = [], []
    for chunk in found:
        rows += zip(chunk.series.tolist(), chunk.time.tolist(), chunk.value.tolist(), chunk.line.tolist(), strict=True)
        faults += chunk.faults
    return [(known.all[row[0]].key, instant(row[1]).replace(tzinfo=None), *row[2:]) for row in rows], faults


def test_dates_numbers_and_rows_are_those_of_the_sheet(folder):
    rows = [["Raport za marzec"], [], ["Licznik", "Data odczytu", "Stan [m3]"]]
    rows += [["WM-1", moment, 100 + n / 8] for n, moment in enumerate(MOMENTS)]
    rows[6][2] = "dużo"
    rows[8][2] = None
    found, faults = read(book(folder / "a.xlsx", Odczyty=rows))
    assert len(found) == 10
    assert found[0] == ("WM-1", MOMENTS[0], 100.0, 4)
    assert found[-1] == ("WM-1", MOMENTS[-1], 101.375, 15)
    assert [(fault.line, fault.text) for fault in faults] == [(7, "dużo")]


@pytest.mark.parametrize("kind", ["text", "date and time", "serial"])
def test_other_ways_in_which_workbooks_keep_time_are_read(folder, kind):
    ways = {
        "text": lambda moment: [moment.strftime("%d.%m.%Y %H:%M")],
        "date and time": lambda moment: [moment.date(), moment.time()],
        "serial": lambda moment: [(moment - datetime(1899, 12, 30)) / timedelta(days=1)],  # noqa: DTZ001
    }
    header = ["Data", "Godzina", "Stan"] if kind == "date and time" else ["Data", "Stan"]
    found, faults = read(book(folder / "a.xlsx", A=[header, *([*ways[kind](one), 5] for one in MOMENTS)]))
    assert [row[1] for row in found] == MOMENTS
    assert not faults


def test_midnight_durations_and_whole_numbers_are_written_as_the_reader_expects():
    from miasto.kernel.observations.importing.workbooks import _text

    assert _text(datetime(2026, 3, 1)) == "2026-03-01"  # noqa: DTZ001
    assert _text(datetime(2026, 3, 1, 7, 59, 59, 999_999)) == "2026-03-01 08:00:00"  # noqa: DTZ001
    assert (_text(date(2026, 3, 1)), _text(time(8, 5)), _text(time())) == ("2026-03-01", "08:05:00", "00:00:00")
    assert (_text(timedelta(hours=25, minutes=1)), _text(12.0), _text(0.1), _text(True)) == ("25:01:00", "12", "0.1", "1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04zepsute", "uszkodzone"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "dawnym formacie XLS"),
        ("cut", "uszkodzon"),
        ("nothing", "nie ma żadnych danych"),
    ],
)
def test_what_is_no_readable_workbook_is_said_in_words(folder, content, words):
    path = folder / "a.xlsx"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        book(path, A=[] if content == "nothing" else [["czas", "stan"], *([one, 1] for one in MOMENTS)])
        if content == "cut":
            path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(Unreadable, match=words):
        guessing.guess(path)


@pytest.mark.django_db
def test_a_sheet_is_chosen_and_the_declaration_knows_the_next_workbook_by_it(folder, client):
    unit = make_unit()
    client.force_login(make_staff("observations.keeper", unit))
    held = io.BytesIO()
    sheets = {
        "Opis": [["Uwaga", "Treść"], ["a", "b"], ["c", "d"]],
        "Woda": [["Data", "Woda [l]"], *([one, 1000 * n] for n, one in enumerate(MOMENTS))],
        "Prąd": [["Data", "Prąd [kWh]"], *([one, n] for n, one in enumerate(MOMENTS))],
    }
    book(held, **sheets)
    answer = client.post(PAGE, {"file": SimpleUploadedFile("liczniki.xlsx", held.getvalue()), "unit": unit.pk})
    assert answer.status_code == 302, answer.context["form"].errors
    page = client.get(answer.url)
    assert page.context["sheet"] == "Woda"
    assert page.context["sheets"] == ["Opis", "Woda", "Prąd"]
    client.post(answer.url, {"do": "sheet", "sheet": "Prąd"})
    page = client.get(answer.url)
    assert page.context["sheet"] == "Prąd"
    sent = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    client.post(answer.url, {**sent, "do": "check", "code": "energy", "header": "on"})
    client.post(answer.url, {"do": "write"})
    one = FileImport.objects.get()
    assert (one.state, one.written, one.refused) == ("done", 12, 0)
    stream = Datastream.objects.get(source__startswith="plik:")
    assert selectors.latest([stream.pk])[stream.pk].value == 11
    next_month = [one + timedelta(days=30) for one in MOMENTS]
    sheets["Prąd"] = [["Data", "Prąd [kWh]"], *([one, 100 + n] for n, one in enumerate(next_month))]
    path = book(folder / "nowy.xlsx", **sheets)
    second = services.import_file(path=path, by=SYSTEM, unit_id=unit.pk)
    assert (second.profile, second.layout["sheet"], second.added) == (ImportProfile.objects.get(), "Prąd", 12)
    assert Datastream.objects.filter(source__startswith="plik:").count() == 1
    assert (storing.folder(second.pk) / storing.SOURCE).read_bytes() == path.read_bytes()
    assert services.undo_import(one=second, by=SYSTEM).removed == 12
    assert running.look_of(Layout.of(second.layout)) == second.look
