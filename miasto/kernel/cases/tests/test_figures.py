"""The open statistics: what is counted, that counting by and by equals counting from the beginning, what is not told."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.cases import figures, services
from miasto.kernel.cases.level_models import WHOLE, Cell, Fact, Uncounted
from miasto.kernel.cases.models import Case
from miasto.kernel.cases.open_statistics import (
    Asked,
    K,
    Sum,
    channel_shares,
    percentile,
    statistics_by_unit_and_category,
)
from miasto.kernel.cases.testing import KEY, MATTER, filer_of, give_competence, make_case, make_category, matter_declared, solve
from miasto.kernel.core import clock
from miasto.kernel.places.testing import make_area
from miasto.kernel.spec.cases import Deadline

pytestmark = pytest.mark.django_db
PROMISING = replace(MATTER, deadline=Deadline(days=14, first_response_hours=4))
BEGIN = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(tuesday_noon):
    """Two units, two categories, two districts, and a clerk of the whole city."""
    with matter_declared(PROMISING):
        units = [give_competence(make_unit()), make_unit()]
        yield {
            "units": units,
            "categories": [make_category(), make_category(first_response_hours=1)],
            "districts": [make_area(name="Północ"), make_area(name="Południe")],
            "clerk": viewer_for_person(make_staff("cases.supervisor", None).pk),
        }


def counted() -> dict:
    """All cells as plain values by their place."""
    columns = [field.name for field in Cell._meta.fields if field.name != "id"]
    places = ("case_type", "month", "unit_id", "category_id", "district_id")
    return {tuple(row[name] for name in places): row for row in Cell.objects.values(*columns)}


def work_by_chance(dice: random.Random, world: dict, now: datetime) -> None:
    """One thing that may happen to some case at a moment."""
    with clock.at(now):
        cases = list(Case.objects.order_by("number"))
        if not cases or dice.random() < 0.35:
            case = make_case(category=dice.choice(world["categories"]), channel=dice.choice(["web", "phone", "kiosk"]))
            Case.objects.filter(pk=case.pk).update(district=dice.choice([None, *world["districts"]]))
            return
        case, by = dice.choice(cases), world["clerk"]
        steps = {
            "assign": lambda: services.assign(case=case, unit=dice.choice(world["units"]), by=by),
            "category": lambda: services.recategorise(case=case, category=dice.choice(world["categories"]), by=by),
            "talk": lambda: services.comment(case=case, body="Jedziemy.", audience="public", by=by),
            "take": lambda: services.take_step(case=case, transition="take", by=by),
            "ask": lambda: services.take_step(case=case, transition="ask", answer="Gdzie?", by=by),
            "reply": lambda: services.take_step(case=case, transition="reply", by=filer_of(case)),
            "solve": lambda: solve(case, by=by),
            "confirm": lambda: services.take_step(case=case, transition="confirm", by=filer_of(case)),
            "dispute": lambda: services.take_step(case=case, transition="dispute", reason="Nie.", by=filer_of(case)),
            "drop": lambda: services.take_step(case=case, transition="drop", by=by),
        }
        try:
            steps[dice.choice(list(steps))]()
        except services.Refused:
            return
        figures.note(case.pk)


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_counting_by_and_by_equals_counting_from_the_beginning(world, seed):
    dice, now = random.Random(seed), BEGIN
    with transaction.atomic():
        for _number in range(50):
            now += timedelta(hours=dice.uniform(1, 90))
            work_by_chance(dice, world, now)
            for case in Case.objects.all() if dice.random() < 0.1 else ():
                figures.note(case.pk)
            if dice.random() < 0.3:
                figures.count_noted()
        for case in Case.objects.exclude(pk__in=Fact.objects.values("case_id")):
            figures.note(case.pk)
        figures.count_noted()
        by_and_by = counted()
        figures.count_all()
        assert counted() == by_and_by
        assert by_and_by
        transaction.set_rollback(True)


def test_the_cells_of_a_case_are_those_of_its_district_and_of_the_whole_city(world):
    case = make_case(category=world["categories"][0])
    Case.objects.filter(pk=case.pk).update(district=world["districts"][0])
    figures.recount([case.pk])
    assert {cell.district_id for cell in Cell.objects.all()} == {WHOLE, world["districts"][0].pk}
    assert sum(cell.filed for cell in Cell.objects.filter(district_id=WHOLE)) == 1


def test_a_case_that_moves_leaves_its_old_cell_empty(world):
    case = make_case(category=world["categories"][0])
    figures.recount([case.pk])
    services.assign(case=case, unit=world["units"][1], by=world["clerk"])
    figures.recount([case.pk])
    assert [cell.unit_id for cell in Cell.objects.filter(district_id=WHOLE)] == [world["units"][1].pk]


def test_a_case_that_leaves_the_register_is_counted_no_more(world):
    case = make_case()
    figures.recount([case.pk])
    services.take_step(case=case, transition="drop", by=world["clerk"])
    figures.recount([case.pk])
    assert not Cell.objects.exists()
    assert not Fact.objects.exists()


def test_times_are_net_of_waits_and_of_the_time_the_matter_was_taken_for_settled(world):
    by, day = world["clerk"], timedelta(days=1)
    with clock.at(BEGIN):
        case = make_case()
    for days, transition, words, who in (
        (1, "ask", {"answer": "Gdzie?"}, by),
        (4, "reply", {}, filer_of(case)),
        (6, "solve", {"answer": "Już.", "reason": "Bez zdjęcia."}, by),
        (9, "dispute", {"reason": "Nie."}, filer_of(case)),
        (10, "solve", {"answer": "Teraz tak.", "reason": "Bez zdjęcia."}, by),
        (11, "confirm", {}, filer_of(case)),
    ):
        with clock.at(BEGIN + days * day):
            services.take_step(case=case, transition=transition, by=who, **words)
    figures.recount([case.pk])
    fact = Fact.objects.get()
    assert fact.response_s == 86400
    assert fact.solution_s == (10 - 3 - 3) * 86400
    assert (fact.disputed, fact.confirmed, fact.solution_in_time, fact.response_in_time) == (True, True, True, False)


def test_each_figure_belongs_to_the_local_month_in_which_it_happened(world):
    with clock.at(datetime(2026, 1, 31, 23, 30, tzinfo=UTC)):
        case = make_case()
    with clock.at(datetime(2026, 2, 28, 23, 30, tzinfo=UTC)):
        solve(case, by=world["clerk"])
    figures.recount([case.pk])
    fact = Fact.objects.get()
    assert (fact.filed_month, fact.solved_month) == (date(2026, 2, 1), date(2026, 3, 1))


def test_a_killed_job_leaves_the_uncounted_uncounted(world, monkeypatch):
    case = make_case()
    figures.note(case.pk)
    figures.note(case.pk)
    monkeypatch.setattr(figures, "recount", lambda ids: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        transaction.atomic(figures.count_noted)()
    monkeypatch.undo()
    assert Uncounted.objects.count() == 1
    assert figures.count_noted() == 1
    assert figures.count_noted() == 0
    assert Cell.objects.get(district_id=WHOLE).filed == 1


def test_events_put_cases_among_the_uncounted(world, run_jobs):
    case = make_case()
    run_jobs()
    assert list(Uncounted.objects.values_list("case_id", flat=True)) == [case.pk]


@given(st.lists(st.integers(0, 400 * 86400), min_size=K, max_size=300), st.sampled_from([0.5, 0.9]))
def test_a_percentile_of_bins_is_within_one_percent_of_the_true_one(times, share):
    bins = Counter(str(figures.bin_of(time)) for time in times)
    rank = next(number for number in range(1, len(times) + 1) if number >= share * len(times))
    true = max(sorted(times)[rank - 1], 60)
    assert percentile(bins, share) == pytest.approx(true, rel=0.011)


def test_the_bins_of_the_database_are_those_of_the_program():
    with connection.cursor() as cursor:
        for seconds in (0, 59, 60, 61, 3600, 86400, 5_000_000):
            cursor.execute("SELECT " + figures._BIN.format(seconds="%s"), [seconds])
            assert cursor.fetchone()[0] == figures.bin_of(seconds)


def test_times_and_shares_of_fewer_than_five_cases_are_not_told():
    few = Sum(filed=4, solved=4, solved_in_time=3, disputed=1, solution_times=Counter({"10": 4}))
    assert (few.in_time_percent, few.disputed_percent, few.solution_median_d) == (None, None, None)
    enough = Sum(filed=5, solved=5, solved_in_time=3, solution_times=Counter({"10": 5}))
    assert (enough.in_time_percent, enough.solution_median_d is not None) == (60, True)


@given(st.dictionaries(st.sampled_from(["web", "phone", "email", "desk", "kiosk", "letter"]), st.integers(0, 40)))
def test_no_channel_of_few_people_can_be_read_or_reckoned_from_the_others(numbers):
    shares = channel_shares(Counter(numbers))
    hidden = [share.channel for share in shares if share.count is None]
    few = [channel for channel, number in numbers.items() if 0 < number < K]
    assert set(few) <= set(hidden)
    assert len(hidden) != 1 or len(shares) == 1
    assert all(share.count % 5 == 0 for share in shares if share.count is not None)


def test_the_statistics_take_one_query(world):
    cases = [make_case(category=dice) for dice in world["categories"] * 3]
    figures.recount([case.pk for case in cases])
    asked = Asked(case_type=KEY, first=date(2025, 6, 1), last=date(2026, 5, 1))
    with CaptureQueriesContext(connection) as queries:
        found = statistics_by_unit_and_category(asked)
    assert len(queries) == 1
    assert found.total.filed == 6
    assert list(found.by_month) == [date(2025 + (month > 7), (month + 4) % 12 + 1, 1) for month in range(1, 13)]
    assert sorted(row.filed for row in found.by_category.values()) == [3, 3]
    narrowed = statistics_by_unit_and_category(replace(asked, categories=(world["categories"][0].pk,)))
    assert narrowed.total.filed == 3
