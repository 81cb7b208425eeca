"""Forwarding to bodies outside the city, and their answers."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, Viewer
from miasto.kernel.accounts.services import open_link
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases import jobs, selectors, services
from miasto.kernel.cases.models import Case, ExternalBody, Forwarding
from miasto.kernel.cases.services import Refused
from miasto.kernel.cases.testing import filer_of, give_competence, make_body, make_case
from miasto.kernel.core import clock
from miasto.kernel.files.testing import make_file
from miasto.kernel.notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(matter, tuesday_noon):
    give_competence(make_unit(name="Drogi"))
    return make_case()


@pytest.fixture
def clerk(case):
    return make_viewer(roles={"cases.clerk": case.unit})


@pytest.fixture
def gas(db):
    return make_body(name="Gazownia", answer_days=10)


@pytest.fixture
def sent(case, clerk, gas):
    return services.forward(case=case, to=gas, words="Rura należy do gazowni, przekazujemy.", by=clerk)


def holder(forwarding):
    return Viewer(links=frozenset({forwarding.pk}))


def fresh(case):
    return Case.objects.get(pk=case.pk)


def test_a_forwarded_case_stays_open_with_its_clock_held(case, sent):
    found = fresh(case)
    assert (found.stage, found.progress, found.clock, found.closed_at) == ("outside", "waiting", "paused", None)
    view = selectors.case_page(case.number, ANONYMOUS)
    assert view.history[-1].title == "Przekazana: Gazownia"
    assert view.answer.body == "Rura należy do gazowni, przekazujemy."
    (shown,) = selectors.forwardings_of(view)
    assert (shown.body, shown.is_open) == ("Gazownia", True)


def test_the_body_gets_the_matter_without_the_contact_and_the_filer_is_told_where_it_went(
    case, sent, gas, run_jobs, mailoutbox
):
    run_jobs()
    letter = next(message for message in mailoutbox if message.to == [gas.email])
    assert case.number in letter.subject
    assert "art. 65 § 1" in letter.body
    assert "mieszkanka@przyklad.pl" not in letter.body
    assert "Dziura w jezdni" not in letter.body
    told = next(message for message in mailoutbox if "przekazana" in message.subject)
    assert told.to == ["mieszkanka@przyklad.pl"]
    assert "Gazownia" in told.body
    token = re.search(r"/sprawy/odpowiedz/([\w-]+)/", letter.body).group(1)
    assert open_link(token).object_id == sent.pk


def test_approved_words_of_the_filer_go_with_the_matter(case, clerk, gas, run_jobs, mailoutbox):
    services.decide_text(case=case, publish=True, edited="Czuć gaz przy studzience.", by=clerk)
    services.forward(case=fresh(case), to=gas, words="Przekazujemy.", by=clerk)
    run_jobs()
    assert "Czuć gaz przy studzience." in next(message.body for message in mailoutbox if message.to == [gas.email])


def test_a_body_that_accepts_is_waited_for_further_and_the_filer_hears_it(case, sent, run_jobs, mailoutbox):
    run_jobs()
    mailoutbox.clear()
    services.answer_from_body(forwarding=sent, outcome="accepted", words="Ekipa jedzie.", by=holder(sent))
    run_jobs()
    (message,) = mailoutbox
    assert message.to == ["mieszkanka@przyklad.pl"]
    assert "Ekipa jedzie." in message.body
    assert fresh(case).stage == "outside"
    assert Forwarding.objects.get().state == "accepted"


def test_done_leads_to_the_answer_which_the_filer_may_dispute(case, sent, run_jobs, mailoutbox):
    photo = make_file()
    services.answer_from_body(forwarding=sent, outcome="done", words="Usunięto wyciek.", file_ids=[photo.pk], by=holder(sent))
    found = fresh(case)
    assert (found.stage, found.progress) == ("solved", "answered")
    assert "dispute" in [step.key for step in selectors.allowed_steps(found, filer_of(found))]
    run_jobs()
    assert any("Usunięto wyciek." in message.body for message in mailoutbox if message.to == ["mieszkanka@przyklad.pl"])


def test_words_and_photos_of_the_body_wait_for_approval_before_the_public_sees_them(case, sent, clerk):
    services.answer_from_body(
        forwarding=sent, outcome="done", words="Usunięto wyciek.", file_ids=[make_file().pk], by=holder(sent)
    )
    public = selectors.case_page(case.number, ANONYMOUS)
    assert "Usunięto wyciek." not in [made.body for made in public.comments]
    assert public.photos == []
    assert "Usunięto wyciek." in [made.body for made in selectors.case_page(case.number, filer_of(case)).comments]
    waiting = next(made for made in selectors.case_page(case.number, clerk).comments if made.state == "waiting")
    assert waiting.author == "Gazownia"
    assert fresh(case).pending == 3
    services.decide_comment(case=fresh(case), comment_id=waiting.id, publish=True, by=clerk)
    view = selectors.case_page(case.number, ANONYMOUS)
    assert "Usunięto wyciek." in [made.body for made in view.comments]
    assert view.answer.body == "Rura należy do gazowni, przekazujemy."


def test_a_refused_case_comes_back_and_its_clock_runs_again(case, sent):
    due = fresh(case).due_on
    with clock.at(clock.now() + timedelta(days=3)):
        services.answer_from_body(forwarding=sent, outcome="refused", words="To nie nasza rura.", by=holder(sent))
    found = fresh(case)
    assert (found.stage, found.clock) == ("working", "runs")
    assert found.due_on > due


def test_staff_may_write_down_what_the_body_said_by_phone(case, sent, clerk):
    services.answer_from_body(forwarding=sent, outcome="done", words="Gazownia: usunięto.", by=clerk)
    assert selectors.case_page(case.number, ANONYMOUS).answer.body == "Gazownia: usunięto."


def test_an_answer_comes_once_and_from_nobody_else(case, sent):
    for stranger in (ANONYMOUS, make_viewer(), make_viewer(roles={"cases.clerk": make_unit()})):
        with pytest.raises(PermissionDenied):
            services.answer_from_body(forwarding=sent, outcome="done", words="Ja.", by=stranger)
    services.answer_from_body(forwarding=sent, outcome="done", words="Zrobione.", by=SYSTEM, reference="G-17")
    assert Forwarding.objects.get().reference == "G-17"
    with pytest.raises(Refused):
        services.answer_from_body(forwarding=sent, outcome="refused", words="Jednak nie.", by=holder(sent))


@pytest.mark.parametrize(("outcome", "words"), [("done", ""), ("refused", " "), ("perhaps", "Nie wiem.")])
def test_an_answer_without_words_or_sense_is_refused(sent, outcome, words):
    with pytest.raises(Refused):
        services.answer_from_body(forwarding=sent, outcome=outcome, words=words, by=holder(sent))


def test_a_case_taken_back_waits_for_nobody(case, sent, clerk):
    services.take_step(case=case, transition="take_back", reason="Zrobimy to sami.", by=clerk)
    assert Forwarding.objects.get().state == "recalled"
    with pytest.raises(Refused):
        services.answer_from_body(forwarding=sent, outcome="done", words="Zrobione.", by=holder(sent))


def test_only_staff_of_the_unit_forwards_with_words_to_a_body_that_is_there(case, clerk, gas):
    with pytest.raises(PermissionDenied):
        services.forward(case=case, to=gas, words="Przekazujemy.", by=make_viewer(roles={"cases.clerk": make_unit()}))
    with pytest.raises(Refused):
        services.forward(case=case, to=gas, words=" ", by=clerk)
    with pytest.raises(Refused):
        services.forward(case=case, to=make_body(active=False), words="Przekazujemy.", by=clerk)
    with pytest.raises(Refused):
        services.take_step(case=case, transition="forward", answer="Przekazujemy.", by=clerk)


def test_a_silent_body_is_reminded_after_its_days_and_the_worker_told(case, sent, gas, clerk, run_jobs, mailoutbox):
    run_jobs()
    assert jobs.remind_outside() == 0
    with clock.at(clock.now() + timedelta(days=11)):
        assert jobs.remind_outside() == 1
        assert jobs.remind_outside() == 0
        run_jobs()
    letters = [message.subject for message in mailoutbox if message.to == [gas.email]]
    assert letters[-1] == f"{case.number}: przypominamy o przekazanej sprawie"
    assert "cases.outside_silent" in Notice.objects.filter(person=clerk.person_id).values_list("topic", flat=True)


def test_the_list_of_waiting_answers_shows_the_own_units_only(case, sent, clerk):
    assert [row.case_id for row in selectors.waiting_outside(clerk).rows] == [case.pk]
    assert selectors.waiting_outside(make_viewer(roles={"cases.clerk": make_unit()})).rows == []


def test_bodies_of_the_profile_are_brought_in_and_what_staff_changed_stays():
    coordinator = make_viewer(roles={"cases.coordinator": None})
    rows = [{"slug": "gaz", "name": "Gazownia", "email": "gaz@przyklad.invalid"}]
    assert services.sync_bodies(rows=rows) == 1
    services.sync_bodies(rows=[{**rows[0], "name": "Gazownia Miejska"}])
    assert ExternalBody.objects.get().name == "Gazownia Miejska"
    services.save_body(body=ExternalBody.objects.get(), by=coordinator, name="Nasza gazownia")
    services.sync_bodies(rows=rows)
    assert ExternalBody.objects.get().name == "Nasza gazownia"
    with pytest.raises(ValidationError):
        services.save_body(body=None, by=coordinator, name="Bez adresu")
    with pytest.raises(ValidationError):
        services.save_body(body=None, by=coordinator, name="Klucz", email="k@przyklad.pl", open311_key_env="tajny klucz")
    with pytest.raises(PermissionDenied):
        services.save_body(body=None, by=make_viewer(), name="Ktoś", email="k@przyklad.pl")
