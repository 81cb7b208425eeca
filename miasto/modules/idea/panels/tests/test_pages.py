"""The pages of a panel: a resident's, staff's, and how many queries they take."""

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock
from miasto.modules.idea.panels import services
from miasto.modules.idea.panels.models import Panel, State

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "/idea/panele/panel-o-zieleni/"


def date_parts(name, day):
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


def test_a_resident_signs_up_changes_the_answers_and_withdraws(client, panel):
    assert client.get(f"{PAGE}zgloszenie/").status_code == 302
    client.force_login(make_person(), backend=BACKEND)
    sent = {"feature_0": "kobieta", "feature_1": "40+", "resident": "on", "of_age": "on"}
    refused = client.post(f"{PAGE}zgloszenie/", sent)
    assert refused.status_code == 422
    assert client.post(f"{PAGE}zgloszenie/", {**sent, "consent": "on"}).status_code == 302
    assert "Masz zgłoszenie" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}wycofaj/").status_code == 302
    assert not panel.applicants.exists()


def test_the_page_after_the_draw_shows_every_step_and_no_name(client, drawn, volunteers):
    services.recommend(panel=drawn, text="Sadzić przy szkołach.", by=SYSTEM)
    text = client.get(PAGE).content.decode()
    for value in (drawn.list_sha256, drawn.commitment, drawn.seed, drawn.public_value, "Sadzić przy szkołach."):
        assert value in text
    assert not any(person.name in text for person in volunteers)
    assert client.get(f"{PAGE}lista.csv").content.decode() == drawn.list_text
    assert client.get(f"{PAGE}losowanie.json").json()["line"] == drawn.line
    assert b"SHA-256" in client.get("/idea/panele/recount.py").content


def test_the_drawn_person_answers_on_the_page(client, drawn):
    one = drawn.applicants.filter(state=State.INVITED).first()
    client.force_login(one.person, backend=BACKEND)
    assert "Los wskazał Ciebie" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}odpowiedz/", {"answer": "yes"})
    assert drawn.applicants.get(pk=one.pk).state == State.ACCEPTED


@pytest.mark.parametrize("path", ["lista.csv", "losowanie.json"])
def test_there_are_no_files_before_the_list(client, panel, path):
    assert client.get(f"{PAGE}{path}").status_code == 404


def test_a_draft_is_seen_by_its_unit_only(client, panel, staff):
    Panel.objects.update(published_at=None)
    assert client.get(PAGE).status_code == 404
    client.force_login(staff, backend=BACKEND)
    assert client.get(PAGE).status_code == 200


def test_the_pages_take_the_same_number_of_queries_however_much_they_show(client, drawn):
    def queries(address):
        from django.db import connection

        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(address)
        return len(seen)

    before = {address: queries(address) for address in ("/idea/panele/", PAGE)}
    for number in range(5):
        services.recommend(panel=drawn, text=f"Rada {number}", by=SYSTEM)
        services.save_session(panel=drawn, title="Sesja", starts_at=clock.now(), place="Ratusz", materials="", by=SYSTEM)
        Panel.objects.create(
            slug=f"p{number}",
            title="P",
            question="?",
            unit=drawn.unit,
            size=5,
            recruit_until=clock.today(),
            draw_on=clock.today(),
            published_at=clock.now(),
        )
    assert {address: queries(address) for address in before} == before
    assert max(before.values()) <= 12


def test_staff_take_a_panel_from_the_form_to_the_end(client, unit, staff):
    client.force_login(staff, backend=BACKEND)
    today = clock.today()
    form = {
        "title": "Panel o wodzie",
        "question": "Jak oszczędzać wodę?",
        "unit_id": str(unit.pk),
        "size": 5,
        "min_age": 16,
        **date_parts("recruit_until", today),
        **date_parts("draw_on", today + timedelta(days=2)),
        "public_source": "liczby Lotto",
        "name_0": "Wiek",
        "groups_0": "16–39; 40 000\n40+; 60000; 2–4",
    }
    wrong = client.post("/panel/idea/panele/nowy/", {**form, "groups_0": "16–39"})
    assert wrong.status_code == 422
    home = client.post("/panel/idea/panele/nowy/", form).url
    made = Panel.objects.get()
    assert [(value["least"], value["most"]) for value in made.features[0]["values"]] == [(2, 2), (2, 4)]
    client.post(f"{home}publikuj/")
    for place in range(10):
        person = make_person()
        values = {"Wiek": ("16–39", "40+")[place % 2]}
        from miasto.kernel.accounts.selectors import viewer_for_person

        services.apply(panel=made, values=values, by=viewer_for_person(person.pk))
    with clock.at(clock.now() + timedelta(days=1)):
        client.post(f"{home}lista/")
        services.publish_list(panel_id=made.pk, by=SYSTEM)
    with clock.at(clock.now() + timedelta(days=2)):
        client.force_login(staff, backend=BACKEND)
        assert client.post(f"{home}losuj/", {"public_value": ""}).status_code == 422
        client.post(f"{home}losuj/", {"public_value": "1 2 3"})
        drawn = Panel.objects.get()
        assert drawn.drawn_at
        number = drawn.applicants.filter(state=State.INVITED).first().number
        client.post(f"{home}osoby/{number}/", {"answer": "no"})
        assert drawn.exchanges.count() == 1
        session = {"title": "Sesja 1", **date_parts("day", today + timedelta(days=5)), "at": "17:00", "place": "Ratusz"}
        assert client.post(f"{home}sesja/", session).status_code == 302
        client.post(f"{home}rekomendacja/", {"text": "Zbierać deszczówkę."})
        fate = {"fate": "accepted", "reasons": "Tak."}
        assert client.post(f"{home}rekomendacje/1/", fate).status_code == 302
        assert client.get(home).status_code == 200
        client.post(f"{home}zakoncz/")
    assert Panel.objects.get().finished_at
