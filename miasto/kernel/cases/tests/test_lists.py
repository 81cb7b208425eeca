"""The register, the queue and the case page: what they find, and how few queries they ask."""

from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.pages import bounded_count
from miasto.kernel.cases.selectors import QueueFilters, RegisterFilters
from miasto.kernel.cases.testing import KEY, filer_of, give_competence, make_case, make_category, solve
from miasto.kernel.core import clock
from miasto.kernel.places.testing import make_area, make_city_area, point

pytestmark = pytest.mark.django_db


def register(**asked):
    return selectors.public_register(RegisterFilters(case_type=KEY, **asked))


def numbers(page):
    return [row.number for row in page.rows]


@pytest.fixture
def unit(matter):
    return give_competence(make_unit())


@pytest.fixture
def clerk(unit):
    return make_viewer(roles={"cases.clerk": unit})


def cases(count, **fields):
    made = []
    for number in range(count):
        with clock.at(clock.now() + timedelta(minutes=number)):
            made.append(make_case(**fields))
    return made


def test_the_register_is_newest_first_and_its_cursors_lead_through_all_rows_and_back(unit):
    made = [case.number for case in cases(7)][::-1]
    first = register(size=3)
    second = register(size=3, cursor=first.next)
    third = register(size=3, cursor=second.next)
    assert numbers(first) + numbers(second) + numbers(third) == made
    assert (first.previous, third.next) == (None, None)
    assert numbers(register(size=3, cursor=third.previous)) == numbers(second)
    back = register(size=3, cursor=second.previous)
    assert numbers(back) == numbers(first)
    assert back.previous is None
    assert (first.count, first.count_is_exact) == (7, True)


def test_cases_of_the_same_instant_are_neither_lost_nor_doubled(unit):
    with clock.at(clock.now()):
        made = {make_case().number for _number in range(5)}
    seen, cursor = [], ""
    while cursor is not None:
        page = register(size=2, cursor=cursor)
        seen, cursor = seen + numbers(page), page.next
    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize("cursor", ["x", "bnx8", "%%%", "bnx4fHg", "ż"])
def test_a_broken_cursor_begins_anew(unit, cursor):
    make_case()
    assert len(register(cursor=cursor).rows) == 1


def test_a_filter_by_category_takes_in_those_below_it(unit):
    roads = make_category(slug="drogi")
    holes = make_category(slug="dziury", parent=roads)
    in_holes, in_roads, _other = make_case(category=holes), make_case(category=roads), make_case(category=make_category())
    assert set(numbers(register(category="drogi"))) == {in_holes.number, in_roads.number}
    assert numbers(register(category="dziury")) == [in_holes.number]
    assert numbers(register(category="nie-ma")) == []


def test_filters_by_district_box_stage_and_day(unit, clerk):
    make_city_area()
    district = make_area()
    near = make_case()
    far = point(east_m=5000)
    other = make_case(point=(far.x, far.y))
    box = point(-400, -400).coords + point(400, 400).coords
    assert numbers(register(district=district.pk)) == numbers(register(bbox=box)) == [near.number]
    solve(other, by=clerk)
    assert numbers(register(progress="answered")) == numbers(register(stages=("solved",))) == [other.number]
    today = clock.today()
    assert len(register(since=today, until=today).rows) == 2
    assert register(since=today + timedelta(days=1)).rows == register(until=today - timedelta(days=1)).rows == []


def test_text_finds_a_number_an_address_without_polish_letters_and_a_category(unit):
    lamps = make_category(name="Lampa nie świeci")
    first, second = make_case(address_text="ul. Żółta 5"), make_case(category=lamps, address_text="ul. Długa 1")
    assert numbers(register(text=first.number.lower())) == numbers(register(text="zolta")) == [first.number]
    assert numbers(register(text="swieci lampa")) == [second.number]


def test_the_register_asks_at_most_six_queries(unit, django_assert_max_num_queries):
    category = make_category()
    cases(12, category=category)
    with django_assert_max_num_queries(6):
        page = register(category=category.slug, text="prob", size=10)
    assert len(page.rows) == 10


def test_the_queue_asks_at_most_six_queries(unit, clerk, django_assert_max_num_queries):
    category = make_category()
    cases(12, category=category)
    with django_assert_max_num_queries(6):
        page = selectors.queue(clerk, QueueFilters(category=category.slug, text="dziura", pending=True, size=10))
    assert len(page.rows) == 10
    with django_assert_max_num_queries(1):
        assert selectors.queue_counts(clerk).active == 12


def test_a_case_page_asks_at_most_nine_queries_whoever_looks(unit, clerk, django_assert_max_num_queries):
    case = make_case(category=make_category(), answers={"since": "maja"})
    services.recategorise(case=case, category=make_category(), by=clerk)
    services.take_step(case=case, transition="ask", answer="Gdzie?", by=clerk)
    services.add_from_filer(case=case, body="Tu.", by=filer_of(case))
    for _number in range(10):
        services.comment(case=case, body="Notatka.", audience="internal", by=clerk)
    solve(case, by=clerk)
    for viewer in (ANONYMOUS, filer_of(case), clerk):
        with django_assert_max_num_queries(9):
            repr(selectors.case_page(case.number, viewer))


def test_the_home_page_numbers_ask_three_queries(unit, clerk, django_assert_max_num_queries):
    solve(cases(3)[0], by=clerk)
    with django_assert_max_num_queries(3):
        found = selectors.recently(KEY)
    assert (found.filed, found.answered, found.open) == (3, 1, 2)
    with django_assert_max_num_queries(2):
        assert len(selectors.latest(KEY, 2)) == 2


def test_the_newest_answers_are_the_citys_own_public_words(unit, clerk, django_assert_max_num_queries):
    answered, noted, _open = cases(3)
    solve(answered, by=clerk)
    solve(noted, by=clerk)
    services.comment(case=noted, body="Tylko dla swoich.", audience="internal", by=clerk)
    with django_assert_max_num_queries(3):
        found = selectors.latest_answered(KEY)
    assert {one.row.number for one in found} == {answered.number, noted.number}
    assert all(one.answer and "swoich" not in one.answer for one in found)


def test_a_case_in_danger_is_not_shown_off(unit, clerk):
    category = make_category()
    solve(make_case(category=category), by=clerk)
    assert selectors.latest_answered(KEY)
    category.danger = True
    category.save()
    assert not selectors.latest_answered(KEY)


def test_weeks_are_whole_and_empty_ones_are_counted_too(unit, clerk, django_assert_max_num_queries):
    with clock.at(clock.now() - timedelta(weeks=2)):
        cases(2)
    cases(1)
    with django_assert_max_num_queries(1):
        weeks = selectors.by_week(KEY, 4)
    assert [week.filed for week in weeks] == [0, 0, 2, 0]
    assert all(week.monday.weekday() == 0 for week in weeks)


def test_a_count_stops_at_its_bound(unit):
    from miasto.kernel.cases.models import Case

    cases(3)
    assert bounded_count(Case.objects.all(), 2) == (2, False)
    assert bounded_count(Case.objects.all(), 3) == (3, True)


def test_the_queue_is_ordered_by_the_end_of_the_term_and_filtered_by_worker_and_term(unit, clerk):
    short, long = make_category(deadline_days=2), make_category(deadline_days=20)
    late, soon = make_case(category=long), make_case(category=short)
    assert numbers(selectors.queue(clerk, QueueFilters())) == [soon.number, late.number]
    services.take_step(case=late, transition="take", by=clerk)
    assert numbers(selectors.queue(clerk, QueueFilters(assignee="me"))) == [late.number]
    assert numbers(selectors.queue(clerk, QueueFilters(assignee="none"))) == [soon.number]
    assert numbers(selectors.queue(clerk, QueueFilters(assignee="rubbish"))) == []
    assert numbers(selectors.queue(clerk, QueueFilters(due_within=5))) == [soon.number]
    with clock.at(clock.now() + timedelta(days=10)):
        page = selectors.queue(clerk, QueueFilters(overdue=True))
        assert numbers(page) == [soon.number]
        assert page.rows[0].overdue
        counts = selectors.queue_counts(clerk)
    assert (counts.active, counts.mine, counts.unassigned, counts.overdue, counts.pending) == (2, 1, 1, 1, 2)


def test_answered_cases_leave_the_queue_until_they_are_asked_for(unit, clerk):
    case = make_case()
    solve(case, by=clerk)
    assert numbers(selectors.queue(clerk, QueueFilters())) == []
    assert numbers(selectors.queue(clerk, QueueFilters(active=False))) == [case.number]
    assert numbers(selectors.queue(clerk, QueueFilters(progress="answered"))) == [case.number]


def test_a_whole_number_finds_its_case_in_the_queue_and_a_part_of_it_too(unit, clerk):
    first, _second = make_case(), make_case()
    assert numbers(selectors.queue(clerk, QueueFilters(text=first.number.lower()))) == [first.number]
    assert numbers(selectors.queue(clerk, QueueFilters(text="000001"))) == [first.number]
    assert len(selectors.queue(clerk, QueueFilters(text="probna dziura")).rows) == 2


def test_a_list_with_closed_cases_is_newest_first_whatever_was_asked(unit, clerk):
    made = [case.number for case in cases(3)]
    assert numbers(selectors.queue(clerk, QueueFilters(active=False, order="due"))) == made[::-1]


def test_points_carry_place_stage_and_category_in_two_queries(unit, django_assert_num_queries):
    category = make_category(name="Lampa")
    case = make_case(category=category)
    with django_assert_num_queries(2):
        (found,) = selectors.register_points(RegisterFilters(case_type=KEY))
    assert (found.id, found.category, found.stage) == (case.pk, "Lampa", "new")
    assert (found.lon, found.lat) == pytest.approx(case.geom.coords)


def test_statistics_count_and_measure(unit, clerk, tuesday_noon):
    for days in (1, 3, 5):
        case = make_case()
        with clock.at(tuesday_noon + timedelta(days=days)):
            solve(case, by=clerk)
    with clock.at(tuesday_noon + timedelta(days=5)):
        services.take_step(case=case, transition="dispute", reason="Nie.", by=filer_of(case))
    day = clock.today()
    (row,) = selectors.statistics(KEY, by="unit", since=day, until=day)
    assert (row.key, row.filed, row.answered, row.disputed, row.median_days) == (unit.pk, 3, 2, 1, 2.0)
    with pytest.raises(ValueError, match="use unit"):
        selectors.statistics(KEY, by="stage; DROP TABLE", since=day, until=day)
