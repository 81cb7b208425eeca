"""The ladder: who is told of a term that comes near or is over, once each, acknowledged, in hours where there is danger."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.cases import escalation, jobs, selectors, services
from miasto.kernel.cases.ladder import Rung
from miasto.kernel.cases.level_models import Escalation
from miasto.kernel.cases.models import Case, CaseStep
from miasto.kernel.cases.testing import MATTER, filer_of, give_competence, make_case, make_category, matter_declared
from miasto.kernel.core import clock
from miasto.kernel.notifications.models import Notice
from miasto.kernel.spec.cases import Deadline

pytestmark = pytest.mark.django_db
PROMISING = replace(MATTER, deadline=Deadline(days=14, first_response_hours=8))
RUNGS = (
    Rung("before", "solution", "worker", working_days=-1),
    Rung("after", "solution", "supervisor", working_days=1),
    Rung("long", "solution", "above", working_days=4),
    Rung("danger", "first_response", "supervisor", danger=True),
    Rung("danger_left", "first_response", "above", hours=2, danger=True),
)


@pytest.fixture(autouse=True)
def _ladder(monkeypatch):
    for module in (escalation, __import__("miasto.kernel.cases.ladder", fromlist=["ladder"])):
        monkeypatch.setattr(module, "ladder", lambda: RUNGS)


@pytest.fixture
def head(tuesday_noon):
    with matter_declared(PROMISING):
        yield make_unit()


@pytest.fixture
def unit(head):
    return give_competence(make_unit(parent=head))


@pytest.fixture
def people(unit, head):
    roles = (("clerk", "cases.clerk", unit), ("boss", "cases.supervisor", unit), ("director", "cases.supervisor", head))
    return {name: make_staff(role, of).pk for name, role, of in roles}


def told(person_id) -> list[str]:
    return [row.topic for row in Notice.objects.filter(person=person_id).order_by("id") if row.topic != "cases.new"]


def later(**span):
    return clock.at(clock.now() + timedelta(**span))


def rungs(case) -> list[str]:
    return list(Escalation.objects.filter(case=case).order_by("at", "id").values_list("rung", flat=True))


def test_the_ladder_goes_from_the_worker_to_the_supervisor_to_the_unit_above(people, tuesday_noon):
    case = make_case()
    services.assign(case=case, assignee=make_person_of(people["clerk"]), by=viewer_for_person(people["boss"]))
    seen = []
    for day in range(22):
        with clock.at(tuesday_noon + timedelta(days=day)):
            if escalation.escalate_due():
                seen.append((day, rungs(case)[-1]))
    assert seen == [(13, "before"), (15, "after"), (20, "long")]
    assert told(people["clerk"]) == ["cases.due_soon", "cases.overdue"]
    assert told(people["boss"]) == ["cases.overdue"]
    assert told(people["director"]) == ["cases.escalated"]


def make_person_of(pk):
    from miasto.kernel.accounts.models import Person

    return Person.objects.get(pk=pk)


def test_each_rung_is_climbed_once_however_often_the_job_runs(people):
    case = make_case()
    with later(days=15):
        assert jobs.escalate() == 1
        assert jobs.escalate() == 0
        assert case.steps.filter(kind=CaseStep.Kind.ESCALATED).count() == 1


@transaction.atomic
def climbed_and_killed():
    assert escalation.escalate_due() == 1
    raise KeyboardInterrupt


def test_a_job_killed_before_its_commit_leaves_nothing_and_the_next_does_it_all(people):
    case = make_case()
    with later(days=15):
        with pytest.raises(KeyboardInterrupt):
            climbed_and_killed()
        assert not Escalation.objects.exists()
        assert not told(people["boss"])
        assert escalation.escalate_due() == 1
    assert rungs(case) == ["after"]
    assert told(people["boss"]) == ["cases.overdue"]


def test_a_job_killed_between_two_cases_goes_on_where_it_stopped(people, monkeypatch):
    cases = [make_case(), make_case()]
    climb = escalation._climb
    with later(days=15):
        done = []

        def killed(case_id, one):
            if done:
                raise KeyboardInterrupt
            done.append(climb(case_id, one))
            return done[-1]

        monkeypatch.setattr(escalation, "_climb", killed)
        with pytest.raises(KeyboardInterrupt):
            escalation.escalate_due()
        monkeypatch.setattr(escalation, "_climb", climb)
        escalation.escalate_due()
    assert [rungs(case) for case in cases] == [["after"], ["after"]]
    assert told(people["boss"]) == ["cases.overdue"] * 2


def test_a_term_moved_by_a_wait_is_escalated_at_its_new_end_only(people, tuesday_noon):
    clerk = viewer_for_person(people["clerk"])
    case = services.take_step(case=make_case(), transition="ask", answer="Gdzie?", by=clerk)
    with clock.at(tuesday_noon + timedelta(days=10)):
        services.take_step(case=case, transition="reply", by=filer_of(case))
    with clock.at(tuesday_noon + timedelta(days=15)):
        assert escalation.escalate_due() == 0
    with clock.at(tuesday_noon + timedelta(days=27)):
        escalation.escalate_due()
    assert rungs(case) == ["after"]


def test_a_case_whose_clock_stands_is_not_escalated(people):
    clerk = viewer_for_person(people["clerk"])
    services.take_step(case=make_case(), transition="ask", answer="Gdzie?", by=clerk)
    with later(days=20):
        assert escalation.escalate_due() == 0


def test_danger_that_nobody_answers_goes_up_in_hours_in_the_middle_of_the_night(people, tuesday_noon):
    danger = make_category(danger=True, first_response_hours=1)
    with clock.at(tuesday_noon + timedelta(hours=12)):
        case = make_case(category=danger)
        make_case(category=make_category(first_response_hours=1))
    seen = []
    for minutes in (30, 61, 120, 181, 240):
        with clock.at(tuesday_noon + timedelta(hours=12, minutes=minutes)):
            escalation.escalate_due()
            seen.append(len(rungs(case)))
    assert seen == [0, 1, 1, 2, 2]
    assert told(people["director"]) == ["cases.escalated"]


def test_danger_that_somebody_answered_stays_down(people):
    case = make_case(category=make_category(danger=True, first_response_hours=1))
    services.take_step(case=case, transition="take", by=viewer_for_person(people["clerk"]))
    with later(hours=5):
        assert escalation.escalate_due() == 0


def test_promises_long_past_are_not_told_when_the_ladder_comes_to_an_old_city(people):
    make_case(category=make_category(danger=True, first_response_hours=1))
    with later(days=60):
        assert escalation.escalate_due() == 0


def test_a_unit_without_a_supervisor_passes_to_the_one_above(head, unit):
    director = make_staff("cases.supervisor", head).pk
    make_case()
    with later(days=15):
        escalation.escalate_due()
    assert told(director) == ["cases.overdue"]
    assert Escalation.objects.get().unit_id == head.pk


def test_the_supervisor_sees_it_acknowledges_it_and_the_history_says_so(client, people):
    case = make_case()
    boss = viewer_for_person(people["boss"])
    with later(days=15):
        escalation.escalate_due()
        rows, count = escalation.waiting_for(boss)
        assert (count, rows[0].number) == (1, case.number)
        escalation.acknowledge(escalation_id=rows[0].id, by=boss)
        escalation.acknowledge(escalation_id=rows[0].id, by=boss)
        assert escalation.waiting_for(boss) == ([], 0)
        kinds = [step.kind for step in selectors.case_page(case.number, boss).history]
        assert kinds[-2:] == ["escalated", "acknowledged"]
        public = [step.kind for step in selectors.case_page(case.number, filer_of(case)).history]
        assert public == ["filed"]


def test_who_was_not_told_cannot_acknowledge(people):
    make_case()
    with later(days=15):
        escalation.escalate_due()
        one = Escalation.objects.get()
        for stranger in (viewer_for_person(people["director"]), viewer_for_person(make_person().pk)):
            with pytest.raises(PermissionDenied):
                escalation.acknowledge(escalation_id=one.pk, by=stranger)
    assert Case.objects.get().steps.filter(kind="acknowledged").count() == 0
