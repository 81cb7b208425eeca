"""Who is told of what, once, by which words."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.services import open_link
from miasto.kernel.accounts.testing import make_staff, make_unit, make_viewer
from miasto.kernel.cases import jobs, listeners, services
from miasto.kernel.cases.events import CaseOpened
from miasto.kernel.cases.services import Contact
from miasto.kernel.cases.testing import filer_of, give_competence, make_case, make_category, solve
from miasto.kernel.core import clock
from miasto.kernel.core.models import OutgoingMail
from miasto.kernel.notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(matter, tuesday_noon):
    return give_competence(make_unit(name="Zieleń Miejska"))


@pytest.fixture
def clerk(unit):
    return viewer_for_person(make_staff("cases.clerk", unit, name="Anna Urzędnicza").pk)


@pytest.fixture
def sent(run_jobs):
    """``sent()`` runs the worker and gives the messages that went out since the last call."""

    def messages():
        outbox.outbox.clear()
        run_jobs()
        return list(outbox.outbox)

    return messages


def link_in(message):
    return re.search(r"/sprawy/s/([\w-]+)/", message.body).group(1)


def notices(viewer):
    return list(Notice.objects.filter(person=viewer.person_id).order_by("id").values_list("topic", flat=True))


def test_the_filer_gets_the_number_and_a_link_of_their_own(unit, sent):
    case = make_case(category=make_category(name="Uschnięte drzewo"))
    (message,) = sent()
    assert message.to == ["mieszkanka@przyklad.pl"]
    assert message.subject == f"{case.number}: sprawa przyjęta"
    for words in ("Uschnięte drzewo", "ul. Próbna 1", "Zieleń Miejska", "26 maja 2026"):
        assert words in message.body
    assert open_link(link_in(message)).object_id == case.pk


def test_each_message_has_another_link_and_all_of_them_work(unit, clerk, sent):
    case = make_case()
    first = link_in(sent()[0])
    solve(case, by=clerk)
    second = link_in(sent()[0])
    assert first != second
    assert open_link(first).object_id == open_link(second).object_id == case.pk


def test_a_filer_with_an_account_gets_the_plain_address(unit, sent):
    resident = make_viewer(email="konto@przyklad.pl")
    case = make_case(by=resident, contact=Contact())
    (message,) = sent()
    assert message.to == ["konto@przyklad.pl"]
    assert f"/sprawy/{case.number}/" in message.body
    assert "/sprawy/s/" not in message.body
    assert notices(resident) == ["cases.filed"]


def test_an_anonymous_filer_is_told_nothing(unit, sent):
    make_case(contact=Contact())
    assert sent() == []


def test_the_message_is_in_the_language_of_the_filer(unit, clerk, sent):
    category = make_category(name="Uschnięte drzewo")
    category.translations = {"en": {"name": "Withered tree"}}
    category.save()
    make_case(category=category, contact=Contact(email="ann@example.org", language="en"))
    (message,) = sent()
    assert 'lang="en"' in message.alternatives[0][0]
    assert "Withered tree" in message.body


def test_every_step_of_the_path_is_told_once(unit, clerk, sent):
    case = make_case()
    subjects = [sent()[0].subject]
    services.take_step(case=case, transition="take", by=clerk)
    subjects.append(sent()[0].subject)
    services.take_step(case=case, transition="ask", answer="Które drzewo?", by=clerk)
    (question,) = sent()
    subjects.append(question.subject)
    assert "> Które drzewo?" in question.body
    services.add_from_filer(case=case, body="To przy bramie.", by=filer_of(case))
    assert sent() == []
    services.comment(case=case, body="Będziemy jutro.", audience="public", by=clerk)
    subjects.append(sent()[0].subject)
    solve(case, by=clerk)
    (answer,) = sent()
    subjects.append(answer.subject)
    assert "Potwierdź, że sprawa jest załatwiona" in answer.body
    assert "Masz na to 7 dni" in answer.body
    services.take_step(case=case, transition="dispute", reason="Stoi dalej.", by=filer_of(case))
    subjects.append(sent()[0].subject)
    solve(case, by=clerk)
    sent()
    services.take_step(case=case, transition="confirm", by=filer_of(case))
    subjects.append(sent()[0].subject)
    assert [subject.split(": ")[1] for subject in subjects] == [
        "sprawa przyjęta",
        "W trakcie",
        "mamy pytanie",
        "nowa wiadomość",
        "jest odpowiedź",
        "sprawa otwarta ponownie",
        "Zamknięta",
    ]


def test_another_unit_is_told_to_the_filer_and_another_person_is_not(unit, clerk, sent):
    case = make_case()
    sent()
    colleague = make_staff("cases.clerk", unit)
    services.assign(case=case, assignee=colleague, by=clerk)
    assert sent() == []
    services.assign(case=case, unit=make_unit(name="Drogi"), by=clerk)
    (message,) = sent()
    assert "Drogi" in message.body


def test_notes_of_staff_are_told_to_nobody_outside(unit, clerk, sent):
    case = make_case()
    sent()
    services.comment(case=case, body="Notatka.", audience="internal", by=clerk)
    assert sent() == []


def test_names_of_staff_and_words_of_the_filer_never_stand_in_messages(unit, clerk, sent):
    case = make_case(description="Mieszkam w domu obok.")
    services.take_step(case=case, transition="take", by=clerk)
    solve(case, by=clerk)
    for message in sent():
        assert "Urzędnicza" not in message.body
        assert "domu obok" not in message.body


def test_staff_are_told_in_the_bell(unit, clerk, run_jobs):
    person = make_staff("cases.clerk", unit)
    colleague = viewer_for_person(person.pk)
    outsider = viewer_for_person(make_staff("cases.clerk", make_unit()).pk)
    case = make_case()
    run_jobs()
    assert notices(clerk) == notices(colleague) == ["cases.new"]
    services.assign(case=case, assignee=person, by=clerk)
    services.add_from_filer(case=case, body="Jeszcze coś.", by=filer_of(case))
    run_jobs()
    assert notices(colleague) == ["cases.new", "cases.assigned", "cases.replied"]
    assert notices(clerk) == ["cases.new"]
    assert notices(outsider) == []


def test_who_takes_a_case_is_not_told_that_they_have_it(unit, clerk, run_jobs):
    case = make_case()
    run_jobs()
    person = make_staff("cases.clerk", unit)
    own = viewer_for_person(person.pk)
    services.assign(case=case, assignee=person, by=own)
    run_jobs()
    assert "cases.assigned" not in notices(own)


def test_a_listener_called_twice_writes_one_message(unit, run_jobs):
    case = make_case()
    event = CaseOpened(case_id=case.pk, case_type=case.case_type, unit_id=unit.pk)
    listeners.tell_filer_filed(event)
    listeners.tell_filer_filed(event)
    run_jobs()
    assert OutgoingMail.objects.count() == 1


def test_terms_that_end_tomorrow_or_ended_are_told_once(unit, clerk, tuesday_noon):
    boss = viewer_for_person(make_staff("cases.supervisor", unit).pk)
    make_case()
    for days, told in ((13, ["cases.due_soon"]), (15, ["cases.due_soon", "cases.overdue"])):
        with clock.at(clock.now() + timedelta(days=days)):
            jobs.escalate()
            jobs.escalate()
        assert notices(clerk) == told
    assert notices(boss) == ["cases.due_soon", "cases.overdue"]


def test_a_term_that_ends_on_monday_is_told_on_friday_and_only_then(unit, clerk, tuesday_noon):
    make_case(category=make_category(deadline_days=6))
    told = []
    for days in (2, 3, 4, 5):
        with clock.at(tuesday_noon + timedelta(days=days)):
            jobs.escalate()
        told.append(len(notices(clerk)))
    assert told == [0, 1, 1, 1]
    assert Notice.objects.get().title.endswith("termin mija 18 maja")


def test_an_erased_party_gets_no_more_messages(unit, clerk, sent):
    case = make_case()
    sent()
    services.erase_personal(case=case, by=viewer_for_person(make_staff("cases.supervisor", unit).pk))
    solve(case, by=clerk)
    assert sent() == []


def test_a_late_worker_tells_the_end_of_a_case_once(unit, clerk, sent):
    """The filer's reply is told after the case has been closed: it is not what closed it."""
    case = make_case()
    sent()
    services.take_step(case=case, transition="ask", answer="Które drzewo?", by=clerk)
    services.take_step(case=case, transition="reply", by=filer_of(case))
    services.take_step(case=case, transition="drop", by=clerk)
    subjects = [message.subject.split(": ")[1] for message in sent()]
    assert len(subjects) == 2, subjects
