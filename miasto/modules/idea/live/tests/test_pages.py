"""Pages of live votes: phones, the hall, the desk; no code in an address; the same queries however many take part."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.modules.idea.live import services
from miasto.modules.idea.live.models import LiveMeeting, LiveParticipant, LiveQuestion

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def desk(client, staff):
    client.force_login(staff, backend=BACKEND)
    return client


def come(meeting, **fields):
    """A phone that has come in."""
    phone = Client()
    answer = phone.post(f"/glosuj/{meeting.code}/wejdz/", {"where": "room", **fields})
    assert answer.status_code == 302, answer.content.decode()
    return phone


def page_of(phone, meeting):
    return phone.get(f"/glosuj/{meeting.code}/").content.decode()


def send(phone, question, **fields):
    address = f"/glosuj/{question.meeting.code}/glos/{question.pk}/"
    return phone.post(address, fields, follow=True).content.decode()


def test_a_phone_goes_from_the_code_through_a_vote_to_the_result(make_meeting, ask):
    meeting = make_meeting()
    phone = Client()
    assert phone.get("/glosuj/", {"kod": meeting.code.lower()}).url == f"/glosuj/{meeting.code}/"
    assert phone.get(f"/glosuj/{meeting.code.lower()}/").url == f"/glosuj/{meeting.code}/"
    assert "Weź udział" in page_of(phone, meeting)
    phone = come(meeting)
    assert "Czekamy na następne pytanie" in page_of(phone, meeting)
    question = ask(meeting, kind="one", options=["Park", "Plac"], majority="simple")
    assert "Park" in page_of(phone, meeting)
    assert "Wybierz albo wpisz odpowiedź." in send(phone, question)
    assert "Głos przyjęty." in send(phone, question, choice="1")
    assert "Głos oddany" in page_of(phone, meeting)
    assert "Ten głos był już przyjęty. Liczy się pierwszy." in send(phone, question, choice="0")
    services.close_question(question=question, by=SYSTEM)
    assert "Wybrano: Plac" not in page_of(phone, meeting)
    assert "To głosowanie jest już zamknięte." in send(phone, question, choice="0")
    services.show_results(question=question, shown=True, by=SYSTEM)
    assert "Wybrano: Plac" in page_of(phone, meeting)


def test_a_wrong_code_of_a_meeting_is_told_so_and_guessing_is_slowed(make_meeting, settings):
    settings.RATE_LIMIT_FACTOR = 0.02
    phone = Client()
    told = phone.get("/glosuj/", {"kod": "AAAAAA"})
    assert "Nie ma spotkania o takim kodzie." in told.content.decode()
    assert [phone.get("/glosuj/", {"kod": "AAAAAA"}).status_code for _turn in range(3)][-1] == 429
    assert phone.get("/glosuj/AAAAAA/").status_code == 404
    meeting = make_meeting(admission="listed")
    wrong = phone.post(f"/glosuj/{meeting.code}/wejdz/", {"where": "room", "secret": "AAAAA-AAAAA"})
    assert wrong.status_code == 422
    assert "Nie znamy takiego kodu." in wrong.content.decode()


def test_a_card_is_asked_for_only_where_it_is_needed_and_its_code_stands_in_no_address(make_meeting, ask, desk):
    meeting = make_meeting(admission="listed", cards=True)
    sheet = desk.post(f"/panel/idea/na-zywo/{meeting.pk}/karty/", {"count": "3"})
    assert "no-store" in sheet["Cache-Control"]
    codes = re.findall(r'live-card__code">([A-Z0-9-]+)<', sheet.content.decode())
    assert len(set(codes)) == 3
    ala = services.list_people(meeting=meeting, names=["Ala"], by=SYSTEM)[0][1]
    phone = come(meeting, secret=ala)
    assert "Mam kartę do głosowania tajnego" in page_of(phone, meeting)
    question = ask(meeting)
    assert "Wpisz kod z karty do głosowania tajnego" in page_of(phone, meeting)
    joined = phone.post(f"/glosuj/{meeting.code}/wejdz/", {"where": "room", "secret": codes[0].lower()})
    assert joined.url == f"/glosuj/{meeting.code}/"
    assert "Głos przyjęty." in send(phone, question, choice="0")
    services.close_question(question=question, by=SYSTEM)
    roll = ask(meeting, secret=False, changeable=True)
    assert "ogłosimy, kto jak głosował" in page_of(phone, meeting)
    send(phone, roll, choice="2")
    assert "Twój głos jest przyjęty." in page_of(phone, meeting)
    assert "Zmiana przyjęta." in send(phone, roll, choice="0")
    assert "Wejdź swoim kodem" in phone.post(f"/glosuj/{meeting.code}/wyjdz/", follow=True).content.decode()


def test_a_meeting_by_account_leads_to_the_log_in(make_meeting, ask):
    meeting = make_meeting(admission="accounts")
    phone = Client()
    assert f"?next=/glosuj/{meeting.code}/" in page_of(phone, meeting)
    person = make_person(name="Zofia Testowa")
    phone.force_login(person, backend=BACKEND)
    phone.post(f"/glosuj/{meeting.code}/wejdz/", {"where": "remote"})
    question = ask(meeting, secret=False)
    assert "Głos przyjęty." in send(phone, question, choice="0")
    assert LiveParticipant.objects.get().remote


def test_a_cookie_of_another_meeting_or_a_forged_one_is_nobody(make_meeting, ask):
    first, second = make_meeting(), make_meeting()
    phone = come(first)
    ask(second)
    stolen = phone.cookies[f"glosuj_{first.code}"].value
    thief = Client()
    thief.cookies[f"glosuj_{second.code}"] = stolen
    assert "Weź udział" in page_of(thief, second)
    thief.cookies[f"glosuj_{second.code}"] = str(LiveParticipant.objects.get().pk)
    assert "Weź udział" in page_of(thief, second)


def test_the_hall_shows_how_many_have_voted_but_not_what_until_the_result_is_shown(make_meeting, ask):
    meeting = make_meeting()
    hall = f"/glosuj/{meeting.code}/ekran/"
    question = ask(meeting, kind="one", options=["Park", "Plac"], majority="simple", note="Na rogu.")
    phone = come(meeting)
    before = Client().get(hall).content.decode()
    send(phone, question, choice="1")
    after = Client().get(hall).content.decode()
    assert re.search(r"live-hall__number\">1<", after)
    strip = re.compile(r"live-hall__number\">\d+<.*?</p>|obecnych: \d+|drawn=\d+|value=\"[^\"]{64}\"")
    assert strip.sub("", before) == strip.sub("", after)
    services.close_question(question=question, by=SYSTEM)
    assert "Wybrano" not in Client().get(hall).content.decode()
    services.show_results(question=question, shown=True, by=SYSTEM)
    assert "Wybrano: Plac" in Client().get(hall).content.decode()
    with clock.at(clock.now() + timedelta(hours=1)):
        assert Client().get(f"/glosuj/{meeting.code}/wyniki/").status_code == 404


def test_results_are_published_as_page_json_and_csv_with_names_only_of_a_roll_call(council, ask):
    meeting, people = council
    secret = ask(meeting, majority="simple", title="=Tajne?")
    services.cast(question=secret, participant=people[0], answer=[0])
    services.close_question(question=secret, by=SYSTEM)
    roll = ask(meeting, secret=False, title="Jawne?")
    services.cast(question=roll, participant=people[1], answer=[1])
    services.close_question(question=roll, by=SYSTEM)
    services.end_meeting(meeting=meeting, by=SYSTEM)
    base = f"/glosuj/{meeting.code}/wyniki"
    reader = Client()
    assert [reader.get(base + end).status_code for end in ("/", ".json", ".csv")] == [404, 404, 404]
    services.publish_results(meeting=meeting, by=SYSTEM)
    told = json.loads(reader.get(f"{base}.json").content)["results"]
    assert told[0]["roll_call"] == []
    assert told[1]["roll_call"] == [{"name": "Radna 2", "answer": "Przeciw", "by_hand": False}]
    text = reader.get(f"{base}.csv").content.decode("utf-8-sig")
    assert "'=Tajne?" in text
    assert "Jawne?;głos imienny;Radna 2;Przeciw" in text
    page = reader.get(f"{base}/").content.decode()
    assert "Wniosek przeszedł." in page
    assert "Radna 1" not in page
    assert meeting.title in reader.get("/glosuj/").content.decode()


def test_a_page_asks_the_same_however_many_take_part(make_meeting, ask):
    meeting = make_meeting()
    question = ask(meeting)
    phone = come(meeting)

    def queries(client, address):
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    addresses = (f"/glosuj/{meeting.code}/", f"/glosuj/{meeting.code}/ekran/")
    before = [queries(phone, one) for one in addresses]
    for _one in range(15):
        guest = services.join_as_guest(meeting=meeting, remote=False)
        services.cast(question=question, participant=guest, answer=[0])
    assert [queries(phone, one) for one in addresses] == before
    assert max(before) <= 9
    phone.post(f"/glosuj/{meeting.code}/glos/{question.pk}/", {})
    with CaptureQueriesContext(connection) as seen:
        phone.post(f"/glosuj/{meeting.code}/glos/{question.pk}/", {"choice": "0"})
    assert len(seen) <= 5, [one["sql"] for one in seen]


def parts(name, day):
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


def test_the_office_leads_a_meeting_from_the_form_to_the_results(desk, unit):
    form = {"title": "Rada seniorów", "at": "17:00", "unit_id": str(unit.pk), "admission": "listed", "quorum": "share"}
    form |= {"quorum_share": "1/2", "languages": ["en"], **parts("day", clock.today())}
    assert desk.post("/panel/idea/na-zywo/nowe/", {**form, "quorum_share": "pół"}).status_code == 422
    home = desk.post("/panel/idea/na-zywo/nowe/", form).url
    meeting = LiveMeeting.objects.get()
    assert desk.get(f"{home}zmien/").status_code == 200
    sheet = desk.post(f"{home}osoby/", {"names": "Ala Pierwsza\n\nOla Druga"}).content.decode()
    assert "Ala Pierwsza" in sheet
    codes = re.findall(r'live-card__code">([A-Z0-9-]+)<', sheet)
    desk.post(f"{home}rozpocznij/")
    question = {"title": "Kto?", "kind": "one", "options": "A\nB\nC", "secret": "no", "majority": "absolute"}
    question |= {"second_round": "button", "base": "cast", "title_en": "Who?", "options_en": "A\nB\nC"}
    assert desk.post(f"{home}pytanie/", {**question, "options": "A"}).status_code == 422
    assert desk.post(f"{home}pytanie/", question).status_code == 302
    asked = LiveQuestion.objects.get()
    assert asked.translations["en"]["title"] == "Who?"
    act = f"{home}pytanie/{asked.pk}/"
    phone = come(meeting, secret=codes[0])
    desk.post(f"{act}otworz/")
    assert "Who?" in phone.get(f"/glosuj/{meeting.code}/", headers={"accept-language": "en"}).content.decode()
    send(phone, asked, choice="0")
    assert "Głosowanie trwa. Możesz poprawić tylko treść" in desk.get(act).content.decode()
    assert desk.post(act, {"title": "Kto ma być?", "note": ""}).status_code == 302
    ola = LiveParticipant.objects.get(name="Ola Druga")
    desk.post(f"{home}osoby/{ola.pk}/glos/", {"odpowiedz": "1"})
    assert "głos oddany" in desk.get(f"{home}osoby/").content.decode()
    desk.post(f"{act}zamknij/")
    assert "Żadna odpowiedź nie ma wymaganej większości." in desk.get(home).content.decode()
    desk.post(f"{act}druga-tura/")
    desk.post(f"{act}pokaz/")
    second = LiveQuestion.objects.get(round=2)
    assert (second.title, second.options) == ("Kto ma być?", ["A", "B"])
    for action in ("wyzej", "nizej", "usun"):
        desk.post(f"{home}pytanie/{second.pk}/{action}/")
    words = {"title": "Słowo?", "kind": "words", "most": "2", "secret": "yes", "majority": "none", "second_round": "no"}
    desk.post(f"{home}pytanie/", words)
    cloud = LiveQuestion.objects.get(kind="words")
    desk.post(f"{home}pytanie/{cloud.pk}/otworz/")
    send(phone, cloud, word_0="Park", word_1="brzydko")
    desk.post(f"{home}pytanie/{cloud.pk}/zamknij/")
    tidy = f"{home}pytanie/{cloud.pk}/porzadek/"
    assert "brzydko" in desk.get(tidy).content.decode()
    desk.post(tidy, {"ukryj": ["brzydko"], "razem:park": "zieleń"})
    desk.post(f"{home}zakoncz/")
    desk.post(f"{home}publikuj/")
    page = Client().get(f"/glosuj/{meeting.code}/wyniki/").content.decode()
    assert "zieleń" in page
    assert "brzydko" not in page
    assert "(zapisany przez obsługę)" in page
    assert desk.get("/panel/idea/na-zywo/").status_code == 200


def test_another_unit_finds_no_desk(council, client):
    meeting, people = council
    client.force_login(make_staff("participation.coordinator", make_unit()), backend=BACKEND)
    home = f"/panel/idea/na-zywo/{meeting.pk}/"
    for end in ("", "zmien/", "osoby/", "pytanie/"):
        assert client.get(home + end).status_code == 404
    for end in ("rozpocznij/", "karty/", "osoby/kody/", f"osoby/{people[0].pk}/kod/"):
        assert client.post(home + end).status_code == 404
