"""A case that turns out to be something else keeps its number and its day of receipt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.cases.models import CaseStep
from miasto.kernel.cases.selectors import case_page
from miasto.kernel.cases.services import Refused, file_case, reclassify, set_place, take_step
from miasto.kernel.cases.testing import MATTER, filer_of, give_competence, make_case
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.testing import declared
from miasto.kernel.spec.cases import Deadline, Transition

LETTER = replace(
    MATTER,
    key="cases.letter",
    name="Pismo próbne",
    prefix="PP",
    competence="cases.letters",
    deadline=Deadline(months=1),
    public_register=False,
    needs_place=False,
    transitions=(
        *MATTER.transitions,
        Transition(
            key="extend", label="Przedłuż", sources=("new",), target="new", by=("cases.handle",), term=Deadline(months=2)
        ),
    ),
)


@pytest.fixture
def letter(matter):
    with declared(LETTER):
        yield LETTER


@pytest.fixture
def secretariat(db):
    return give_competence(make_unit(name="Sekretariat"), LETTER.competence)


def letter_of(day: datetime, **fields):
    values = {"case_type": LETTER.key, "category": None, "description": "Skarżę się na zwłokę.", "point": None}
    return file_case(by=SYSTEM, received_at=day, channel="email", **{**values, **fields}).case


def test_the_clock_of_a_letter_runs_from_the_day_of_its_receipt(letter, secretariat):
    with clock.at(datetime(2027, 2, 4, 9, 0, tzinfo=UTC)):
        case = letter_of(datetime(2027, 1, 31, 20, 0, tzinfo=UTC))
    assert case.due_on == date(2027, 3, 1)
    assert clock.local(case.filed_at).date() == date(2027, 1, 31)


def test_a_letter_from_the_future_counts_from_now(letter, secretariat, tuesday_noon):
    assert letter_of(tuesday_noon + timedelta(days=3)).filed_at == tuesday_noon


def test_a_reclassified_case_keeps_number_and_receipt_and_gets_the_term_and_the_unit_of_its_new_type(letter, secretariat):
    with clock.at(datetime(2027, 1, 31, 11, 0, tzinfo=UTC)):
        case = make_case()
    with clock.at(datetime(2027, 2, 8, 11, 0, tzinfo=UTC)):
        moved = reclassify(case=case, case_type=LETTER.key, by=SYSTEM)
    assert (moved.number, moved.filed_at) == (case.number, case.filed_at)
    assert (moved.case_type, moved.unit_id, moved.public) == (LETTER.key, secretariat.pk, False)
    assert moved.due_on == date(2027, 3, 1)
    assert moved.steps.filter(kind=CaseStep.Kind.RECLASSIFIED, transition=LETTER.key).exists()


def test_a_case_that_is_no_longer_public_is_unknown_to_the_public_and_known_to_its_filer(letter, secretariat):
    case = reclassify(case=make_case(), case_type=LETTER.key, by=SYSTEM)
    with pytest.raises(type(case).DoesNotExist):
        case_page(case.number, ANONYMOUS)
    titles = [step.title for step in case_page(case.number, filer_of(case)).history]
    assert "Zmieniono rodzaj sprawy na: Pismo próbne" in titles


def test_the_one_who_filed_is_told_of_the_new_type(letter, secretariat, run_jobs, mailoutbox):
    case = make_case()
    run_jobs()
    reclassify(case=case, case_type=LETTER.key, by=SYSTEM)
    run_jobs()
    assert "zmieniliśmy rodzaj sprawy na: Pismo próbne" in mailoutbox[-1].subject
    assert "dzień przyjęcia się nie zmieniają" in mailoutbox[-1].body


def test_only_those_who_assign_may_reclassify_and_a_closed_case_stays_what_it_was(letter, secretariat):
    case = make_case()
    with pytest.raises(PermissionDenied):
        reclassify(case=case, case_type=LETTER.key, by=filer_of(case))
    take_step(case=case, transition="drop", by=SYSTEM)
    with pytest.raises(Refused):
        reclassify(case=case, case_type=LETTER.key, by=SYSTEM)


def test_a_lawful_extension_counts_from_the_day_of_receipt(letter, secretariat):
    with clock.at(datetime(2026, 12, 31, 9, 0, tzinfo=UTC)):
        case = letter_of(clock.now())
    assert case.due_on == date(2027, 2, 1)
    with clock.at(datetime(2027, 1, 28, 9, 0, tzinfo=UTC)):
        assert take_step(case=case, transition="extend", by=SYSTEM).due_on == date(2027, 3, 1)


@pytest.mark.django_db
def test_a_case_filed_without_its_place_can_be_given_one(matter):
    with pytest.raises(Refused):
        make_case(point=None)
    case = make_case(point=None, address_text="", place_later=True)
    assert case.geom is None
    placed = set_place(case=case, point=city().centre, address_text="ul. Próbna 7", by=SYSTEM)
    assert (placed.geom.x, placed.geom.y) == pytest.approx(city().centre)
    assert placed.address_text == "ul. Próbna 7"
    with pytest.raises(PermissionDenied):
        set_place(case=case, point=city().centre, by=filer_of(case))
