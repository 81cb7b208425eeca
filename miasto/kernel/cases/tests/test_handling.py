"""Steps, assignments, pauses of the clock, disputes, and who may do what."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from miasto.kernel.accounts.selectors import ANONYMOUS, viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit, make_viewer
from miasto.kernel.cases import jobs, selectors, services
from miasto.kernel.cases.models import CaseStep
from miasto.kernel.cases.services import Conflict, Refused
from miasto.kernel.cases.testing import filer_of, make_case, make_category, solve
from miasto.kernel.core import clock
from miasto.kernel.files.testing import make_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(matter, tuesday_noon):
    return make_case()


@pytest.fixture
def clerk(case):
    return make_viewer(roles={"cases.clerk": case.unit})


def later(days):
    return clock.at(clock.now() + timedelta(days=days))


def keys(case, viewer):
    return [step.key for step in selectors.allowed_steps(case, viewer)]


def test_staff_and_the_filer_are_offered_their_own_steps_only(case, clerk):
    other = make_viewer(roles={"cases.clerk": make_unit()})
    assert keys(case, clerk) == ["take", "ask", "solve", "drop"]
    assert keys(case, filer_of(case)) == ["drop"]
    assert keys(case, ANONYMOUS) == keys(case, other) == []


def test_a_step_of_another_stage_is_refused(case, clerk):
    with pytest.raises(Refused):
        services.take_step(case=case, transition="confirm", by=clerk)


def test_a_stranger_cannot_take_a_step(case):
    for viewer in (ANONYMOUS, make_viewer(), make_viewer(roles={"cases.clerk": make_unit()})):
        with pytest.raises(Refused):
            services.take_step(case=case, transition="take", by=viewer)


def test_a_step_says_what_is_missing(case, clerk):
    with pytest.raises(Refused) as told:
        services.take_step(case=case, transition="solve", by=clerk)
    assert set(told.value.message_dict) == {"answer", "reason"}
    assert told.value.code == "needs"


def test_a_photo_stands_for_the_reason(case, clerk):
    photo = make_file()
    solved = services.take_step(case=case, transition="solve", answer="Załatane.", file_ids=[photo.pk], by=clerk)
    assert solved.stage == "solved"
    assert solved.progress == "answered"
    assert [(row.phase, row.state) for row in solved.files.all()] == [("resolved", "approved")]


def test_an_old_page_is_told_of_the_change(case, clerk):
    services.take_step(case=case, transition="take", by=clerk, version=1)
    with pytest.raises(Conflict):
        services.take_step(case=case, transition="solve", answer="Już.", reason="Bez.", by=clerk, version=1)


def test_the_clerk_who_takes_an_unowned_case_has_it(case, clerk):
    assert services.take_step(case=case, transition="take", by=clerk).assignee_id == clerk.person_id


def test_a_question_holds_the_clock_and_the_answer_moves_the_term(case, clerk):
    due = case.due_on
    asked = services.take_step(case=case, transition="ask", answer="Która strona jezdni?", by=clerk)
    assert (asked.progress, asked.clock, asked.due_on) == ("waiting", "paused", due)
    with later(6):
        replied = services.add_from_filer(case=asked, body="Prawa.", by=filer_of(case))
    assert (replied.stage, replied.clock, replied.paused_days) == ("working", "runs", 6)
    assert str(replied.due_on) == "2026-06-01"


def test_a_waiting_case_is_never_overdue(case, clerk):
    services.take_step(case=case, transition="ask", answer="Która?", by=clerk)
    with later(60):
        view = selectors.case_page(case.number, clerk)
        assert view.days_left is None
        assert not view.overdue
        assert selectors.queue(clerk, selectors.QueueFilters(overdue=True)).rows == []


def test_the_clock_stops_at_the_end(case, clerk):
    with later(2):
        solved = solve(case, by=clerk)
        closed = services.take_step(case=solved, transition="confirm", by=filer_of(case))
    assert (closed.progress, closed.clock) == ("closed", "stopped")
    assert closed.answered_at == solved.answered_at is not None
    assert closed.closed_at is not None


def test_a_dispute_reopens_the_case_and_shows_it_to_the_supervisor(case, clerk, run_jobs):
    from miasto.kernel.notifications.models import Notice

    boss = make_staff("cases.supervisor", case.unit)
    solved = solve(case, by=clerk)
    disputed = services.take_step(case=solved, transition="dispute", reason="Dziura dalej jest.", by=filer_of(case))
    assert (disputed.stage, disputed.progress, disputed.disputed, disputed.answered_at) == ("working", "open", 1, None)
    run_jobs()
    assert Notice.objects.filter(person=boss, topic="cases.disputed").count() == 1
    found = selectors.queue(viewer_for_person(boss.pk), selectors.QueueFilters(disputed=True))
    assert [row.number for row in found.rows] == [case.number]


def test_a_dispute_needs_a_reason_and_comes_within_seven_days(case, clerk):
    solved = solve(case, by=clerk)
    with pytest.raises(Refused):
        services.take_step(case=solved, transition="dispute", by=filer_of(case))
    with later(7):
        assert "dispute" in keys(solved, filer_of(case))
    with later(8):
        assert "dispute" not in keys(solved, filer_of(case))


def test_the_clock_closes_what_nobody_disputed_and_not_a_day_early(case, clerk):
    solve(case, by=clerk)
    with later(7):
        assert jobs.take_clock_steps() == 0
    with later(8):
        assert jobs.take_clock_steps() == 1
        assert jobs.take_clock_steps() == 0
    case.refresh_from_db()
    assert case.stage == "closed"
    assert selectors.case_page(case.number, ANONYMOUS).history[-1].actor == "Platforma"


def test_a_withdrawn_case_leaves_the_public_register(case):
    services.take_step(case=case, transition="drop", by=filer_of(case))
    assert selectors.public_register(selectors.RegisterFilters(case_type=case.case_type)).rows == []
    with pytest.raises(type(case).DoesNotExist):
        selectors.case_page(case.number, ANONYMOUS)
    assert selectors.case_page(case.number, filer_of(case)).stage.key == "dropped"


def test_moving_a_case_to_another_unit_takes_it_from_its_clerk(case, clerk):
    services.take_step(case=case, transition="take", by=clerk)
    other = make_unit()
    moved = services.assign(case=case, unit=other, by=clerk)
    assert (moved.unit_id, moved.assignee_id) == (other.pk, None)
    with pytest.raises(PermissionDenied):
        services.assign(case=moved, unit=make_unit(), by=clerk)


def test_a_case_is_given_only_to_people_who_work_on_the_units_cases(case, clerk):
    colleague = make_staff("cases.clerk", case.unit)
    assert services.assign(case=case, assignee=colleague, by=clerk).assignee_id == colleague.pk
    with pytest.raises(Refused):
        services.assign(case=case, assignee=make_staff("cases.clerk", make_unit()), by=clerk)
    assert services.assign(case=case, assignee=None, by=clerk).assignee_id is None


def test_assigning_what_is_so_already_adds_nothing_to_the_history(case, clerk):
    steps = CaseStep.objects.count()
    services.assign(case=case, unit=case.unit, by=clerk)
    assert CaseStep.objects.count() == steps


def test_another_category_counts_the_term_anew_from_the_filing(case, clerk):
    changed = services.recategorise(case=case, category=make_category(deadline_days=7), by=clerk)
    assert str(changed.due_on) == "2026-05-19"


def test_history_can_be_neither_edited_nor_deleted(case):
    step = case.steps.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseStep.objects.filter(pk=step.pk).update(to_stage="x")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_casestep")
    assert CaseStep.objects.get().to_stage == "new"


def test_a_comment_needs_the_right_and_an_audience(case, clerk):
    with pytest.raises(PermissionDenied):
        services.comment(case=case, body="Widziałem.", audience="public", by=make_viewer())
    with pytest.raises(Refused):
        services.comment(case=case, body="Widziałem.", audience="everyone", by=clerk)
    with pytest.raises(Refused):
        services.comment(case=case, body="  ", audience="public", by=clerk)


def test_only_the_filer_adds_to_a_case_and_only_while_it_lasts(case, clerk):
    with pytest.raises(PermissionDenied):
        services.add_from_filer(case=case, body="To też moje.", by=make_viewer())
    with pytest.raises(Refused):
        services.add_from_filer(case=case, by=filer_of(case))
    dropped = services.take_step(case=case, transition="drop", by=filer_of(case))
    with pytest.raises(Refused):
        services.add_from_filer(case=dropped, body="Jeszcze jedno.", by=filer_of(case))
