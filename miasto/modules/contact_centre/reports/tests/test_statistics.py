"""The page of the open statistics and its downloads."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_viewer
from miasto.kernel.cases import services
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.reports import tables

pytestmark = pytest.mark.django_db
PAGE = "contact_centre_statistics:statistics"


def report(catalogue, slug="latarnia", **fields):
    values = {"description": "Ciemno.", "point": city().centre, "address_text": "ul. Próbna 1", "answers": {}}
    if slug == "latarnia":
        values["answers"] = {"lamps": "one"}
    return services.file_case(case_type=KEY, category=catalogue[slug], by=SYSTEM, **{**values, **fields}).case


def solved(case, after: timedelta):
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    with clock.at(case.filed_at + after):
        return services.take_step(case=case, transition="resolve", answer="Świeci.", reason="Bez zdjęcia.", by=clerk)


@pytest.fixture
def counted(catalogue, tuesday_noon):
    """Six reports of a lamp solved in two days, one other that nobody touched; phone and the web."""
    cases = [report(catalogue, channel="phone" if number < 5 else "web") for number in range(6)]
    for case in cases:
        solved(case, timedelta(days=2))
    report(catalogue, "inne")
    services.count_all(KEY)
    return cases


def text(client, query="") -> str:
    return client.get(reverse(PAGE) + query).content.decode()


def test_the_page_says_how_many_how_fast_and_how_often_disputed(client, counted):
    page = text(client)
    for words in ("Statystyki zgłoszeń", "zgłoszonych", "załatwionych", "w terminie", "100%", "2 dni", "Latarnia nie świeci"):
        assert words in page


def test_the_page_takes_at_most_twelve_queries(client, counted, django_assert_max_num_queries):
    text(client)
    with django_assert_max_num_queries(12):
        text(client)
    with django_assert_max_num_queries(12):
        text(client, "?kategoria=latarnia&okres=2026-05")


def rows(client, query="") -> list[dict]:
    answer = client.get(reverse("contact_centre_statistics:csv") + query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_the_download_has_the_documented_columns_and_the_figures_of_the_page(client, counted):
    found = rows(client)
    assert list(found[0]) == [name for name, _meaning in tables.COLUMNS]
    total = found[0]
    assert (total["by"], total["filed"], total["solved"], total["in_time_percent"]) == ("total", "7", "6", "100")
    assert float(total["solution_median_d"]) == pytest.approx(2, rel=0.03)
    assert {row["by"] for row in found} == {"total", "unit", "category", "month"}


def test_csv_and_json_say_the_same(client, counted):
    answer = json.loads(client.get(reverse("contact_centre_statistics:json")).content)
    assert set(answer["columns"]) == {name for name, _meaning in tables.COLUMNS}
    said = [{key: "" if value is None else str(value) for key, value in row.items()} for row in answer["rows"]]
    assert said == rows(client)


def test_a_category_with_few_cases_tells_no_times_and_no_shares(client, counted):
    few = next(row for row in rows(client) if row["key"] == "inne")
    assert few["filed"] == "1"
    assert not any(few[name] for name in ("solution_median_d", "in_time_percent", "disputed_percent", "response_median_h"))


def test_filters_narrow_the_figures_and_leave_out_the_channels(client, counted):
    whole, narrowed = text(client), text(client, "?kategoria=inne")
    assert "Jak mieszkańcy zgłaszają" in whole
    assert "Jak mieszkańcy zgłaszają" not in narrowed
    assert rows(client, "?kategoria=inne")[0]["filed"] == "1"
    assert rows(client, f"?jednostka={counted[0].unit_id}&okres=2026-05")[0]["filed"] in ("6", "7")


def test_a_channel_that_one_person_used_is_hidden_with_the_next(client, counted):
    """Five by phone, one and one on the page: neither number can be read."""
    page = text(client)
    assert "kilka" in page
    assert "około 5" not in page


@pytest.mark.parametrize("query", ["?okres=abc", "?jednostka=x", "?kategoria=nie-ma", "?obszar=1", "?okres=2019-13"])
def test_what_the_address_says_wrongly_is_left_out(client, counted, query):
    assert rows(client, query)[0]["filed"] == "7"


def test_a_city_without_reports_has_a_page_too(client, catalogue, tuesday_noon):
    assert "Nie ma czego liczyć" in text(client)
