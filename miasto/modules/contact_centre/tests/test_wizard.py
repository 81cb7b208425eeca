"""The path of a report without scripts, from the first word to the secret link, with everything that can go wrong."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import PASSWORD, make_person, make_staff
from miasto.kernel.cases import selectors
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.files.testing import make_upload
from miasto.kernel.places.testing import make_street, point
from miasto.modules.contact_centre import services
from miasto.modules.contact_centre.models import Draft

pytestmark = pytest.mark.django_db
WORDS = "Nie świeci latarnia koło przejścia, jest ciemno."
WHAT, PLACE, CONTACT = "contact_centre:what", "contact_centre:place", "contact_centre:contact"
CHECK, DONE = "contact_centre:check", "contact_centre:done"


def go(client, name, data=None, **more):
    return client.post(reverse(name), data or {}, **more)


def cases():
    return selectors.visible_cases(SYSTEM)


def middle():
    return dict(zip(("lon", "lat"), city().centre, strict=True))


@pytest.fixture
def walked(client, catalogue):
    """A browser whose report is complete and waits to be sent."""
    go(
        client,
        WHAT,
        {"description": WORDS, "category": catalogue["latarnia"].pk, "photos": [make_upload("a.jpg"), make_upload("b.jpg")]},
    )
    go(client, PLACE, {**middle(), "q-lamps": "one", "q-pole": "17"})
    go(client, CONTACT, {"email": "ola.kanarek@przyklad.pl", "name": "Ola Kanarek", "phone": "600 100 200", "language": "pl"})
    return client


def test_the_whole_path_makes_one_case_with_all_that_was_said(walked, catalogue):
    check = walked.get(reverse(CHECK)).content.decode()
    for shown in (WORDS, "Latarnia nie świeci", "Osiedle Próbne", "Jedna", "ola.kanarek@przyklad.pl"):
        assert shown in check
    sent = go(walked, CHECK)
    assert sent.url == reverse(DONE)
    case = cases().get()
    assert (case.category, case.district.name, case.text.description) == (catalogue["latarnia"], "Osiedle Próbne", WORDS)
    assert case.parties.get().email == "ola.kanarek@przyklad.pl"
    assert dict(case.answers.values_list("question", "value")) == {"lamps": "one", "pole": "17"}
    assert [row.order for row in case.files.all()] == [0, 1]
    done = walked.get(reverse(DONE)).content.decode()
    assert case.number in done
    assert "/sprawy/s/" in done
    assert WORDS in walked.get(f"/sprawy/{case.number}/").content.decode()


def test_the_filer_is_told_by_mail_with_the_link(walked, run_jobs):
    go(walked, CHECK)
    run_jobs()
    (told,) = mail.outbox
    assert told.to == ["ola.kanarek@przyklad.pl"]
    assert cases().get().number in told.subject
    link = next(word for word in told.body.split() if "/sprawy/s/" in word)
    assert WORDS in Client().get(urlsplit(link).path, follow=True).content.decode()


def test_sent_again_after_an_answer_that_never_arrived_it_is_the_same_case(walked):
    before = {name: kept.value for name, kept in walked.cookies.items()}
    form = {"formularz": walked.get(reverse(CHECK)).context["form_key"]}
    go(walked, CHECK, form)
    walked.cookies.clear()
    walked.cookies.load(before)
    again = go(walked, CHECK, form)
    assert again.url == reverse(DONE)
    assert cases().get().number in walked.get(again.url).content.decode()


@pytest.mark.parametrize("key", ["", "zmyślony", "0:1:2"])
def test_a_form_that_names_no_draft_of_ours_begins_anew(client, catalogue, key):
    assert go(client, CHECK, {"formularz": key}).url == reverse(WHAT)


def test_pressed_twice_it_is_sent_once_and_the_second_answer_has_a_link_too(walked):
    go(walked, CHECK)
    del walked.cookies["zgloszenie"]
    second = go(walked, CHECK)
    assert second.url == reverse(DONE)
    assert cases().count() == 1
    assert "/sprawy/s/" in walked.get(reverse(DONE)).content.decode()


def test_the_link_of_the_done_page_opens_the_case_elsewhere(walked):
    go(walked, CHECK)
    link = walked.get(reverse(DONE)).context["link"]
    elsewhere = Client()
    assert WORDS not in elsewhere.get(f"/sprawy/{cases().get().number}/").content.decode()
    assert WORDS in elsewhere.get(link.removeprefix("http://testserver"), follow=True).content.decode()


def test_after_sending_the_draft_holds_nothing_personal(walked):
    go(walked, CHECK)
    draft = Draft.objects.get()
    assert (draft.description, draft.name, draft.email, draft.phone, draft.photos) == ("", "", "", "", [])
    assert draft.number == cases().get().number


def test_words_suggest_categories_before_one_is_chosen(client, catalogue):
    answer = go(client, WHAT, {"description": WORDS})
    assert answer.status_code == 200
    assert answer.context["suggested"][0].slug == "latarnia"
    assert "Wybierz, czego dotyczy zgłoszenie." in answer.content.decode()
    assert WORDS in answer.content.decode()


def test_asking_for_a_suggestion_without_scripts_comes_back_to_the_choice(client, catalogue):
    answer = go(client, WHAT, {"description": WORDS, "stay": "category"})
    assert answer.url.endswith("#kategoria")
    assert WORDS in client.get(reverse(WHAT)).content.decode()


def test_suggestions_are_offered_to_scripts_as_a_part_of_the_page(client, catalogue):
    part = client.get(reverse("contact_centre:suggest"), {"q": "latarnie nie swieca"}).content.decode()
    assert "Latarnia nie świeci" in part
    assert "<html" not in part
    assert 'data-count="0"' in client.get(reverse("contact_centre:suggest"), {"q": "xyzzy"}).content.decode()


def test_a_dangerous_category_says_112_before_it_goes_on(client, catalogue):
    answer = go(client, WHAT, {"description": "Wisi kabel", "category": catalogue["kabel"].pk})
    assert answer.url == reverse("contact_centre:danger")
    assert 'href="tel:112"' in client.get(answer.url).content.decode()
    assert client.get(reverse(PLACE)).url == reverse("contact_centre:danger")
    assert go(client, "contact_centre:danger").url == reverse(PLACE)


def test_a_bad_photo_is_named_and_the_rest_is_kept(client, catalogue):
    photos = [make_upload("dobre.jpg"), ContentFile(b"to nie zdjecie", name="zle.jpg")]
    answer = go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk, "photos": photos})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "„zle.jpg” nie jest zdjęciem" in text
    assert WORDS in text
    draft = Draft.objects.get()
    assert (len(draft.photos), draft.category) == (1, catalogue["latarnia"])
    assert go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk}).url == reverse(PLACE)


def test_a_sixth_photo_is_refused_by_name(client, catalogue):
    photos = [make_upload(f"{number}.jpg", size=(40, 30)) for number in range(6)]
    answer = go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk, "photos": photos})
    assert "Nie dodaliśmy pliku „5.jpg”" in answer.content.decode()
    assert len(Draft.objects.get().photos) == 5


def test_photos_are_removed_and_put_first_without_losing_words(client, catalogue):
    go(client, WHAT, {"description": WORDS, "stay": "photos", "photos": [make_upload("a.jpg"), make_upload("b.jpg")]})
    first, second = Draft.objects.get().photos
    go(client, WHAT, {"description": WORDS + " Bardzo.", "first": second})
    assert Draft.objects.get().photos == [second, first]
    go(client, WHAT, {"description": WORDS + " Bardzo.", "remove": first})
    draft = Draft.objects.get()
    assert (draft.photos, draft.description) == ([second], WORDS + " Bardzo.")


def test_scripts_send_a_photo_at_once_and_hear_what_is_wrong(client, catalogue):
    good = client.post(reverse("contact_centre:photo"), {"photo": make_upload("a.jpg")})
    assert (good.status_code, good.json()["left"]) == (200, 4)
    bad = client.post(reverse("contact_centre:photo"), {"photo": ContentFile(b"x", name="zle.jpg")})
    assert bad.status_code == 422
    assert "zle.jpg" in bad.json()["problem"]
    photo = Draft.objects.get().photos[0]
    changed = client.post(reverse("contact_centre:photo_change"), {"remove": photo})
    assert changed.json()["left"] == 5


def test_a_photos_own_position_is_offered_as_the_place(client, catalogue):
    taken = point(300, 200)
    go(
        client,
        WHAT,
        {
            "description": WORDS,
            "category": catalogue["latarnia"].pk,
            "photos": [make_upload("a.jpg", position=(taken.x, taken.y))],
        },
    )
    assert "Użyj miejsca ze zdjęcia" in client.get(reverse(PLACE)).content.decode()
    assert go(client, PLACE, {"choice": "photo", "q-lamps": "one"}).url == reverse(CONTACT)
    draft = Draft.objects.get()
    assert (round(draft.lon, 4), round(draft.lat, 4)) == (round(taken.x, 4), round(taken.y, 4))


def test_an_address_is_found_and_chosen_without_a_map(client, catalogue):
    make_street(name="Próbna")
    go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk})
    found = go(client, PLACE, {"place": "probna", "find": "1", "q-lamps": "many"})
    assert "Próbna" in found.content.decode()
    assert 'value="many"' in found.content.decode()
    one = found.context["found"][0]
    chosen = go(client, PLACE, {"place": "probna", "choice": f"{one.lon},{one.lat}", "q-lamps": "many"})
    assert chosen.url == reverse(CONTACT)


def test_an_address_typed_but_not_chosen_is_asked_about(client, catalogue):
    go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk})
    assert "Podaj miejsce" in go(client, PLACE, {"q-lamps": "one"}).content.decode()
    assert "Nie znaleźliśmy takiego miejsca" in go(client, PLACE, {"place": "zzqqxx", "q-lamps": "one"}).content.decode()
    go(client, PLACE, {**middle(), "q-lamps": "one"})
    retyped = go(client, PLACE, {**middle(), "place": "zzqqxx", "q-lamps": "one"})
    assert "Nie znaleźliśmy takiego miejsca" in retyped.content.decode()


@pytest.mark.parametrize("choice", ["nan,nan", "inf,1", "1", "a,b", "500,500"])
def test_a_broken_point_is_no_place(client, catalogue, choice):
    go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk})
    assert go(client, PLACE, {"choice": choice, "q-lamps": "one"}).status_code == 200
    assert not Draft.objects.get().placed


def test_a_place_outside_the_city_is_refused_with_advice(client, catalogue):
    go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk})
    far = point(60_000, 0)
    answer = go(client, PLACE, {"lon": far.x, "lat": far.y, "q-lamps": "one"})
    assert "poza granicami miasta" in answer.content.decode()
    told = client.get(reverse("contact_centre:address"), {"lon": far.x, "lat": far.y}).json()
    assert told["inside"] is False


def test_a_required_question_is_asked_and_the_place_is_kept(client, catalogue):
    go(client, WHAT, {"description": WORDS, "category": catalogue["latarnia"].pk})
    answer = go(client, PLACE, {**middle(), "q-pole": "17"})
    assert "Odpowiedz na to pytanie." in answer.content.decode()
    draft = Draft.objects.get()
    assert (draft.placed, draft.answers) == (True, {"pole": "17"})


def test_a_new_category_asks_its_own_questions(walked, catalogue):
    go(walked, WHAT, {"description": WORDS, "category": catalogue["inne"].pk})
    draft = Draft.objects.get()
    assert (draft.answers, draft.questions_done) == ({}, False)
    assert walked.get(reverse(CHECK)).url == reverse(PLACE)


def test_a_wrong_address_of_mail_is_kept_to_be_corrected(client, catalogue):
    go(client, WHAT, {"description": WORDS, "category": catalogue["inne"].pk})
    go(client, PLACE, middle())
    answer = go(client, CONTACT, {"email": "ola@", "name": "Ola", "phone": "abc", "language": "pl"})
    text = answer.content.decode()
    assert "Wpisz adres e-mail w całości" in text
    assert "Wpisz numer telefonu" in text
    assert 'value="ola@"' in text
    assert walked_to(client) == reverse(CONTACT)


def walked_to(client):
    return client.get(reverse(CHECK)).url


def test_contact_may_be_left_empty(client, catalogue):
    go(client, WHAT, {"description": WORDS, "category": catalogue["inne"].pk})
    go(client, PLACE, middle())
    go(client, CONTACT, {"language": "pl"})
    go(client, CHECK)
    assert cases().count() == 1
    assert "Wysłaliśmy" not in client.get(reverse(DONE)).content.decode()


def test_steps_cannot_be_skipped(client, catalogue):
    for name in (PLACE, CONTACT, CHECK, DONE, "contact_centre:danger"):
        assert client.get(reverse(name)).url == reverse(WHAT)
    assert go(client, CHECK).url == reverse(WHAT)
    assert cases().count() == 0


def test_an_error_loses_no_word(client, catalogue):
    long = "a" * 4001
    answer = go(client, WHAT, {"description": long, "category": catalogue["latarnia"].pk})
    assert "Opis może mieć najwyżej 4000 znaków, a ma 4001." in answer.content.decode()
    assert Draft.objects.get().description == long
    assert client.get(reverse(PLACE)).status_code == 302 or go(client, CHECK).status_code == 302
    assert cases().count() == 0


def test_logging_in_half_way_keeps_the_report_and_gives_it_to_the_account(client, catalogue):
    person = make_person(password=PASSWORD)
    go(client, WHAT, {"description": WORDS, "category": catalogue["inne"].pk})
    client.force_login(person)
    assert WORDS in client.get(reverse(WHAT)).content.decode()
    go(client, PLACE, middle())
    go(client, CONTACT, {"language": "pl"})
    go(client, CHECK)
    assert cases().get().filer_person_id == person.id


def test_an_account_finds_its_contact_filled_in(client, catalogue):
    client.force_login(make_person(email="zosia@przyklad.pl", name="Zosia Konto"))
    go(client, WHAT, {"description": WORDS, "category": catalogue["inne"].pk})
    go(client, PLACE, middle())
    text = client.get(reverse(CONTACT)).content.decode()
    assert "zosia@przyklad.pl" in text
    assert "Zosia Konto" in text


def test_another_browser_sees_nothing_of_the_draft(walked):
    other = Client()
    assert WORDS not in other.get(reverse(WHAT)).content.decode()
    assert other.get(reverse(CHECK)).url == reverse(WHAT)


def test_beginning_anew_forgets_the_draft(walked):
    go(walked, "contact_centre:again")
    assert not Draft.objects.exists()
    assert WORDS not in walked.get(reverse(WHAT)).content.decode()


def test_drafts_are_forgotten_after_a_day(client, catalogue):
    go(client, WHAT, {"description": WORDS})
    with clock.at(clock.now() + timedelta(hours=23)):
        assert services.forget_old_drafts() == 0
    with clock.at(clock.now() + timedelta(hours=25)):
        assert services.forget_old_drafts() == 1
    assert WORDS not in client.get(reverse(WHAT)).content.decode()


def test_sending_is_limited_for_one_device(client, catalogue, settings):
    limit = city().limit("reports_per_hour", 10)
    for _ in range(limit):
        go(client, CHECK)
    answer = go(client, CHECK)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_sending_photos_is_limited_for_one_device(client, catalogue):
    limit = city().limit("uploads_per_hour", 60)
    for _ in range(limit):
        client.post(reverse("contact_centre:photo"), {})
    assert client.post(reverse("contact_centre:photo"), {}).status_code == 429


def test_an_account_exports_and_erases_its_drafts(client, catalogue):
    person = make_person()
    client.force_login(person)
    go(client, WHAT, {"description": WORDS})
    assert services.export_drafts(person.id)[0]["description"] == WORDS
    assert services.erase_drafts(person.id) == 1
    assert not Draft.objects.exists()


def test_a_clerk_solves_the_report_and_the_filer_confirms_it(walked, catalogue, run_jobs):
    go(walked, CHECK)
    case = cases().get()
    desk = Client()
    desk.force_login(make_staff("cases.clerk", case.unit))
    address = reverse("cases_panel:step", args=[case.number, "resolve"])
    desk.post(address, {"version": case.version, "answer": "Wymieniliśmy żarówkę.", "photos": [make_upload("po.jpg")]})
    page = walked.get(f"/sprawy/{case.number}/").content.decode()
    assert "Wymieniliśmy żarówkę." in page
    walked.post(reverse("cases:step", args=[case.number, "confirm"]))
    case.refresh_from_db()
    assert case.stage == "closed"
    run_jobs()
    assert [told.to for told in mail.outbox].count(["ola.kanarek@przyklad.pl"]) >= 2
