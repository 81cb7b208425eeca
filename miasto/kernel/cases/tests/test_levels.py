"""Service levels of a case: promises, the first answer, waits as intervals, the term that waits move."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.cases import levels, services, writing
from miasto.kernel.cases.deadlines import working_between
from miasto.kernel.cases.level_models import Pause
from miasto.kernel.cases.models import Case
from miasto.kernel.cases.testing import (
    MATTER,
    filer_of,
    give_competence,
    make_body,
    make_case,
    make_category,
    matter_declared,
    solve,
)
from miasto.kernel.cases.worktime import held_seconds
from miasto.kernel.core import clock
from miasto.kernel.spec.cases import Deadline

pytestmark = pytest.mark.django_db
PROMISING = replace(MATTER, deadline=Deadline(days=14, first_response_hours=4))
START = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
WAITS = st.lists(st.tuples(st.integers(1, 9 * 24), st.integers(0, 40 * 24)), max_size=4)


@pytest.fixture
def unit(tuesday_noon):
    with matter_declared(PROMISING):
        yield give_competence(make_unit())


@pytest.fixture
def clerk(unit):
    return viewer_for_person(make_staff("cases.clerk", unit).pk)


def take(case, transition, by, **words):
    return services.take_step(case=case, transition=transition, by=by, **words)


def test_a_first_answer_is_promised_in_the_working_hours_of_the_unit(unit):
    """From noon to half past three, then from half past seven to eight (6:00 UTC)."""
    assert make_case().first_due_at == datetime(2026, 5, 13, 6, 0, tzinfo=UTC)


def test_a_categorys_own_hours_overrule_the_types_and_danger_is_counted_round_the_clock(unit, tuesday_noon):
    with clock.at(tuesday_noon + timedelta(days=4)):
        quick = make_case(category=make_category(first_response_hours=1))
        danger = make_case(category=make_category(first_response_hours=1, danger=True))
        assert quick.first_due_at == datetime(2026, 5, 18, 6, 30, tzinfo=UTC)
        assert danger.first_due_at == clock.now() + timedelta(hours=1)


def test_where_nothing_is_promised_nothing_is_due(matter):
    give_competence(make_unit())
    assert make_case().first_due_at is None


def test_the_first_answer_is_the_first_step_or_message_that_reaches_the_filer(unit, clerk, tuesday_noon):
    case = make_case()
    services.comment(case=case, body="Kto tam był?", audience="internal", by=clerk)
    services.add_from_filer(case=case, body="Dodaję.", by=filer_of(case))
    case.refresh_from_db()
    assert case.first_response_at is None
    with clock.at(tuesday_noon + timedelta(hours=2)):
        services.comment(case=case, body="Jedziemy.", audience="public", by=clerk)
    with clock.at(tuesday_noon + timedelta(hours=3)):
        case = take(case, "take", clerk)
    assert case.first_response_at == tuesday_noon + timedelta(hours=2)


def test_a_step_of_the_clock_or_of_the_filer_is_no_first_answer(unit):
    case = make_case()
    case = take(case, "drop", filer_of(case))
    assert case.first_response_at is None


def test_another_category_gives_another_promise_until_somebody_has_answered(unit, clerk, tuesday_noon):
    case, quick = make_case(), make_category(first_response_hours=1)
    case = services.recategorise(case=case, category=quick, by=clerk)
    assert case.first_due_at == tuesday_noon + timedelta(hours=1)
    case = take(case, "take", clerk)
    case = services.recategorise(case=case, category=make_category(first_response_hours=30), by=clerk)
    assert case.first_due_at == tuesday_noon + timedelta(hours=1)


def test_a_wait_for_the_filer_is_kept_as_an_interval_and_moves_the_term(unit, clerk, tuesday_noon):
    case = make_case()
    before = case.due_on
    with clock.at(tuesday_noon + timedelta(days=1)):
        case = take(case, "ask", clerk, answer="Które drzewo?")
        assert Pause.objects.get(case=case).ended_at is None
    with clock.at(tuesday_noon + timedelta(days=8)):
        case = take(case, "reply", filer_of(case))
    wait = Pause.objects.get(case=case)
    assert (wait.why, wait.ended_at - wait.began_at) == ("filer", timedelta(days=7))
    assert case.due_on == before + timedelta(days=7)


def test_a_wait_for_a_body_outside_is_told_from_one_for_the_filer(unit, clerk, tuesday_noon):
    services.forward(case=make_case(), to=make_body(), words="To gazociąg, przekazujemy.", by=clerk)
    assert Pause.objects.get().why == "outside"


def test_a_matter_taken_up_again_after_an_answer_waited_in_between(unit, clerk, tuesday_noon):
    case = solve(make_case(), by=clerk)
    with clock.at(tuesday_noon + timedelta(days=3)):
        take(case, "dispute", filer_of(case), reason="Dalej dziura.")
    wait = Pause.objects.get(case=case)
    assert (wait.why, wait.began_at, wait.ended_at) == ("answered", tuesday_noon, tuesday_noon + timedelta(days=3))


def test_a_case_that_ends_while_it_waits_leaves_no_open_wait(unit, clerk):
    steps = [replace(step, sources=(*step.sources, "asking")) if step.key == "solve" else step for step in MATTER.transitions]
    kind = replace(PROMISING, transitions=tuple(steps))
    with matter_declared(kind):
        case = take(make_case(), "ask", clerk, answer="Gdzie?")
        solve(case, by=clerk)
    assert Pause.objects.get(case=case).ended_at is not None


@settings(max_examples=25)
@given(WAITS)
def test_whatever_the_waits_the_term_moves_by_their_days_and_the_intervals_say_the_same(unit, clerk, waits):
    """Over the change to winter time, All Saints and Independence Day: hours worked and waited, in turn."""
    with clock.at(START):
        case = take(make_case(), "take", clerk)
    now, held_days, held = START, 0, timedelta()
    for worked, waited in waits:
        now += timedelta(hours=worked)
        with clock.at(now):
            case = take(case, "ask", clerk, answer="Gdzie?")
        asked, now = now, now + timedelta(hours=waited)
        with clock.at(now):
            before = case.due_on
            case = take(case, "reply", filer_of(case))
        days = (clock.local(now).date() - clock.local(asked).date()).days
        held_days, held = held_days + days, held + (now - asked)
        assert case.due_on >= before
    start = clock.local(START).date()
    assert case.paused_days == held_days
    assert start + timedelta(days=14 + held_days) <= case.due_on < start + timedelta(days=14 + held_days + 8)
    assert working_between(case.due_on - timedelta(days=1), case.due_on) == 1
    kept = levels.pauses_of([case.pk]).get(case.pk, [])
    assert held_seconds(kept, START, now) == held.total_seconds()


def test_the_waits_of_an_older_case_are_read_from_its_history(unit, clerk, tuesday_noon):
    case = make_case()
    for day, transition, by, words in (
        (1, "ask", clerk, {"answer": "Gdzie?"}),
        (3, "reply", filer_of(case), {}),
        (4, "solve", clerk, {"answer": "Już.", "reason": "Bez zdjęcia."}),
        (6, "dispute", filer_of(case), {"reason": "Nie."}),
        (7, "ask", clerk, {"answer": "Co jeszcze?"}),
    ):
        with clock.at(tuesday_noon + timedelta(days=day)):
            case = take(case, transition, by, **words)
    columns = ("why", "began_at", "ended_at")
    living = sorted(Pause.objects.filter(case=case).values_list(*columns), key=lambda row: row[1])
    Pause.objects.all().delete()
    assert levels.pauses_from_history() == 3
    assert sorted(Pause.objects.values_list(*columns), key=lambda row: row[1]) == living
    assert levels.pauses_from_history() == 0


def test_an_import_knows_promises_first_answers_and_waits(unit, tuesday_noon):
    person = make_staff("cases.clerk", unit).pk
    category = make_category()
    filed = tuesday_noon - timedelta(days=20)
    rows = [("ask", 1, False), ("reply", 3, True), ("solve", 5, False)]
    steps = [
        services.StepRow(
            at=filed + timedelta(days=day),
            kind="transition",
            transition=key,
            by_filer=by_filer,
            person_id=None if by_filer else person,
        )
        for key, day, by_filer in rows
    ]
    kind = replace(PROMISING, transitions=tuple(replace(one, needs=()) for one in PROMISING.transitions))
    with matter_declared(kind):
        services.import_cases(
            case_type=kind.key,
            rows=[
                services.CaseRow(
                    category=category.slug, filed_at=filed, description="Dziura.", point=(20.63, 50.87), steps=steps
                )
            ],
            by=SYSTEM,
        )
    case = Case.objects.get()
    assert case.first_response_at == filed + timedelta(days=1)
    assert case.first_due_at is not None
    wait = Pause.objects.get(case=case)
    assert (wait.began_at, wait.ended_at) == (filed + timedelta(days=1), filed + timedelta(days=3))
    assert writing.term_of(case).paused == 2
