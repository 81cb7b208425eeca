"""The pages without JavaScript: answering page by page, the list way, results, the editor; and who may see what."""

import json
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.testing import after_the_phases, make_process
from miasto.kernel.places.testing import line, make_street, point
from miasto.modules.idea.naming import KIND
from miasto.modules.idea.surveys import services
from miasto.modules.idea.surveys.models import Survey, SurveyMark, SurveyResponse, SurveyText
from miasto.modules.idea.surveys.services import AnswerRow, MarkRow
from miasto.modules.idea.surveys.tests.conftest import make_survey

pytestmark = pytest.mark.django_db
ONE = "/idea/ankiety/gdzie-brakuje-cienia/"
ANSWER = f"{ONE}odpowiedz/"
AREA = "".join(re.findall(r"\S", json.dumps({"type": "Point", "coordinates": list(point().coords)})))


def page(client, address, status=200, **data):
    response = client.post(address, data) if data else client.get(address)
    assert response.status_code == status, (address, response.status_code, response.content.decode()[:2000])
    return response.content.decode()


def carried(html):
    """What a browser without JavaScript would send of a page: hidden fields, chosen and typed ones."""
    form = html[html.index('id="ankieta"') : html.index("</form>", html.index('id="ankieta"'))]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.S)
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (("radio" not in tag and "checkbox" not in tag) or "checked" in tag):
            sent[name[1]] = (value[1] if value else "").replace("&quot;", '"')
    sent.pop("csrfmiddlewaretoken", None)
    return sent


def test_somebody_answers_page_by_page_with_the_list_way_and_is_thanked_once(client, survey):
    make_street(name="Długa", geom=line((-500, 0), (500, 0)))
    make_street(name="Lipowa", geom=line((-300, -100), (-300, 100)))
    make_street(name="Polna", geom=line((200, -100), (200, 100)))
    assert ANSWER in page(client, ONE)
    assert "Gdzie jest gorąco?" in page(client, ANSWER)
    text = page(client, ANSWER, 422, go="next", at="0")
    assert "Zaznacz co najmniej 1 miejsce." in text
    find = {"q2-as": "line", "q2-find": "Długa", "q2-from": "Lipowa", "q2-to": "Polna"}
    text = page(client, ANSWER, go="find:q2", at="0", **find)
    sent = carried(text)
    assert json.loads(sent["q2-0-geom"])["type"] == "LineString"
    assert "Długa: Lipowa – Polna" in text
    text = page(client, ANSWER, 422, **{**sent, "go": "next"})
    assert "Odpowiedz na to pytanie." in text
    text = page(client, ANSWER, **{**sent, "go": "next", "q2-0-q3": "o1", "q2-0-q4": "Nie ma drzew"})
    assert "Jak się poruszasz?" in text
    sent = carried(text)
    assert sent["q2-0-q4"] == "Nie ma drzew"
    text = page(client, ANSWER, 422, **{**sent, "go": "send", "q6": "o2"})
    assert "Odpowiedz na to pytanie." in text
    given = {**sent, "go": "send", "q6": "o1", "q9-o1": "2", "q9-o2": "2"}
    assert "inny numer" in page(client, ANSWER, 422, **given)
    given |= {"q9-o2": "1", "q10": "Więcej ławek", "q8-r1": "o2"}
    assert client.post(ANSWER, given).headers["Location"] == f"{ONE}dziekujemy/"
    assert client.post(ANSWER, given).headers["Location"] == f"{ONE}dziekujemy/"
    assert "Dziękujemy" in page(client, f"{ONE}dziekujemy/")
    made = SurveyResponse.objects.get()
    assert made.answers == {"q6": "o1", "q8": {"r1": "o2"}, "q9": ["o2", "o1"]}
    place = SurveyMark.objects.get()
    assert (place.way, place.answers, place.geom.geom_type) == ("list", {"q3": "o1"}, "LineString")
    assert set(SurveyText.objects.values_list("body", flat=True)) == {"Nie ma drzew", "Więcej ławek"}
    assert "ma już Twoją odpowiedź" in page(client, ANSWER, 409)
    assert "Gdzie jest gorąco?" in page(Client(), ANSWER)


def test_going_back_keeps_answers_and_a_dropped_place_goes_with_its_words(client, survey):
    place = {"q2-0-geom": AREA, "q2-0-q3": "o1", "q2-1-geom": AREA, "q2-1-q3": "o2"}
    sent = carried(page(client, ANSWER, go="next", at="0", **place))
    text = page(client, ANSWER, **{**sent, "go": "back", "q6": "o1"})
    sent = carried(text)
    assert (sent["q2-1-q3"], sent["q6"]) == ("o2", "o1")
    sent = carried(page(client, ANSWER, **{**sent, "go": "drop:q2:0"}))
    assert "q2-0-geom" not in sent
    assert sent["q2-1-geom"] == AREA
    assert sent["q6"] == "o1"


def test_wrong_shapes_and_strange_fields_are_refused_in_words(client, survey):
    away = '{"type":"Point","coordinates":[0.5,0.5]}'
    assert "poza miastem" in page(client, ANSWER, 422, **{"go": "next", "at": "0", "q2-0-geom": away, "q2-0-q3": "o1"})
    assert "nie da się zapisać" in page(client, ANSWER, 422, **{"go": "next", "at": "0", "q2-0-geom": "{", "q2-0-q3": "o1"})
    many = {f"q2-{n}-{name}": value for n in range(3) for name, value in (("geom", AREA), ("q3", "o1"))}
    assert "Zaznacz najwyżej 2" in page(client, ANSWER, 422, **{"go": "next", "at": "0", **many})
    for go in ("take:q2:99", "find:q77", "drop:q2:999", "cokolwiek", "find:q2"):
        page(client, ANSWER, go=go, at="999999999999", **{"q2-find": "Nigdzie", "q2-as": "x"})
    assert not SurveyResponse.objects.exists()


def test_the_questions_speak_another_language(client, unit):
    make_survey(unit, translations={"en": {"title": "Where is shade missing?", "about": ""}})
    assert "Where is shade missing?" in page(client, f"{ONE}?jezyk=en")
    sent = carried(page(client, f"{ANSWER}?jezyk=en"))
    text = page(client, ANSWER, **{**sent, "go": "next", "q2-0-geom": AREA, "q2-0-q3": "o1"})
    assert "How do you get around?" in text


def test_a_survey_by_account_or_link_asks_for_it_first(client, unit, staff):
    make_survey(unit, access="account")
    assert "/konto/zaloguj/" in client.get(ANSWER).headers["Location"]
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    page(client, ANSWER)
    other = make_survey(unit, access="link")
    start = f"/idea/ankiety/{other.slug}/"
    guest = Client()
    assert guest.get(f"{start}odpowiedz/").headers["Location"] == f"{start}odsylacz/"
    assert "adres e-mail w całości" in page(guest, f"{start}odsylacz/", 422, email="nic")
    assert "Sprawdź pocztę" in page(guest, f"{start}odsylacz/", email="Ktos@przyklad.pl")
    letter = apps.get_model("core", "OutgoingMail").objects.get()
    link = re.search(r"https?://[^/]+(/idea/ankiety/\S+)", letter.text)[1]
    assert "przyklad" not in link
    page(guest, f"{start}klucz/podrobiony/", 404)
    assert guest.get(link).headers["Location"] == f"{start}odpowiedz/"
    page(guest, f"{start}odpowiedz/")


def test_results_are_nobodys_before_their_time_and_everybodys_after(client, survey, staff):
    for address in ("wyniki/", "wyniki.csv", "wyniki.geojson", "wyniki/q2.geojson", "wyniki.csv?dokladne=1"):
        page(client, f"{ONE}{address}", 404)
    api = f"/api/participation/surveys/{survey.pk}/results"
    page(client, api, 404)
    rows = [
        (clock.today(), AnswerRow(answers={"q6": "o1"}, texts={"q10": word}, marks=(MarkRow(question="q2", geom=point(n, 0)),)))
        for n, word in enumerate(("Jawne", "=Wzór", "Sekret", "Sekret", "Sekret"))
    ]
    services.import_responses(survey=survey, rows=rows, published={"Jawne": True, "=Wzór": True}, by=SYSTEM)
    services.close_survey(survey=survey, by=SYSTEM)
    services.publish_results(survey=survey, by=SYSTEM)
    with CaptureQueriesContext(connection) as queries:
        text = page(client, f"{ONE}wyniki/?wedlug=q6")
    assert len(queries) < 25
    for wanted in ("Jawne", "Najczęściej wskazywane okolice", "pieszo"):
        assert wanted in text
    assert "Sekret" not in text
    table = page(client, f"{ONE}wyniki.csv")
    assert "'=Wzór" in table
    assert "Sekret" not in table
    assert str(point().x)[:7] not in table
    (cell,) = json.loads(page(client, f"{ONE}wyniki.geojson"))["features"]
    assert (cell["geometry"]["type"], cell["properties"]["count"]) == ("Polygon", 5)
    (places,) = json.loads(page(client, api))["places"]
    assert places["people"] == 5


def test_exact_places_are_published_only_where_it_was_said_beforehand(client, unit):
    one = make_survey(unit, marks_public=True, shown="live")
    day = clock.today() - timedelta(days=1)
    marked = MarkRow(question="q2", geom=point(), label="Długa 5 m. 2", texts={"q4": "Sekret"})
    services.import_responses(survey=one, rows=[(day, AnswerRow(marks=(marked,)))], published={}, by=SYSTEM)
    assert "opublikujemy dokładnie" in page(client, ONE)
    text = page(client, f"{ONE}wyniki.geojson")
    assert json.loads(text)["features"][0]["geometry"]["type"] == "Point"
    assert "Sekret" not in text
    assert "Długa 5" not in text


def test_staff_make_a_survey_without_code_see_it_and_read_the_words(panel, unit):
    today = clock.today()
    form = {"title": "Nowa ankieta", "unit_id": str(unit.pk), "access": "anyone", "shown": "after"}
    for name, day in (("starts_on", today), ("ends_on", today + timedelta(days=9))):
        form |= {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}
    home = panel.post("/panel/idea/ankiety/nowa/", form).headers["Location"]
    assert "Dodaj przynajmniej jedno pytanie." in page(panel, home)
    question = {"kind": "choice", "label_pl": "Jak dojeżdżasz?", "choices_pl": "pieszo\nautobusem", "required": "on"}
    assert "co najmniej 2" in page(panel, f"{home}pytanie/?strona=s1", 422, **{**question, "choices_pl": "pieszo"})
    for text in ("Jak dojeżdżasz?", "Jak wracasz?"):
        assert panel.post(f"{home}pytanie/?strona=s1", {**question, "label_pl": text}).status_code == 302
    marks = {"kind": "marks", "label_pl": "Gdzie?", "shapes": ["point"], "least": "0", "most": "3"}
    panel.post(f"{home}pytanie/?strona=s1", marks)
    panel.post(f"{home}pytanie/?do=q4", {"kind": "text", "label_pl": "Co tam jest?"})
    assert panel.post(f"{home}pytanie/q2/", {**question, "label_pl": "Czym dojeżdżasz?"}).status_code == 302
    panel.post(f"{home}kolejnosc/", {"go": "down:q2"})
    panel.post(f"{home}strona/", {"title_pl": "Druga strona"})
    text = page(panel, home)
    assert text.index("Jak wracasz?") < text.index("Czym dojeżdżasz?") < text.index("Co tam jest?")
    panel.post(f"{home}kolejnosc/", {"go": "drop-page:s6"})
    assert "Czym dojeżdżasz?" in page(panel, f"{home}podglad/")
    assert panel.post(f"{home}podglad/", {"go": "send", "at": "0", "q2": "o1", "q3": "o1"}).status_code == 302
    assert not SurveyResponse.objects.exists()
    panel.post(f"{home}publikuj/")
    paper = {"go": "send", "at": "0", "q2": "o2", "q4-0-geom": AREA, "q4-0-q5": "Tel. 600 700 800", "received_on_0": today.day}
    paper |= {"received_on_1": today.month, "received_on_2": today.year}
    assert panel.post(f"{home}papier/", paper).status_code == 302
    made = SurveyResponse.objects.get()
    assert (made.source, made.answers) == ("paper", {"q2": "o2"})
    words = page(panel, f"{home}slowa/")
    assert "Tel. [telefon]" in words
    sent = {"text": str(SurveyText.objects.get().pk), "go": "publish", "edited": "Tel. [telefon]"}
    panel.post(f"{home}slowa/", sent)
    panel.post(f"{home}slowa/", {**sent, "go": "withhold"})
    assert SurveyText.objects.get().published == "Tel. [telefon]"
    assert "na papierze" in page(panel, f"{home}dane.csv")
    assert json.loads(page(panel, f"{home}dane.geojson"))["features"][0]["properties"]["way"] == "map"
    assert "Wyniki z dokładnymi liczbami" in page(panel, f"{home}wyniki/")
    panel.post(f"{home}zamknij/")
    panel.post(f"{home}wyniki/publikuj/")
    assert Survey.objects.get().results_at is not None
    assert "Nowa ankieta" in page(panel, "/panel/idea/ankiety/")
    page(Client(), "/idea/ankiety/nowa-ankieta/wyniki/")
    page(panel, f"{home}pytanie/nie-ma/", 404)


def test_closing_a_consultation_closes_its_survey_and_publishes_the_results_where_the_officer_leaves_the_tick(
    client, unit, panel
):
    process = make_process(kind=KIND, unit_id=unit.pk)
    one = make_survey(unit, process_id=process.pk)
    services.import_responses(survey=one, rows=[(clock.today(), AnswerRow(answers={"q6": "o1"}))], published={}, by=SYSTEM)
    address = f"/panel/idea/{process.pk}/"
    with after_the_phases(process):
        assert "opublikuj jej wyniki" in page(panel, address)
        assert panel.post(f"{address}zamknij/", {"outcome": "Będzie park.", "results": "on"}).status_code == 302
        one.refresh_from_db()
        assert one.closed_at is not None
        assert one.results_at is not None
        assert not one.key
        assert "opublikuj jej wyniki" not in page(panel, address)


@pytest.mark.parametrize("address", ["/newsletter/", "/glosuj/", "/idea/"])
def test_the_menu_marks_the_place_of_participation_on_all_its_pages(client, unit, address):
    assert re.search(r'<a href="/idea/" aria-current="(page|true)"', page(client, address))
