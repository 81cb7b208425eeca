"""The inventory of heating: a file is taken over whole or not at all, and what is told to everybody reveals no household."""

import io
import random
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.core import clock
from miasto.kernel.places.testing import make_address, make_street
from miasto.modules.environment.heating import selectors, services
from miasto.modules.environment.heating.kinds import KINDS, class_of, kind_of
from miasto.modules.environment.heating.models import HeatingImport, HeatingSource
from miasto.modules.environment.heating.register import Unreadable, read
from miasto.modules.environment.heating.suppress import LEAST, TOTAL, protected, with_margins

HEAD = (
    "Numer deklaracji;Typ deklaracji;Miejscowość;Ulica;Numer budynku;"
    "Rodzaj źródła ciepła;Klasa kotła;Data uruchomienia;Właściciel"
)
BOILER = "kocioł na paliwo stałe z ręcznym podawaniem paliwa / zasypowy"
DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def line(number, *, house="1", kind=BOILER, boiler="klasa 3", form="A", started="2012-10-01"):
    return f"D{number};{form};Miasto;Próbna;{house};{kind};{boiler};{started};Jan Kowalski"


def made(*lines):
    return "\n".join([HEAD, *lines]).encode()


@pytest.fixture
def keeper(db):
    return make_viewer(roles={"observations.keeper": make_unit()})


def taken(data, keeper, *, as_of=DAY, whole=True, name="eksport.csv"):
    with clock.at(NOW):
        row = services.ask(data=data, file_name=name, as_of=as_of, whole=whole, by=keeper)
        services.take(row.pk)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("key", list(KINDS))
def test_every_kind_is_known_by_the_words_of_the_declaration(key):
    assert kind_of(str(KINDS[key][0])) == key


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("klasa 5", "5"),
        ("IV", "4"),
        ("Ekoprojekt", "eco"),
        ("poniżej klasy 3", "none"),
        ("brak informacji", "none"),
        ("", "none"),
    ],
)
def test_the_class_of_a_boiler_is_read_from_words(text, found):
    assert class_of(text) == found


def test_errors_name_their_line_and_column_and_hold_nothing_of_the_cells():
    rows, problems = read(
        made(
            line(1), line(2, form="C"), line(3, kind="wiatrak"), line(1, house="9"), line(4, started="jutro"), line(5, house="")
        ),
        "a.csv",
    )
    assert [(one["line"], one["column"]) for one in problems] == [
        (3, "Typ deklaracji"),
        (4, "Rodzaj źródła ciepła"),
        (5, "Numer deklaracji"),
        (6, "Data uruchomienia"),
        (7, "Numer budynku"),
    ]
    assert "wiatrak" not in repr(problems)
    assert rows[0].address == "Próbna 1"
    assert "Kowalski" not in repr(rows)


def test_a_file_without_the_columns_says_which_are_missing():
    with pytest.raises(Unreadable, match="Rodzaj źródła ciepła"):
        read(b"Numer deklaracji;Typ deklaracji\n", "a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
def test_a_clumsy_export_is_read_with_its_title_doubled_rows_and_retracted_declarations(encoding):
    rows = [
        "Eksport z ewidencji;;;;;",
        "",
        f"LP;{HEAD} ;Status  deklaracji",
        f"1;{line(1)};aktywna",
        f"2;{line(1)};aktywna",
        f"3;{line(2)};Wycofana przez składającego",
        f'4;D3;A;Miasto;"Próbna; boczna";"2";{BOILER};;1999-01-01;"Jan ""Mały"" Kowalski";',
        ";;;;;;;;;;",
    ]
    found, problems = read("\r\n".join(rows).encode(encoding), "a.csv")
    assert problems == []
    assert [(one.declaration, one.address) for one in found] == [("D1", "Próbna 1"), ("D3", "Próbna; boczna 2")]


def test_a_declaration_retracted_in_a_newer_export_is_removed_on_its_day(keeper):
    taken(made(line(1), line(2)), keeper)
    newer = f"{HEAD};Status deklaracji\n{line(1)};aktywna\n{line(2)};anulowana".encode()
    assert taken(newer, keeper, as_of=date(2026, 3, 2)).gone == 1
    assert HeatingSource.objects.get(declaration="D2").removed_on == date(2026, 3, 2)


def test_xlsx_and_windows_letters_read_the_same():
    from openpyxl import Workbook

    book, held = Workbook(), io.BytesIO()
    for row in (HEAD, line(1)):
        book.active.append(row.split(";"))
    book.save(held)
    plain = read(made(line(1)), "a.csv")[0]
    assert read(held.getvalue(), "a.xlsx")[0] == plain
    assert read("\n".join([HEAD, line(1)]).encode("cp1250"), "a.csv")[0] == plain
    with pytest.raises(Unreadable):
        read(b"nic", "a.xlsx")


def test_the_same_file_twice_changes_nothing_and_a_newer_one_shows_what_is_gone(keeper):
    street = make_street(name="Próbna")
    make_address(street=street, number="1")
    first = taken(made(line(1), line(2, house="777")), keeper)
    assert (first.state, first.fresh, first.gone, bytes(first.data)) == ("done", 2, 0, b"")
    assert taken(made(line(1), line(2, house="777")), keeper).fresh == 0
    assert [one.address for one in selectors.unmatched(keeper)] == ["Próbna 777"]
    assert HeatingSource.objects.get(declaration="D1").geom is not None
    newer = taken(made(line(1, boiler="", kind="pompa ciepła")), keeper, as_of=date(2026, 3, 2))
    assert newer.gone == 1
    assert HeatingSource.objects.get(declaration="D2").removed_on == date(2026, 3, 2)
    assert HeatingSource.objects.get(declaration="D1").kind == "pump"
    with pytest.raises(ValidationError):
        taken(made(line(1)), keeper)


def test_a_file_with_an_error_changes_nothing(keeper):
    row = taken(made(line(1), line(2, form="C")), keeper)
    assert row.state == "refused"
    assert row.problems[0]["line"] == 3
    assert not HeatingSource.objects.exists()


def test_a_second_file_waits_until_the_first_is_read(keeper):
    with clock.at(NOW):
        services.ask(data=made(line(1)), file_name="a.csv", as_of=DAY, whole=True, by=keeper)
        with pytest.raises(ValidationError):
            services.ask(data=made(line(1)), file_name="a.csv", as_of=DAY, whole=True, by=keeper)


def test_only_staff_with_the_permission_sees_rows(keeper):
    taken(made(line(1)), keeper)
    assert selectors.sources(keeper).count() == 1
    assert not selectors.sources(ANONYMOUS).exists()
    assert not selectors.unmatched(make_viewer()).exists()
    with pytest.raises(PermissionDenied):
        services.ask(data=b"", file_name="a.csv", as_of=DAY, whole=True, by=make_viewer())


@pytest.mark.django_db
def test_the_page_tells_no_small_number_and_asks_few_questions():
    HeatingSource.objects.bulk_create(
        HeatingSource(declaration=f"D{n}", form="A", kind="gas", group="gas" if n < 30 else "solid", address="x", seen_on=DAY)
        for n in range(33)
    )
    Client().get("/powietrze/ogrzewanie/")  # counts
    with CaptureQueriesContext(connection) as queries:
        text = Client().get("/powietrze/ogrzewanie/").content.decode()
    assert len(queries) <= 17
    assert "Spisanych źródeł ciepła jest 33" in text
    assert ">30<" not in text  # 33 - 30 would tell the three
    table = Client().get("/powietrze/ogrzewanie/dane.csv").content.decode()
    assert ",3," not in table


@pytest.mark.django_db
def test_without_an_inventory_the_page_says_so():
    assert "Nie ma jeszcze spisu źródeł ciepła" in Client().get("/powietrze/ogrzewanie/").content.decode()


def test_the_staffs_page_takes_a_file(keeper, client):
    from django.contrib.auth import get_user_model

    client.force_login(get_user_model().objects.get(pk=keeper.person_id))
    file = SimpleUploadedFile("a.csv", made(line(1)))
    answer = client.post(
        "/panel/srodowisko/ogrzewanie/", {"plik": file, "stan_0": "1", "stan_1": "3", "stan_2": "2026", "caly": "on"}
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert HeatingImport.objects.get().file_name == "a.csv"


@pytest.mark.parametrize("seed", range(120))
def test_no_hidden_count_can_be_computed_from_what_is_told(seed):
    """An attacker who solves all sums exactly learns of no hidden cell."""
    import numpy as np

    chance = random.Random(seed)
    rows, columns = range(chance.randint(1, 7)), range(chance.randint(2, 5))
    table = {
        (r, c): chance.choice([0, 0, chance.randint(1, 9), chance.randint(1, 30), chance.randint(10, 300)])
        for r in rows
        for c in columns
    }
    told, full = protected(table), with_margins(table)
    hidden = [cell for cell, value in told.items() if value is None]
    assert all(told[cell] in (None, full[cell]) for cell in full)
    assert all(value is None or value == 0 or value >= LEAST for value in told.values())
    equations = []
    for keys in (
        [[(r, c) for c in (*columns, TOTAL)] for r in (*rows, TOTAL)],
        [[(r, c) for r in (*rows, TOTAL)] for c in (*columns, TOTAL)],
    ):
        for cells in keys:
            signs = [-1 if TOTAL in cell and cell in (cells[-1],) else 1 for cell in cells]
            equations.append([dict(zip(cells, signs, strict=True)).get(cell, 0) for cell in hidden])
    if not hidden:
        return
    matrix = np.array(equations, dtype=float)
    for at, cell in enumerate(hidden):
        if not 0 < full[cell] < LEAST:
            continue
        unit = np.zeros(len(hidden))
        unit[at] = 1
        solved = np.linalg.lstsq(matrix.T, unit, rcond=None)[0]
        assert not np.allclose(matrix.T @ solved, unit), (seed, cell, table)
