"""Reports that a device kept without a network: filed once, refused in words."""

import uuid

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from miasto.kernel.core.city import city
from miasto.kernel.files.testing import picture_bytes
from miasto.kernel.places.testing import make_street
from miasto.modules.contact_centre.case_type import KEY, REPORT

PAGE, TOKEN, SEND = "/zglos/bez-sieci/", "/zglos/bez-sieci/klucz/", "/zglos/bez-sieci/wyslij/"


@pytest.fixture
def report(catalogue):
    """``report(...)`` is what the device sends of a good report, with changes."""
    lon, lat = city().centre

    def made(**changes):
        values = {
            "key": str(uuid.uuid4()),
            "description": "Na ławce wystaje gwóźdź.",
            "category": catalogue["inne"].pk,
            "lon": lon,
            "lat": lat,
            "email": "zosia@example.org",
        }
        return {name: value for name, value in (values | changes).items() if value is not None}

    return made


def picture(name="lawka.jpg", data=None):
    return SimpleUploadedFile(name, data or picture_bytes(), "image/jpeg")


def refused(answer):
    assert answer.status_code == 422, answer.content
    assert apps.get_model("cases.Case").objects.count() == 0
    return answer.json()["errors"]


def test_a_report_becomes_a_case_and_the_device_gets_its_number_and_secret_link(client, report):
    answer = client.post(SEND, report(photos=[picture()]))
    case = apps.get_model("cases.Case").objects.get()
    assert (case.case_type, case.channel) == (KEY, "web")
    assert answer.status_code == 200
    assert answer.json()["number"] == case.number
    assert case.files.count() == 1
    assert case.text.description == "Na ławce wystaje gwóźdź."
    page = client.get(answer.json()["link"], follow=True)
    assert case.number in page.content.decode()


def test_the_same_key_again_is_the_same_case_and_keeps_no_more_photos(client, report):
    sent = report()
    first = client.post(SEND, {**sent, "photos": [picture()]}).json()
    second = Client().post(SEND, {**sent, "photos": [picture()]}).json()
    assert first["number"] == second["number"]
    assert apps.get_model("cases.Case").objects.count() == 1
    assert apps.get_model("files.File").objects.count() == 1
    assert Client().get(second["link"], follow=True).status_code == 200


def test_another_key_with_the_same_words_is_another_case(client, report):
    client.post(SEND, report())
    client.post(SEND, report())
    assert apps.get_model("cases.Case").objects.count() == 2


def test_what_is_missing_is_said_field_by_field(client, report):
    errors = refused(client.post(SEND, report(description="", category="", lon=None, lat=None, email="zosia")))
    assert errors["description"] == ["Napisz, co się dzieje."]
    assert errors["category"] == ["Wybierz, czego dotyczy zgłoszenie."]
    assert set(errors) == {"description", "category", "place", "email"}


def test_a_report_without_a_key_is_refused(client, report):
    assert set(refused(client.post(SEND, report(key="moje")))) == {"key"}


def test_a_category_that_is_no_more_is_said_to_be_chosen_again(client, report):
    assert refused(client.post(SEND, report(category=987654)))["category"] == ["Wybierz, czego dotyczy zgłoszenie."]


def test_a_place_outside_the_city_is_refused_and_mended_under_the_same_key(client, report):
    sent = report()
    errors = refused(client.post(SEND, {**sent, "lon": 2.35, "lat": 48.85}))
    assert "poza obszarem miasta" in errors["place"][0]
    assert client.post(SEND, sent).status_code == 200
    assert apps.get_model("cases.Case").objects.count() == 1


def test_an_address_is_found_on_the_server(client, report):
    street = make_street(name="Ogrodowa")
    answer = client.post(SEND, report(lon=None, lat=None, place="Ogrodowa"))
    assert answer.status_code == 200, answer.content
    case = apps.get_model("cases.Case").objects.get()
    assert case.geom.distance(street.geom) < 0.001
    assert case.address_text == "Ogrodowa"


def test_an_address_that_nobody_knows_is_said(client, report):
    errors = refused(client.post(SEND, report(lon=None, lat=None, place="Qwertyuiopowska 7")))
    assert "Nie znaleźliśmy takiego miejsca" in errors["place"][0]


def test_a_file_that_is_no_photo_is_refused_by_its_name(client, report):
    errors = refused(client.post(SEND, report(photos=[picture("umowa.jpg", b"to nie jest zdjecie")])))
    assert "umowa.jpg" in errors["photos"][0]


def test_more_photos_than_the_limit_are_refused_before_any_is_stored(client, report):
    errors = refused(client.post(SEND, report(photos=[picture() for _ in range(REPORT.photos + 1)])))
    assert str(REPORT.photos) in errors["photos"][0]
    assert apps.get_model("files.File").objects.count() == 0


def test_a_question_that_has_to_be_answered_is_on_the_page_and_asked_for(client, report, catalogue):
    lamp = catalogue["latarnia"].pk
    page = client.get(PAGE).content.decode()
    assert f'data-questions-for="{lamp}"' in page
    assert "Numer słupa" not in page
    sent = report(category=lamp)
    assert refused(client.post(SEND, sent)) == {"q-lamps": ["Odpowiedz na to pytanie."]}
    assert client.post(SEND, {**sent, "q-lamps": "one"}).status_code == 200


def test_the_page_says_112_of_dangerous_categories_and_is_the_same_for_everybody(client, catalogue):
    page = client.get(PAGE).content.decode()
    assert "Wiszący przewód – najpierw 112" in page
    assert "csrfmiddlewaretoken" not in page


def test_sending_needs_the_token_that_was_fetched(report):
    client = Client(enforce_csrf_checks=True)
    assert client.post(SEND, report()).status_code == 403
    answer = client.get(TOKEN)
    assert "no-store" in answer["Cache-Control"]
    assert client.post(SEND, report(), headers={"X-CSRFToken": answer.json()["token"]}).status_code == 200


def test_too_many_reports_in_an_hour_are_put_off(client, report):
    answers = {client.post(SEND, report()).status_code for _ in range(city().limit("reports_per_hour", 10) + 1)}
    assert answers == {200, 429}
