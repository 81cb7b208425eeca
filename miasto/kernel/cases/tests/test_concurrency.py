"""Two writers at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases import services
from miasto.kernel.cases.models import Case, CaseStep, Relation
from miasto.kernel.cases.numbering import keep_above, next_number, reserve
from miasto.kernel.cases.services import Refused
from miasto.kernel.cases.testing import give_competence, make_case, matter_declared, solve

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, work):
    """Run ``work(number)`` in so many threads that begin together; exceptions are returned as results."""
    gate = Barrier(count)

    def one(number):
        try:
            gate.wait(timeout=10)
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def unit():
    with matter_declared():
        yield give_competence(make_unit())


def test_cases_filed_at_once_get_different_numbers_without_gaps(unit):
    made = at_once(6, lambda number: make_case().number)
    assert sorted(number[-6:] for number in made) == [f"{number:06d}" for number in range(1, 7)]


def test_one_form_sent_from_many_tabs_at_once_makes_one_case(unit):
    made = at_once(5, lambda number: make_case(client_key="szkic").pk)
    assert len(set(made)) == 1
    assert Case.objects.count() == CaseStep.objects.count() == 1


def test_of_two_clerks_with_the_same_page_one_is_told_of_the_conflict(unit):
    case = make_case()
    clerks = [make_viewer(roles={"cases.clerk": unit}) for _number in range(2)]
    done = at_once(2, lambda number: services.take_step(case=case, transition="take", by=clerks[number], version=1))
    assert sorted(type(result).__name__ for result in done) == ["Case", "Conflict"]
    assert CaseStep.objects.filter(kind="transition").count() == 1


def test_without_a_version_the_second_step_is_refused_by_the_stage(unit):
    case = make_case()
    clerks = [make_viewer(roles={"cases.clerk": unit}) for _number in range(2)]
    done = at_once(2, lambda number: services.take_step(case=case, transition="take", by=clerks[number]))
    assert [type(result) for result in done if not isinstance(result, Case)] == [Refused]


def test_numbers_taken_from_elsewhere_are_never_given_again():
    with connection.cursor():
        keep_above("XX", 2026, 40)
        assert next_number("XX", 2026) == "XX-2026-000041"
        keep_above("XX", 2026, 7)
        assert reserve("XX", 2026, 2) == ["XX-2026-000042", "XX-2026-000043"]
        assert next_number("XX", 2027) == "XX-2027-000001"


def test_of_two_merges_at_once_in_opposite_directions_one_is_refused(unit):
    first, second = make_case(), make_case()
    clerk = make_viewer(roles={"cases.clerk": unit})
    pairs = [(first, second), (second, first)]
    done = at_once(2, lambda n: services.merge(duplicates=[pairs[n][0]], into=pairs[n][1], by=clerk))
    assert sorted(type(result).__name__ for result in done) == ["Case", "Refused"]
    assert Relation.objects.count() == 1


def test_me_too_pressed_twice_at_once_counts_once(unit):
    case = make_case()
    done = at_once(5, lambda n: services.support(case=case, by=ANONYMOUS, device="telefon").fresh)
    assert sorted(done) == [False] * 4 + [True]
    assert Case.objects.get().supporters == 1


def test_me_too_during_a_merge_is_not_lost(unit):
    main, copy = make_case(), make_case()
    clerk = make_viewer(roles={"cases.clerk": unit})
    at_once(
        4,
        lambda n: (
            services.merge(duplicates=[copy], into=main, by=clerk)
            if n == 0
            else services.support(case=copy, by=ANONYMOUS, device=f"telefon-{n}")
        ),
    )
    assert Case.objects.get(pk=main.pk).supporters == 4


def test_a_part_split_off_while_the_case_is_being_ended_keeps_it_open_or_comes_too_late(unit):
    case = make_case()
    clerk = make_viewer(roles={"cases.clerk": unit})
    done = at_once(
        2,
        lambda n: solve(case, by=clerk) if n else services.split(case=case, parts=[(None, unit, "Reszta.")], by=clerk),
    )
    split, solved = done
    assert isinstance(split, list)
    assert (Case.objects.get(pk=case.pk).stage == "solved") == isinstance(solved, Case)
