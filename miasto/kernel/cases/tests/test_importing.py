"""Cases of the past: replayed by the same rules, all or nothing, told to nobody."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail as outbox

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.models import Case, CaseStep, CaseText
from miasto.kernel.cases.selectors import QueueFilters
from miasto.kernel.cases.services import CaseRow, CommentRow, FileRow, ImportRefused, StepRow
from miasto.kernel.cases.testing import KEY, file_one, filer_of, give_competence, make_category
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.files.testing import make_file
from miasto.kernel.notifications.models import Notice

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def unit(matter):
    return give_competence(make_unit())


@pytest.fixture
def category(unit):
    return make_category(slug="lampa", questions=[{"key": "pole", "label": "Numer słupa"}])


def row(**more):
    values = {"category": "lampa", "filed_at": START, "description": "Nie świeci.", "point": city().centre}
    return CaseRow(**{**values, **more})


def load(*rows):
    return services.import_cases(case_type=KEY, rows=rows, by=SYSTEM)


def past(*steps):
    return [StepRow(at=START + timedelta(days=number + 1), **step) for number, step in enumerate(steps)]


def test_an_imported_case_looks_like_one_that_was_lived_through(category, unit):
    person = make_staff("cases.clerk", unit, name="Anna Urzędnicza")
    answer = CommentRow(body="Wymieniliśmy lampę.")
    steps = past(
        {"kind": "transition", "transition": "take", "person_id": person.pk},
        {
            "kind": "transition",
            "transition": "ask",
            "person_id": person.pk,
            "comment": CommentRow(body="Gdzie?", audience="parties"),
        },
        {"kind": "transition", "transition": "reply", "by_filer": True, "comment": CommentRow(body="Tu.", state="waiting")},
        {"kind": "transition", "transition": "solve", "person_id": person.pk, "comment": answer},
        {"kind": "transition", "transition": "confirm", "by_filer": True},
    )
    load(
        row(
            steps=steps,
            published="Nie świeci.",
            answers={"pole": "12"},
            email="x@przyklad.pl",
            files=[FileRow(file_id=make_file().pk, at=START)],
        )
    )
    case = Case.objects.get()
    assert (case.number, case.unit_id, case.stage, case.progress) == ("PR-2026-000001", unit.pk, "closed", "closed")
    assert (case.paused_days, case.filed_at, case.answered_at) == (1, START, START + timedelta(days=4))
    assert case.closed_at == START + timedelta(days=5)
    seen = selectors.case_page(case.number, ANONYMOUS)
    assert (seen.text, len(seen.photos), seen.answer.body) == ("Nie świeci.", 1, "Wymieniliśmy lampę.")
    assert [step.stage.key for step in seen.history] == ["new", "working", "asking", "working", "solved", "closed"]
    own = selectors.case_page(case.number, filer_of(case))
    assert [said.body for said in own.comments] == ["Gdzie?", "Tu.", "Wymieniliśmy lampę."]
    assert selectors.case_page(case.number, viewer_for_person(person.pk)).history[1].actor == "Anna Urzędnicza"


def test_the_term_agrees_with_that_of_a_case_lived_through(category, unit):
    clerk = viewer_for_person(make_staff("cases.clerk", unit).pk)
    with clock.at(START):
        lived = file_one(category=category).case
    with clock.at(START + timedelta(days=1)):
        services.take_step(case=lived, transition="ask", answer="Gdzie?", by=clerk)
    with clock.at(START + timedelta(days=8)):
        lived = services.add_from_filer(case=lived, body="Tu.", by=filer_of(lived))
    load(
        row(
            steps=[
                StepRow(at=START + timedelta(days=1), kind="transition", transition="ask", person_id=clerk.person_id),
                StepRow(at=START + timedelta(days=8), kind="transition", transition="reply", by_filer=True),
            ]
        )
    )
    loaded = Case.objects.exclude(pk=lived.pk).get()
    for field in ("due_on", "paused_days", "clock", "clock_held_on", "progress", "stage", "public", "answered_at", "closed_at"):
        assert getattr(loaded, field) == getattr(lived, field), field


@pytest.mark.parametrize("seed", range(8))
def test_a_random_life_and_its_import_end_in_the_same_state(category, unit, seed):
    """Whatever way a case took, replaying its history gives the same stage, clock, term, ends and visibility."""
    chance, moment, steps = random.Random(seed), START, []
    person = make_staff("cases.supervisor", unit)
    with clock.at(moment):
        lived = file_one(category=category).case
    viewer = replace(viewer_for_person(person.pk), links=frozenset({lived.pk}))
    for _number in range(10):
        moment += timedelta(hours=chance.randint(1, 200))
        with clock.at(moment):
            offered = selectors.allowed_steps(lived, viewer)
            if not offered:
                break
            chosen = chance.choice(offered)
            words = {"answer": "Tak." if {"answer", "question"} & set(chosen.needs) else "", "reason": "Bo tak."}
            lived = services.take_step(case=lived, transition=chosen.key, by=viewer, **words)
        who = {"by_filer": True} if chosen.by_filer else {"person_id": person.pk}
        steps.append(StepRow(at=moment, kind="transition", transition=chosen.key, **who))
    load(row(steps=steps))
    loaded = Case.objects.exclude(pk=lived.pk).get()
    for field in (
        "stage", "stage_since", "progress", "clock", "clock_held_on", "paused_days", "due_on", "answered_at", "closed_at",
        "disputed", "public",
    ):  # fmt: skip
        assert getattr(loaded, field) == getattr(lived, field), f"{field} after {[step.transition for step in steps]}"


def test_nobody_is_told_and_living_goes_on(category, unit, run_jobs):
    clerk = viewer_for_person(make_staff("cases.clerk", unit).pk)
    load(
        row(
            email="x@przyklad.pl",
            steps=past({"kind": "assigned", "assignee_id": clerk.person_id, "person_id": clerk.person_id}),
        )
    )
    run_jobs()
    assert outbox.outbox == []
    assert not Notice.objects.exists()
    case = Case.objects.get()
    assert case.assignee_id == clerk.person_id
    assert len(selectors.queue(clerk, QueueFilters(assignee="me", pending=True)).rows) == 1
    services.take_step(case=case, transition="take", by=clerk)


def test_numbers_of_an_older_system_are_kept_and_never_given_again(category):
    load(row(number="PR-2026-000041"), row(filed_at=START + timedelta(days=1)))
    assert set(Case.objects.values_list("number", flat=True)) == {"PR-2026-000041", "PR-2026-000042"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"category": "nie-ma"}, "there is no category 'nie-ma'"),
        ({"description": " "}, "description is empty"),
        ({"point": None}, "point is missing"),
        ({"point": (620000.0, 340000.0)}, "not (longitude, latitude) in degrees"),
        ({"filed_at": START.replace(tzinfo=None)}, "filed_at has no time zone"),
        ({"number": "ZG/12/2026"}, "is not like PR-2026-000123"),
        ({"channel": "pigeon"}, "channel 'pigeon'"),
        ({"answers": {"colour": "red"}}, "there is no question 'colour'"),
        ({"unit_id": uuid4()}, "there is no such unit"),
        ({"person_id": uuid4()}, "there is no such person"),
        (
            {"steps": past({"kind": "transition", "transition": "confirm"})},
            "transition 'confirm' does not lead from stage 'new'",
        ),
        (
            {"steps": [StepRow(at=START - timedelta(days=1), kind="transition", transition="take")]},
            "before the one of the step before",
        ),
        ({"steps": past({"kind": "comment"})}, "a comment without words"),
        ({"steps": past({"kind": "deleted"})}, "kind 'deleted'"),
        ({"steps": past({"kind": "comment", "comment": CommentRow(body=" ")})}, "empty or too long"),
        ({"steps": past({"kind": "comment", "comment": CommentRow(body="Tak.", audience="all")})}, "audience 'all'"),
        ({"files": [FileRow(file_id=uuid4(), at=START)]}, "is not there to be attached"),
        ({"files": [FileRow(file_id=uuid4(), at=START, phase="before")]}, "phase 'before'"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(category, wrong, told):
    with pytest.raises(ImportRefused) as refused:
        load(row(), row(**wrong))
    assert told in str(refused.value)
    assert not Case.objects.exists()
    assert not CaseText.objects.exists()


def test_two_rows_with_one_number_are_refused(category):
    with pytest.raises(ImportRefused, match="the number is taken"):
        load(row(number="PR-2026-000001"), row(number="PR-2026-000001"))
    load(row(number="PR-2026-000001"))
    with pytest.raises(ImportRefused, match="the number is taken"):
        load(row(number="PR-2026-000001"))


def test_many_errors_are_cut_short_but_counted(category):
    with pytest.raises(ImportRefused) as refused:
        load(*(row(description="") for _number in range(30)))
    assert len(refused.value.problems) == 30
    assert "and 10 more" in str(refused.value)


def test_the_number_of_queries_does_not_grow_with_the_rows(category, unit, django_assert_max_num_queries):
    person = make_person()
    rows = [
        row(person_id=person.pk, steps=past({"kind": "transition", "transition": "take", "person_id": person.pk}))
        for _n in range(200)
    ]
    with django_assert_max_num_queries(40):
        load(*rows)
    assert CaseStep.objects.count() == 400
