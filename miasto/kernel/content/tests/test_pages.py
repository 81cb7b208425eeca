"""The public pages of the knowledge base, opinions, and the panel's page of hours."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.content.models import Office, Opinion, Service, SpecialDay
from miasto.kernel.content.testing import make_office, make_service
from miasto.kernel.core import changes

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def unit(tuesday_noon):
    made = make_unit(slug="usc", name="Urząd Stanu Cywilnego", phone="41 000 00 05")
    make_office(made, directions="pokój 3", directions_en="room 3")
    return made


@pytest.fixture
def service(unit):
    return make_service(
        slug="slub", title="Ślub cywilny", unit=unit, line="Ślub kosztuje 84 zł.", cost="84 zł", who="Dwie osoby.",
        documents=["dowody osobiste"], steps=["Umów termin"], fees=[("akt małżeństwa", "84 zł")], legal=["Kodeks rodzinny"],
        keywords=["wziąć ślub"], appeal="Odwołaj się.", popular=True, title_en="Civil wedding", notice="Weź świadków.",
        links=[{"label": "Portal", "url": "https://www.gov.pl"}], points=[{"heading": "Gdzie", "items": ["w ratuszu"]}],
    )  # fmt: skip


def text(address, client=None):
    answer = (client or Client()).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_service_page_tells_everything_in_order(service):
    page = text("/poradnik/slub/")
    wanted = [
        "Ślub cywilny", "Ślub kosztuje 84 zł.", "Dwie osoby.", "Weź świadków.", "dowody osobiste", "Umów termin",
        "akt małżeństwa", "w ratuszu", "https://www.gov.pl", "Odwołaj się.", "Kodeks rodzinny", "Czy to pomogło?",
        "Dziś otwarte do 15:30.", "Rynek 1", "41 000 00 05",
    ]  # fmt: skip
    places = [page.find(one, page.find("<main")) for one in wanted]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize(
    "address",
    [
        "/poradnik/",
        "/poradnik/?q=wziac+slub",
        "/poradnik/slub/",
        "/poradnik/gdzie/",
        "/poradnik/gdzie/usc/",
        "/poradnik/odpowiedz/?q=slub",
    ],
)
def test_a_public_page_costs_few_queries_however_many_services_there_are(service, unit, address):
    for number in range(8):
        make_service(title=f"Inna karta {number}", unit=unit)
        make_office(make_unit())
    Client().get(address)
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(address).status_code == 200
    assert len(asked) <= MOST_QUERIES, [one["sql"][:90] for one in asked]


def test_the_guide_shows_topics_and_what_is_needed_most_and_answers(service):
    page = text("/poradnik/")
    assert page.count('href="/poradnik/slub/"') >= 2
    answered = text("/poradnik/?q=wziasc+slub")
    assert "Ślub kosztuje 84 zł." in answered
    assert "Nie mamy karty o tym" in text("/poradnik/?q=bigos")


def test_the_answer_as_data_tells_the_operator_the_sentence_and_the_place(service):
    told = Client().get("/poradnik/odpowiedz/?q=ile+kosztuje+slub").json()["answers"]
    assert told[0]["line"] == "84 zł"
    assert told[0]["facet"] == "cost"
    assert "Dziś otwarte do 15:30" in told[0]["detail"]
    assert Client().get("/poradnik/odpowiedz/").json() == {"answers": []}


def test_the_one_search_shows_the_answer_above_the_results(service, run_jobs):
    run_jobs()
    page = text("/szukaj/?q=slub+cywilny")
    assert page.index("Ślub kosztuje 84 zł.") < page.index("search-hits")
    assert "84 zł" in text("/szukaj/?q=ile+kosztuje+slub")


def test_english_readers_get_the_translation_and_a_note_where_there_is_none(service):
    client = Client(headers={"accept-language": "en"})
    page = text("/poradnik/slub/", client)
    assert "Civil wedding" in page
    assert "room 3" in page
    assert "Ślub kosztuje 84 zł." in page
    assert "ui-banner" in page


def test_an_unknown_or_unpublished_page_is_not_found(service):
    Service.objects.update(live=False)
    for address in ("/poradnik/slub/", "/poradnik/nie-ma/", "/poradnik/gdzie/nie-ma/"):
        assert Client().get(address).status_code == 404
    assert "Ślub cywilny" not in text("/poradnik/")


def test_the_page_of_a_unit_tells_its_week_unusual_days_and_matters(service, unit):
    SpecialDay.objects.create(unit=unit, day="2026-05-14", hours="", reason="inwentaryzacja")
    page = text("/poradnik/gdzie/usc/")
    assert "7:30–15:30" in page
    assert "inwentaryzacja" in page
    assert "Bożego Ciała" in page
    assert 'href="/poradnik/slub/"' in page


def test_an_opinion_is_kept_without_the_reader_and_words_are_added_to_it_once(service):
    client = Client()
    assert client.post("/poradnik/slub/opinia/", {"pomoglo": "tak"}).status_code == 302
    answer = client.post("/poradnik/slub/opinia/", {"pomoglo": "nie"})
    made = Opinion.objects.get(helped=False)
    assert answer["Location"] == f"/poradnik/slub/?o={made.id}#opinia"
    assert "Czego zabrakło?" in text(f"/poradnik/slub/?o={made.id}")
    for words in ("Nie ma terminów.", "Jeszcze coś."):
        client.post("/poradnik/slub/opinia/", {"pomoglo": "nie", "opinia": str(made.id), "brak": words})
    made.refresh_from_db()
    assert (made.missing, Opinion.objects.count()) == ("Nie ma terminów.", 2)
    assert {field.name for field in Opinion._meta.get_fields()} == {"id", "service", "helped", "missing", "at"}


@pytest.mark.parametrize("sent", [{}, {"pomoglo": "moze"}, {"pomoglo": "nie", "opinia": "x"}])
def test_an_opinion_that_makes_no_sense_is_refused(service, sent):
    assert Client().post("/poradnik/slub/opinia/", sent).status_code == 400
    assert not Opinion.objects.exists()


def test_words_cannot_be_added_to_the_opinion_about_another_page(service, unit):
    other = make_service(slug="inna", title="Inna", unit=unit)
    kept = Opinion.objects.create(service=other, helped=False)
    Client().post("/poradnik/slub/opinia/", {"pomoglo": "nie", "opinia": str(kept.id), "brak": "obce słowa"})
    kept.refresh_from_db()
    assert kept.missing == ""


def test_opinions_are_limited_for_one_device(service, settings):
    codes = [Client().post("/poradnik/slub/opinia/", {"pomoglo": "tak"}).status_code for _number in range(32)]
    assert codes[29:] == [302, 429, 429]


def test_editors_read_opinions_and_what_is_to_be_read_again(service):
    Opinion.objects.create(service=service, helped=False, missing="Brakuje cen sali.")
    Service.objects.update(next_review_on="2026-05-01")
    client = Client()
    client.force_login(make_staff("content.editor"), backend="django.contrib.auth.backends.ModelBackend")
    page = text("/panel/poradnik/opinie/", client)
    assert "Brakuje cen sali." in page
    assert f"/panel/tresci/karty/edit/{service.id}/" in page


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_staff("content.editor"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_staff_change_the_week_of_a_unit_and_residents_see_it_at_once(service, unit, staff):
    sent = {f"day_{number}": "9-14" for number in range(5)} | {"address": "ul. Nowa 2", "directions": "parter"}
    assert staff.post(f"/panel/godziny/{unit.id}/", sent).status_code == 302
    page = text("/poradnik/slub/")
    assert "Dziś otwarte do 14:00." in page
    assert "ul. Nowa 2" in page
    actions = [one.action for one in changes.history(Office.objects.get(unit=unit).id)]
    assert actions == ["content.office_saved", "content.office_saved"]


def test_hours_that_cannot_be_read_are_shown_back_with_the_reason(unit, staff):
    answer = staff.post(f"/panel/godziny/{unit.id}/", {"day_0": "od rana"})
    assert answer.status_code == 200
    assert "Wpisz godziny tak" in answer.content.decode()


def test_staff_name_a_day_and_take_it_back(service, unit, staff):
    sent = {"unit": "", "day_0": "12", "day_1": "5", "day_2": "2026", "hours": "", "reason": "awaria prądu"}
    assert staff.post("/panel/godziny/", sent).status_code == 302
    assert "Dziś nieczynne: awaria prądu" in text("/poradnik/slub/")
    twice = staff.post("/panel/godziny/", sent)
    assert "już na liście" in twice.content.decode()
    assert staff.post(f"/panel/godziny/dzien/{SpecialDay.objects.get().id}/usun/").status_code == 302
    assert "Dziś otwarte do 15:30." in text("/poradnik/slub/")


@pytest.mark.parametrize("address", ["/panel/godziny/", "/panel/poradnik/opinie/", "/panel/godziny/{unit}/"])
def test_the_panels_pages_are_for_those_who_hold_the_permission(unit, address):
    address = address.format(unit=unit.id)
    assert Client().get(address).status_code == 302
    clerk = Client()
    clerk.force_login(make_staff("cases.clerk", unit), backend="django.contrib.auth.backends.ModelBackend")
    assert clerk.get(address).status_code == 403
    assert clerk.post(f"/panel/godziny/dzien/{uuid.uuid4()}/usun/").status_code == 403
