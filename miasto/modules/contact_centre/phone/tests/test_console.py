"""The console without scripts: from the number to the report or another outcome."""

import re
import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.phone import selectors, services
from miasto.modules.contact_centre.phone.models import Call

Case = apps.get_model("cases", "Case")
CaseParty = apps.get_model("cases", "CaseParty")
Change = apps.get_model("core", "Change")
pytestmark = pytest.mark.django_db
NUMBER = "600 100 200"


@pytest.fixture
def call(desk):
    desk.post("/panel/centrum/rozmowa/", {"number": NUMBER})
    return Call.objects.get()


def page(call):
    return f"/panel/centrum/rozmowa/{call.pk}/"


def report(catalogue, **fields):
    lon, lat = city().centre
    values = {
        "number": NUMBER,
        "name": "Jan Dzwoniący",
        "words": "Nie świeci latarnia pod blokiem.",
        "category": catalogue["latarnia"].pk,
        "lon": lon,
        "lat": lat,
        "q-lamps": "one",
    }
    return {**values, **fields}


def test_a_report_is_filed_by_phone_with_the_callers_contact(desk, call, catalogue):
    answer = desk.post(page(call), {**report(catalogue), "file": "1"}, follow=True)
    case = Case.objects.get()
    assert case.number in answer.content.decode()
    assert case.channel == "phone"
    assert CaseParty.objects.get(case=case, role="filer").phone == NUMBER
    call.refresh_from_db()
    assert (call.outcome, call.case_id, call.words) == ("report", case.pk, "")


def test_sent_twice_it_is_one_report(desk, call, catalogue):
    desk.post(page(call), {**report(catalogue), "file": "1"})
    Call.objects.update(state="open")
    Call.objects.update(words="Nie świeci latarnia pod blokiem.")
    desk.post(page(call), {**report(catalogue), "file": "1"})
    assert Case.objects.count() == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(desk, call, catalogue):
    answer = desk.post(page(call), {"number": "600 10", "words": "Coś się stało", "file": "1"})
    errors = answer.context["form"].errors
    assert {"number", "category_other", "place"} <= set(errors)
    assert "Coś się stało" in answer.content.decode()
    call.refresh_from_db()
    assert call.words == "Coś się stało"
    assert call.number == "+48600100200", "a half-typed number does not overwrite the one that is known"
    assert not Case.objects.exists()


def test_a_place_outside_the_city_is_refused(desk, call, catalogue):
    answer = desk.post(page(call), {**report(catalogue, lon="14.5", lat="53.4"), "file": "1"})
    assert "place" in answer.context["form"].errors
    assert not Case.objects.exists()


def test_every_keystroke_is_kept_and_answered_with_what_follows_from_it(desk, call, catalogue):
    made = desk.post(f"{page(call)}zapis/", report(catalogue, category="", words="ciemno, latarnia nie świeci")).json()
    assert "Latarnia nie świeci" in made["parts"]["suggestions"]
    assert made["saved"].startswith("Zapisano o")
    fresh = desk.get(page(call)).content.decode()
    assert "ciemno, latarnia nie świeci" in fresh
    chosen = desk.post(f"{page(call)}zapis/", report(catalogue)).json()
    assert "Ile lamp?" in chosen["parts"]["questions"]


def test_earlier_cases_and_calls_of_the_number_are_shown(desk, call, catalogue):
    desk.post(page(call), {**report(catalogue), "file": "1"})
    desk.post("/panel/centrum/rozmowa/", {"number": "+48 600-100-200"})
    second = Call.objects.latest("began_at")
    shown = desk.get(page(second)).content.decode()
    assert Case.objects.get().number in shown
    assert "przyjęto zgłoszenie" in shown


def test_outcomes_without_a_report(desk, call):
    wrong = desk.post(page(call), {"number": NUMBER, "outcome": "connected", "end": "1"})
    assert "unit" in wrong.context["form"].errors
    wrong = desk.post(page(call), {"number": NUMBER, "outcome": "call_back", "call_back_at": "2020-01-01T10:00", "end": "1"})
    assert "call_back_at" in wrong.context["form"].errors
    assert "outcome" in desk.post(page(call), {"number": NUMBER, "end": "1"}).context["form"].errors
    done = desk.post(page(call), {"number": NUMBER, "outcome": "silent", "notes": "nikt nic nie mówił", "end": "1"})
    assert done.status_code == 302
    call.refresh_from_db()
    assert (call.state, call.outcome, call.notes) == ("done", "silent", "nikt nic nie mówił")


def test_who_waits_for_a_call_stands_on_the_list_until_somebody_called(desk, call, viewer):
    at = clock.local(clock.now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    desk.post(page(call), {"number": NUMBER, "outcome": "call_back", "call_back_at": at, "end": "1"})
    assert [row.number for row in selectors.to_call_back(viewer)] == [NUMBER]
    assert NUMBER in desk.get("/panel/centrum/").content.decode()
    begun = desk.post(f"{page(call)}oddzwoniono/", {"start": "1"}, follow=True)
    assert NUMBER in begun.content.decode()
    assert selectors.to_call_back(viewer) == []


def test_a_group_is_invited_from_the_console(desk, call, catalogue, run_jobs):
    desk.post(page(call), {**report(catalogue, together="a@przyklad.pl, b@przyklad.pl"), "file": "1"})
    assert CaseParty.objects.filter(role="co_filer", state="invited").count() == 2


def test_a_colleagues_call_can_be_read_but_not_changed(call, catalogue):
    other = Client()
    other.force_login(make_staff("contact_centre.operator"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Tę rozmowę prowadzi Olga Operatorska" in other.get(page(call)).content.decode()
    assert other.post(f"{page(call)}zapis/", {"words": "x"}).status_code == 403


def test_residents_and_clerks_of_units_see_no_calls(call):
    for person in (make_person(), make_staff("cases.clerk", None)):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for address in ("/panel/centrum/", "/panel/centrum/rozmowa/", page(call), "/panel/centrum/na-zywo/"):
            assert client.get(address).status_code == 403, address
        assert not Call.objects.visible_to(viewer_for_person(person.pk)).exists()
    assert Client().get(page(call)).status_code == 302


def test_the_home_takes_few_queries_however_many_calls_there_are(desk, viewer, django_assert_max_num_queries):
    for number in range(30):
        services.start(by=viewer, number=f"+4860010{number:04d}")
    with django_assert_max_num_queries(24):
        desk.get("/panel/centrum/")


def test_the_audit_holds_no_number_and_no_words(desk, call, catalogue):
    desk.post(page(call), {**report(catalogue), "file": "1"})
    told = " ".join(str(row.data) for row in Change.objects.all())
    assert not re.search(r"600\W?100", told)  # longer than what an identifier may hold by chance
    assert "latarnia" not in told


def test_old_calls_lose_who_called_and_what_was_said(call):
    Call.objects.update(notes="prywatne", began_at=clock.now() - timedelta(days=services.KEEP_DAYS + 1))
    assert services.forget_old() == 1
    call.refresh_from_db()
    assert (call.number, call.notes, call.form) == ("", "", {})
    assert services.forget_old() == 0


def test_calls_that_nobody_ended_are_closed(call):
    Call.objects.update(changed_at=clock.now() - timedelta(hours=13))
    assert services.close_abandoned() == 1
    call.refresh_from_db()
    assert call.state == "done"


def test_a_resident_gets_what_calls_hold_of_them_and_may_have_it_erased(call, desk):
    person = make_person(phone="600100200")
    assert [row["number"] for row in services.export_calls(person.pk)] == ["+48600100200"]
    services.erase_calls(person.pk)
    call.refresh_from_db()
    assert call.number == ""


@pytest.mark.django_db(transaction=True)
def test_two_events_of_one_call_at_once_make_one_row():
    def hear(kind):
        services.hear(heard=services.Heard("linked-1", kind, clock.now(), "+48600100200", "101"))
        connection.close()

    threads = [threading.Thread(target=hear, args=(kind,)) for kind in ("ringing", "answered", "ringing", "answered")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Call.objects.get().state == "open"


def test_the_knowledge_base_answers_while_the_caller_speaks(desk, call):
    from miasto.kernel.content.testing import make_service

    make_service(title="Dowód osobisty", line="Wniosek złożysz w każdym urzędzie gminy.")
    made = desk.post(f"{page(call)}zapis/", {"number": NUMBER, "words": "pyta, jak wyrobić dowod osobisty"}).json()
    assert "Wniosek złożysz w każdym urzędzie gminy." in made["parts"]["answers"]


def test_a_report_like_this_one_nearby_is_shown(desk, call, catalogue):
    desk.post(page(call), {**report(catalogue), "file": "1"})
    desk.post("/panel/centrum/rozmowa/", {"number": "600 100 201"})
    second = Call.objects.latest("began_at")
    made = desk.post(f"{page(second)}zapis/", report(catalogue, number="600 100 201")).json()
    assert Case.objects.get().number in made["parts"]["answers"]


def test_an_erased_case_takes_the_call_with_it(desk, call, catalogue, run_jobs):
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.cases.services import erase_personal

    desk.post(page(call), {**report(catalogue, notes="mieszka pod piątką"), "file": "1"})
    erase_personal(case=Case.objects.get(), by=SYSTEM)
    run_jobs(only="core.deliver")
    call.refresh_from_db()
    assert (call.number, call.name, call.notes) == ("", "", "")


def test_the_demo_makes_the_same_calls_and_talks_with_numbers_that_nobody_has(operator):
    from miasto.modules.contact_centre.demo.channels import load_channels
    from miasto.modules.contact_centre.models import Booking

    make_unit()
    told = []
    for _ in range(2):
        load_channels(seed=1)
        told.append(list(Call.objects.order_by("began_at").values_list("number", "outcome")))
        assert len(told[-1]) > 100
        assert {number[:6] for number, _outcome in told[-1]} == {"+48410"}
        assert Call.objects.filter(call_back_at__isnull=False, called_back_at=None).exists()
        assert Booking.objects.exists()
        Call.objects.all().delete()
        Booking.objects.all().delete()
    assert told[0] == told[1]
