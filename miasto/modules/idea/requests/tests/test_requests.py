"""Residents ask for a consultation: signatures are counted once each, names are shown to nobody, the city answers."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.participation.services import Refused
from miasto.kernel.participation.testing import make_process
from miasto.modules.idea.naming import KIND
from miasto.modules.idea.requests import listeners, privacy, services
from miasto.modules.idea.requests.events import SignatureToConfirm
from miasto.modules.idea.requests.models import ConsultationRequest, Fate, Signature

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
TITLE = "Zapytajcie o tramwaj"
PAGE = "/idea/wnioski/zapytajcie-o-tramwaj/"


@pytest.fixture
def unit(monkeypatch):
    made = make_unit()
    monkeypatch.setattr(services, "unit_for", lambda competence: made)
    return made


@pytest.fixture
def staff(unit):
    return make_staff("participation.coordinator", unit)


@pytest.fixture(autouse=True)
def three_are_enough(monkeypatch):
    monkeypatch.setattr(services, "needed", lambda: 3)


@pytest.fixture
def author():
    return make_person()


@pytest.fixture
def collecting(unit, author):
    made = services.ask(title=TITLE, text="Dojazd trwa godzinę.", by=viewer_for_person(author.pk))
    return services.publish(request=made, by=SYSTEM)


def viewer(person):
    return viewer_for_person(person.pk)


def signed(request):
    return ConsultationRequest.objects.get(pk=request.pk).signed


def test_from_the_request_to_the_consultation_on_the_pages(client, unit, staff, author):
    client.force_login(author, backend=BACKEND)
    sent = {"title": TITLE, "text": "Dojazd trwa godzinę.", "client_key": "k1"}
    assert client.post("/idea/wnioski/nowy/", sent).status_code == 422
    for _twice in range(2):
        assert client.post("/idea/wnioski/nowy/", {**sent, "resident": "on"}).url == PAGE
    row = ConsultationRequest.objects.get()
    assert "widzisz na razie tylko Ty" in client.get(PAGE).content.decode()
    client.logout()
    assert client.get(PAGE).status_code == 404
    desk = f"/panel/idea/wnioski/{row.pk}/"
    client.force_login(staff, backend=BACKEND)
    assert client.post(desk, {"do": "refuse", "reasons": ""}).status_code == 422
    assert client.post(desk, {"do": "publish"}).status_code == 302
    assert client.post(desk, {"do": "answer", "fate": "accepted", "reasons": "Tak."}).status_code == 422
    assert client.post(PAGE, {}).status_code == 422
    client.post(PAGE, {"resident": "on"})
    client.logout()
    assert client.post(PAGE, {"resident": "on", "email": "to nie adres"}).status_code == 422
    assert signed(row) == 2
    client.force_login(make_person(), backend=BACKEND)
    assert client.post(PAGE, {"resident": "on"}).status_code == 302
    text = client.get(PAGE).content.decode()
    assert "czeka na odpowiedź" in text
    assert author.name not in text
    assert client.post(PAGE, {"resident": "on"}).status_code == 422, "the signatures are complete"
    process = make_process(kind=KIND, unit_id=unit.pk)
    client.force_login(staff, backend=BACKEND)
    answer = {"do": "answer", "fate": "accepted", "reasons": "Zapytamy w maju.", "process": str(process.pk)}
    assert client.post(desk, answer).status_code == 302
    assert client.get("/panel/idea/wnioski/").status_code == 200
    client.logout()
    text = client.get(PAGE).content.decode()
    assert "Zapytamy w maju." in text
    assert f"/idea/konsultacje/{process.slug}/" in text
    assert TITLE in client.get("/idea/wnioski/").content.decode()


def test_a_guest_is_counted_only_after_a_button_behind_the_link(client, collecting):
    made = services.sign(request=collecting, by=ANONYMOUS, email="Ala@poczta.invalid")
    assert services.sign(request=collecting, by=ANONYMOUS, email="ala@poczta.invalid") == made
    assert signed(collecting) == 1
    link = services.ADDRESS.page_of(made.pk)
    assert client.get(f"/idea/wnioski/podpis/{made.pk}/").status_code == 404
    opened = client.get(link, follow=True)
    assert "Potwierdzam podpis" in opened.content.decode()
    assert signed(collecting) == 1
    for _twice in range(2):
        client.post(f"/idea/wnioski/podpis/{made.pk}/")
    assert signed(collecting) == 2
    client.post(f"/idea/wnioski/podpis/{made.pk}/", {"stop": "1"})
    assert signed(collecting) == 1
    assert not Signature.objects.filter(pk=made.pk).exists()


def test_the_message_asks_once_and_holds_the_link(collecting, django_capture_on_commit_callbacks):
    made = services.sign(request=collecting, by=ANONYMOUS, email="ala@poczta.invalid")
    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            listeners.tell_to_confirm(SignatureToConfirm(signature_id=made.pk, asked=1))
    message = apps.get_model("core", "OutgoingMail").objects.get(about_id=made.pk)
    assert "/idea/wnioski/podpis/" in message.text
    assert TITLE in message.text


def test_an_account_and_its_own_address_are_one_signature(collecting):
    person = make_person()
    services.sign(request=collecting, by=ANONYMOUS, email=person.email)
    services.sign(request=collecting, by=viewer(person))
    services.sign(request=collecting, by=viewer(person))
    assert (signed(collecting), collecting.signatures.count()) == (2, 2)


def test_nobody_signs_before_it_is_published_and_nobody_else_answers(unit, author):
    made = services.ask(title=TITLE, text="Tak.", by=viewer(author))
    with pytest.raises(Refused):
        services.sign(request=made, by=viewer(make_person()))
    with pytest.raises(PermissionDenied):
        services.publish(request=made, by=viewer(make_staff("participation.coordinator", make_unit())))
    with pytest.raises(ValidationError):
        services.refuse(request=made, reasons=" ", by=SYSTEM)
    assert services.refuse(request=made, reasons="Dane sąsiada w treści.", by=SYSTEM).fate == Fate.REFUSED


def test_what_was_reached_stays_reached_when_somebody_takes_the_signature_back(collecting):
    people = [make_person(), make_person()]
    rows = [services.sign(request=collecting, by=viewer(one)) for one in people]
    services.withdraw(signature_id=rows[0].pk, by=viewer(people[0]))
    row = ConsultationRequest.objects.get()
    assert (row.fate, row.signed) == (Fate.REACHED, 2)
    with pytest.raises(PermissionDenied):
        services.withdraw(signature_id=rows[1].pk, by=viewer(people[0]))


def test_a_person_gets_and_loses_what_is_held_and_the_count_stays(collecting, author):
    other = make_person()
    services.sign(request=collecting, by=viewer(other))
    assert [set(row) for row in privacy.export(author.pk)] == [{"made", "at", "text"}, {"signed", "at"}]
    assert privacy.erase(author.pk) == 2
    assert privacy.export(author.pk) == []
    assert signed(collecting) == 2
    services.sign(request=collecting, by=viewer(make_person()))
    services.answer(request=collecting, accepted=False, reasons="Nie mamy torów.", by=SYSTEM)
    assert privacy.due(clock.now() + timedelta(days=400)) == 1
    assert privacy.expire(clock.now() + timedelta(days=1)) == 1
    assert privacy.export(other.pk) == []
    assert privacy.due(clock.now() + timedelta(days=400)) == 0
