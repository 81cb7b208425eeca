"""Operators read, answer and file reports of conversations; the resident hears of it in the conversation."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_staff
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.testing import listening
from miasto.kernel.files.testing import picture_bytes
from miasto.modules.contact_centre.messages import selectors, services
from miasto.modules.contact_centre.messages.models import Conversation, Message, Picture
from miasto.modules.contact_centre.messages.tests.conftest import comment, post_meta, said

pytestmark = pytest.mark.django_db
PAGE = "/panel/centrum/wiadomosci/"


@pytest.fixture
def operator():
    return make_staff("contact_centre.operator", name="Ola Operatorka")


@pytest.fixture
def client(operator):
    made = Client()
    made.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return made


@pytest.fixture
def talk():
    post_meta(said("Nie świeci latarnia przy szkole"))
    return Conversation.objects.get()


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def words(conversation):
    return [one.text for one in conversation.messages.filter(incoming=False)]


def report(talk, catalogue, **fields):
    values = {"description": "Nie świeci latarnia", "category": catalogue["kabel"], "point": city().centre, "by": SYSTEM}
    return services.file_report(conversation=talk, **{**values, **fields}).case


def test_what_waits_is_listed_first_and_opens(client, talk):
    listed = page(client, PAGE)
    assert "Nie świeci latarnia przy szkole" in listed
    assert "czeka na odpowiedź" in page(client, f"{PAGE}{talk.pk}/")
    services.close(conversation=talk, by=SYSTEM)
    assert "Nie świeci latarnia przy szkole" not in page(client, PAGE)
    assert "Nie świeci latarnia przy szkole" in page(client, PAGE + "?stan=closed&szukaj=latarnia&skad=facebook")


def test_an_answer_is_written_in_the_operators_name_and_ends_the_waiting(client, talk):
    assert client.post(f"{PAGE}{talk.pk}/", {"text": " "}).status_code == 200
    client.post(f"{PAGE}{talk.pk}/", {"text": "Przy którym numerze?"})
    talk.refresh_from_db()
    assert (talk.state, talk.waiting_since, words(talk)) == ("answered", None, ["Przy którym numerze?"])
    assert "Ola Operatorka" in page(client, f"{PAGE}{talk.pk}/")


def test_a_button_asks_for_the_place_and_another_closes(client, talk):
    client.post(f"{PAGE}{talk.pk}/miejsce/")
    assert "Gdzie to jest?" in words(talk)[0]
    client.post(f"{PAGE}{talk.pk}/zamknij/")
    talk.refresh_from_db()
    assert talk.state == "closed"


def test_a_report_is_filed_from_the_page_and_its_number_goes_back(client, talk, catalogue):
    form = page(client, f"{PAGE}{talk.pk}/zgloszenie/")
    assert "Nie świeci latarnia przy szkole" in form
    lon, lat = city().centre
    values = {"description": "Nie świeci", "category": catalogue["latarnia"].pk, "place": "Szkolna 1", "lon": lon, "lat": lat}
    asked = client.post(f"{PAGE}{talk.pk}/zgloszenie/", values).content.decode()
    assert "Ile lamp?" in asked
    assert not cases.visible_cases(SYSTEM).exists()
    hidden = re.search(r'name="(q-asked-\d+)"', asked).group(1)
    answer = client.post(f"{PAGE}{talk.pk}/zgloszenie/", {**values, hidden: "1", "q-lamps": "many"})
    assert answer.status_code == 302
    case = cases.visible_cases(SYSTEM).get()
    view = cases.case_page(case.number, SYSTEM)
    assert (view.channel, view.original, view.address_text) == ("social", "Nie świeci", "Szkolna 1")
    assert view.history[0].title == "Sprawę przyjęto"
    talk.refresh_from_db()
    assert talk.case_id == case.pk
    assert case.number in words(talk)[0]
    assert case.number in page(client, f"{PAGE}{talk.pk}/")


def test_without_a_known_place_no_report_is_filed(client, talk, catalogue):
    values = {"description": "Nie świeci", "category": catalogue["kabel"].pk}
    assert "Podaj miejsce" in client.post(f"{PAGE}{talk.pk}/zgloszenie/", values).content.decode()
    unknown = client.post(f"{PAGE}{talk.pk}/zgloszenie/", {**values, "place": "qqqqqqqqq"}).content.decode()
    assert "Nie znamy takiego miejsca" in unknown
    outside = client.post(f"{PAGE}{talk.pk}/zgloszenie/", {**values, "lon": "10", "lat": "50"}).content.decode()
    assert "poza obszarem miasta" in outside
    assert not cases.visible_cases(SYSTEM).exists()


def test_pressed_twice_it_is_one_report(talk, catalogue):
    assert report(talk, catalogue) == report(talk, catalogue)
    assert len(words(talk)) == 1


def test_the_conversations_pictures_are_copied_into_the_report(talk, catalogue, run_jobs):
    with listening(lambda asked: (200, {}, picture_bytes())) as url:
        post_meta(said("zdjęcie", mid="m_2", attachments=[{"type": "image", "payload": {"url": url}}]))
        run_jobs(only="contact_centre.bring_picture")
    picture = Picture.objects.get()
    case = report(talk, catalogue, pictures=[picture.pk])
    photos = cases.case_page(case.number, SYSTEM).photos
    assert len(photos) == 1
    assert photos[0].file_id != picture.file_id
    services.erase(conversation=talk, by=SYSTEM)
    assert len(cases.case_page(case.number, SYSTEM).photos) == 1
    assert not Picture.objects.exists()


def test_the_resident_hears_of_the_answer_in_the_conversation_once(talk, catalogue, run_jobs):
    case = report(talk, catalogue)
    case_services.take_step(case=case, transition="resolve", answer="Naprawione.", reason="Bez zdjęcia", by=SYSTEM)
    run_jobs(only="core.deliver")
    said_back = words(talk)[-1]
    assert "Naprawione." in said_back
    assert "Rozwiązane" in said_back
    talk.refresh_from_db()
    assert len(words(talk)) == 2


def test_the_link_in_a_private_message_opens_the_report_and_is_stored_nowhere(talk, catalogue, graph, run_jobs):
    with graph() as meta:
        report(talk, catalogue)
        run_jobs(only="contact_centre.send_message")
    token = re.search(r"/sprawy/s/([\w-]+)/", meta.sent[0][1]["message"]["text"]).group(1)
    assert Client().get(f"/sprawy/s/{token}/").status_code == 302
    assert token not in Message.objects.filter(incoming=False).get().text


def test_a_public_thread_gets_no_secret_link_and_no_words_to_the_filer(catalogue, graph, run_jobs):
    post_meta(comment())
    talk = Conversation.objects.get()
    with graph() as meta:
        case = report(talk, catalogue)
        case_services.take_step(case=case, transition="ask", answer="Proszę podać swój telefon", by=SYSTEM)
        run_jobs(only="core.deliver")
        run_jobs(only="contact_centre.send_message")
    told = " ".join(body["message"] for _path, body in meta.sent)
    assert f"/sprawy/{case.number}/" in told
    assert "/sprawy/s/" not in told
    assert "telefon" not in told


def test_what_the_resident_writes_later_is_added_to_the_report_as_their_own_words(client, talk, catalogue):
    case = report(talk, catalogue)
    case_services.take_step(case=case, transition="ask", answer="Który numer?", by=SYSTEM)
    post_meta(said("Numer szesnaście", mid="m_2"))
    later = Message.objects.get(external_id="m_2")
    assert f"Dopisz do {case.number}" in page(client, f"{PAGE}{talk.pk}/")
    for _time in range(2):
        client.post(f"{PAGE}{talk.pk}/wiadomosc/{later.pk}/dopisz/")
    view = cases.case_page(case.number, SYSTEM)
    assert [made.body for made in view.comments if not made.by_staff] == ["Numer szesnaście"]
    assert view.stage.key == "in_progress"


def test_others_may_not_read_or_write(talk):
    clerk = make_staff("cases.clerk")
    made = Client()
    made.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    for address in (PAGE, f"{PAGE}{talk.pk}/", f"{PAGE}{talk.pk}/zgloszenie/"):
        assert made.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    viewer = viewer_for_person(clerk.pk)
    assert not selectors.visible(viewer).exists()
    assert not selectors.visible(ANONYMOUS).exists()
    with pytest.raises(PermissionDenied):
        services.reply(conversation=talk, text="x", by=viewer)
    with pytest.raises(PermissionDenied):
        services.erase(conversation=talk, by=ANONYMOUS)


def test_erasing_leaves_no_word_of_the_resident(client, talk):
    client.post(f"{PAGE}{talk.pk}/usun/")
    talk.refresh_from_db()
    assert (talk.person_name, talk.person_id, talk.last_text, talk.state) == ("", "", "", "closed")
    assert {one.text for one in talk.messages.all()} == {"[usunięto]"}
    assert "Treść tej rozmowy usunięto" in page(client, f"{PAGE}{talk.pk}/")


def test_old_conversations_are_forgotten_by_the_daily_job(talk):
    from datetime import timedelta

    with clock.at(clock.now() + timedelta(days=89)):
        assert services.forget_old() == 0
    with clock.at(clock.now() + timedelta(days=91)):
        assert services.forget_old() == 1
    talk.refresh_from_db()
    assert talk.erased_at is not None


def test_the_list_costs_the_same_for_many_conversations(operator, django_assert_num_queries):
    for number in range(30):
        post_meta(comment(comment_id=f"c{number}", person=f"p{number}"))
    viewer = viewer_for_person(operator.pk)
    with django_assert_num_queries(1):
        rows, more = selectors.rows(viewer, state="waiting")
    assert (len(rows), more) == (25, True)
    with django_assert_num_queries(3):
        selectors.thread(rows[0].id, viewer)
