"""Merging duplicates, splitting a case, and what nobody may lose by it."""

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases import family, following, selectors, services
from miasto.kernel.cases.models import Case, CaseText, Relation, Supporter
from miasto.kernel.cases.services import Conflict, Contact, Refused
from miasto.kernel.cases.testing import filer_of, give_competence, make_case, make_category, matter_declared, solve

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(matter, tuesday_noon):
    return give_competence(make_unit(name="Zieleń Miejska"))


@pytest.fixture
def clerk(unit):
    return make_viewer(roles={"cases.clerk": unit})


@pytest.fixture
def boss(unit):
    return make_viewer(roles={"cases.supervisor": unit})


def by_mail(address):
    return make_case(contact=Contact(email=address))


def told(case):
    return {to.email for to, _stop in following._followers(case) if to.email}


def test_a_duplicate_is_closed_and_leads_to_the_case_in_which_it_goes_on(unit, clerk):
    main, copy = by_mail("pierwsza@przyklad.pl"), by_mail("druga@przyklad.pl")
    services.merge(duplicates=[copy], into=main, by=clerk)
    view = selectors.case_page(copy.number, ANONYMOUS)
    assert (view.stage.key, view.progress) == ("merged", "closed")
    assert view.history[-1].title == f"Połączona ze sprawą {main.number}"
    assert selectors.related(view, ANONYMOUS).merged_into.number == main.number
    page = selectors.case_page(main.number, ANONYMOUS)
    assert page.history[-1].title == f"Dołączono zgłoszenie tej samej sprawy: {copy.number}"
    assert [row.number for row in selectors.related(page, ANONYMOUS).duplicates] == [copy.number]
    assert page.supporters == 1


def test_the_filer_of_a_duplicate_is_told_of_it_and_then_of_every_step(unit, clerk, run_jobs, mailoutbox):
    main, copy = by_mail("pierwsza@przyklad.pl"), by_mail("druga@przyklad.pl")
    run_jobs()
    mailoutbox.clear()
    services.merge(duplicates=[copy], into=main, by=clerk)
    run_jobs()
    (message,) = mailoutbox
    assert message.to == ["druga@przyklad.pl"]
    assert main.number in message.body
    assert f"/sprawy/{main.number}/" in message.body
    mailoutbox.clear()
    solve(Case.objects.get(pk=main.pk), by=clerk)
    run_jobs()
    assert sorted(message.to[0] for message in mailoutbox) == ["druga@przyklad.pl", "pierwsza@przyklad.pl"]
    follower = next(message for message in mailoutbox if message.to == ["druga@przyklad.pl"])
    assert "Załatane dzisiaj." in follower.body
    assert "/sprawy/s/" not in follower.body


def test_a_question_to_the_filer_is_not_read_by_the_followers(unit, clerk, run_jobs, mailoutbox):
    main, copy = by_mail("pierwsza@przyklad.pl"), by_mail("druga@przyklad.pl")
    services.merge(duplicates=[copy], into=main, by=clerk)
    run_jobs()
    mailoutbox.clear()
    services.take_step(case=main, transition="ask", answer="Jaki jest kod do furtki?", by=clerk)
    run_jobs()
    follower = next(message for message in mailoutbox if message.to == ["druga@przyklad.pl"])
    assert "furtki" not in follower.body


def test_supporters_move_over_and_are_counted_once(unit, clerk):
    main, copy = make_case(), make_case()
    services.support(case=main, by=ANONYMOUS, device="telefon")
    services.support(case=copy, by=ANONYMOUS, device="telefon")
    services.support(case=copy, by=ANONYMOUS, device="tablet")
    assert services.merge(duplicates=[copy], into=main, by=clerk).supporters == 3
    assert services.support(case=copy, by=ANONYMOUS, device="tablet").fresh is False
    assert services.support(case=copy, by=ANONYMOUS, device="laptop").case.pk == main.pk
    assert selectors.supporters_count(main.pk) == 4


def test_a_merge_can_be_undone_by_a_supervisor_who_says_why(unit, clerk, boss):
    main, copy = make_case(), make_case()
    services.take_step(case=copy, transition="take", by=clerk)
    services.support(case=copy, by=ANONYMOUS, device="tablet")
    services.merge(duplicates=[copy], into=main, by=clerk)
    with pytest.raises(PermissionDenied):
        services.unmerge(case=copy, reason="To inne drzewo.", by=clerk)
    with pytest.raises(Refused):
        services.unmerge(case=copy, reason=" ", by=boss)
    back = services.unmerge(case=copy, reason="To inne drzewo.", by=boss)
    assert (back.stage, back.progress, back.closed_at) == ("working", "open", None)
    assert [selectors.supporters_count(case.pk) for case in (main, copy)] == [0, 1]
    assert not selectors.related(selectors.case_page(main.number, boss), boss)


def test_a_chain_of_duplicates_ends_in_one_case_and_comes_apart_again(unit, clerk, boss):
    first, second, third = (by_mail(f"osoba{n}@przyklad.pl") for n in range(3))
    services.merge(duplicates=[third], into=second, by=clerk)
    services.merge(duplicates=[second], into=first, by=clerk)
    assert family.root_of(third.pk) == first.pk
    assert told(first) == {"osoba1@przyklad.pl", "osoba2@przyklad.pl"}
    late = by_mail("osoba3@przyklad.pl")
    assert services.merge(duplicates=[late], into=third, by=clerk).pk == first.pk
    services.unmerge(case=second, reason="Jednak nie.", by=boss)
    assert told(first) == {"osoba3@przyklad.pl"}
    assert told(second) == {"osoba2@przyklad.pl"}


@pytest.mark.parametrize("wrong", ["itself", "its own duplicate", "closed", "another type of stage"])
def test_what_cannot_be_merged_is_refused_and_nothing_is_changed(unit, clerk, wrong):
    main, other, innocent = make_case(), make_case(), make_case()
    if wrong == "its own duplicate":
        services.merge(duplicates=[other], into=main, by=clerk)
    if wrong == "closed":
        services.take_step(case=other, transition="drop", by=clerk)
    if wrong == "another type of stage":
        solve(main, by=clerk)
    into = main if wrong == "itself" else other
    with pytest.raises((Refused, PermissionDenied)):
        services.merge(duplicates=[innocent, main], into=into, by=clerk)
    innocent.refresh_from_db()
    assert innocent.stage == "new"


def test_somebody_of_another_unit_cannot_merge(unit):
    main, copy = make_case(), make_case()
    with pytest.raises(PermissionDenied):
        services.merge(duplicates=[copy], into=main, by=make_viewer(roles={"cases.clerk": make_unit()}))


def test_an_old_page_is_told_of_the_conflict(unit, clerk):
    main, copy = make_case(), make_case()
    services.take_step(case=copy, transition="take", by=clerk)
    with pytest.raises(Conflict):
        services.merge(duplicates=[copy], into=main, by=clerk, version=1)


moves = st.lists(st.tuples(st.sampled_from(["merge", "unmerge"]), st.integers(0, 5), st.integers(0, 5)), max_size=12)


@settings(max_examples=25)
@given(moves=moves)
def test_whatever_is_merged_and_undone_there_is_no_circle_and_nobody_is_lost(db, moves):
    from django.db import transaction

    with matter_declared(), transaction.atomic():
        unit = give_competence(make_unit())
        boss = make_viewer(roles={"cases.supervisor": unit})
        cases = [by_mail(f"osoba{n}@przyklad.pl") for n in range(6)]
        for number, case in enumerate(cases):
            services.support(case=case, by=ANONYMOUS, device=f"urzadzenie-{number}")
        for what, one, other in moves:
            _carry_out(what, cases[one], cases[other], boss)
        _check_nobody_lost(cases)
        transaction.set_rollback(True)


def _carry_out(what, one, other, boss):
    from django.db import transaction

    try:
        with transaction.atomic():
            if what == "merge":
                services.merge(duplicates=[one], into=other, by=boss)
            else:
                services.unmerge(case=one, reason="Jednak nie.", by=boss)
    except Refused:
        pass


def _check_nobody_lost(cases):
    main_of = dict(Relation.objects.values_list("case_id", "main_id"))
    heard = []
    for number, case in enumerate(cases):
        step, seen = case.pk, set()
        while step in main_of:
            assert step not in seen
            seen.add(step)
            step = main_of[step]
        assert family.root_of(case.pk) == step
        merged = Case.objects.get(pk=case.pk).stage == "merged"
        assert merged == (case.pk in main_of)
        if not merged:
            members = family.family_of(case.pk)
            heard += members
            assert Case.objects.get(pk=case.pk).supporters == 2 * len(members) - 1
            assert told(case) == {f"osoba{n}@przyklad.pl" for n, one in enumerate(cases) if one.pk in members} - {
                f"osoba{number}@przyklad.pl"
            }
    assert sorted(heard) == sorted(case.pk for case in cases)
    assert Supporter.objects.count() == len(cases)


@pytest.fixture
def parted(unit, clerk):
    roads = make_unit(name="Drogi")
    case = make_case(category=make_category())
    parts = services.split(
        case=case,
        parts=[(None, roads, "Załatać dziurę."), (make_category(name="Latarnia", deadline_days=3), unit, "Naprawić latarnię.")],
        by=clerk,
    )
    return case, parts


def test_each_part_has_its_own_number_unit_category_and_clock(parted, unit):
    case, (hole, lamp) = parted
    assert (hole.unit.name, lamp.unit.name) == ("Drogi", "Zieleń Miejska")
    assert (hole.category, lamp.category.name) == (case.category, "Latarnia")
    assert lamp.due_on < hole.due_on
    assert {hole.number, lamp.number, case.number} == {*Case.objects.values_list("number", flat=True)}
    assert CaseText.objects.get(case=hole).description == "Załatać dziurę."


def test_the_page_of_the_main_case_lists_the_parts_with_their_answers(parted):
    case, (hole, _lamp) = parted
    solve(hole, by=make_viewer(roles={"cases.clerk": hole.unit}))
    for viewer in (ANONYMOUS, filer_of(case)):
        shown = selectors.related(selectors.case_page(case.number, viewer), viewer)
        assert [(part.number, part.answer) for part in shown.parts] == [
            (hole.number, "Załatane dzisiaj."),
            (shown.parts[1].number, ""),
        ]
    part = selectors.related(selectors.case_page(hole.number, ANONYMOUS), ANONYMOUS)
    assert part.part_of.number == case.number
    assert len(part.siblings) == 1


def test_the_main_case_ends_only_with_a_reason_while_parts_are_open(parted, clerk):
    case, (hole, _lamp) = parted
    with pytest.raises(Refused) as refused:
        solve(case, by=clerk)
    assert refused.value.code == "parts"
    assert hole.number in str(refused.value.message_dict["despite"])
    assert solve(case, by=clerk, despite="Reszta idzie osobno.").stage == "solved"
    assert "Reszta idzie osobno." in [made.body for made in selectors.case_page(case.number, filer_of(case)).comments]


def test_when_the_parts_are_done_the_main_case_ends_as_any_other(parted, clerk):
    case, (hole, lamp) = parted
    solve(hole, by=make_viewer(roles={"cases.clerk": hole.unit}))
    solve(lamp, by=clerk)
    assert solve(case, by=clerk).stage == "solved"


def test_the_filer_is_told_of_the_split_and_of_the_parts_on_the_page_of_the_one_case(parted, clerk, run_jobs, mailoutbox):
    case, (hole, _lamp) = parted
    run_jobs()
    assert [message.subject for message in mailoutbox] == [
        f"{case.number}: sprawa przyjęta",
        f"{case.number}: sprawą zajmie się kilka jednostek",
    ]
    mailoutbox.clear()
    solve(hole, by=make_viewer(roles={"cases.clerk": hole.unit}))
    run_jobs()
    (message,) = mailoutbox
    assert message.to == ["mieszkanka@przyklad.pl"]
    assert hole.number in message.body


def test_the_parts_of_an_account_are_not_listed_beside_the_case(unit, clerk):
    resident = make_viewer()
    case = make_case(by=resident)
    (part,) = services.split(case=case, parts=[(None, make_unit(), "Zrobić resztę.")], by=clerk)
    assert [row.number for row in selectors.my_cases(resident).rows] == [case.number]
    assert selectors.case_page(part.number, resident).is_filer


@pytest.mark.parametrize("words", ["", "   "])
def test_a_part_says_what_is_to_be_done(unit, clerk, words):
    with pytest.raises(Refused):
        services.split(case=make_case(), parts=[(None, unit, words)], by=clerk)


def test_a_part_is_not_split_again_and_a_closed_case_not_at_all(parted, clerk, unit):
    _case, (_hole, lamp) = parted
    with pytest.raises(Refused):
        services.split(case=lamp, parts=[(None, unit, "Coś.")], by=clerk)
    ended = make_case()
    services.take_step(case=ended, transition="drop", by=clerk)
    with pytest.raises(Refused):
        services.split(case=ended, parts=[(None, unit, "Coś.")], by=clerk)


def test_erasing_a_case_erases_its_parts_too(parted):
    case, (hole, _lamp) = parted
    services.erase_personal(case=case, by=make_viewer(roles={"cases.supervisor": case.unit}))
    assert CaseText.objects.get(case=hole).description == "[usunięto]"
