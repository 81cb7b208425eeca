"""What will be late: counted shares, loads, and the page of terms with its escalations."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.cases import escalation, figures
from miasto.kernel.cases.forecast import ENOUGH, Pace, Paces, backtest, overdue_forecast
from miasto.kernel.cases.models import Case
from miasto.kernel.cases.testing import KEY, make_case, make_category, matter_declared, solve
from miasto.kernel.core import clock
from miasto.kernel.core.testing import TUESDAY_NOON, rows_of_the_file

pytestmark = pytest.mark.django_db
DAY = 86400.0
TIMES = st.lists(st.integers(1, 60), min_size=1, max_size=60)


@given(TIMES, st.integers(0, 60), st.integers(1, 60))
def test_the_chance_is_the_share_of_longer_ones_among_those_that_took_as_long_already(days, age, left):
    pace = Pace({day * DAY: count for day, count in Counter(days).items()})
    still = [day for day in days if day > age]
    late = [day for day in days if day > age + left]
    expected = len(late) / len(still) if still else 1.0
    assert pace.chance_late(age * DAY, left * DAY) == pytest.approx(expected)


@given(TIMES, st.integers(0, 60), st.integers(0, 30), st.integers(1, 30))
def test_more_time_never_makes_it_likelier_to_be_late(days, age, left, more):
    pace = Pace({day * DAY: count for day, count in Counter(days).items()})
    assert pace.chance_late(age * DAY, (left + more) * DAY) <= pace.chance_late(age * DAY, left * DAY)


def test_with_few_solved_cases_the_unit_is_asked_and_then_the_city():
    unit, other = make_unit().pk, make_unit().pk
    rows = [(unit, 1, DAY, ENOUGH), (unit, 2, 9 * DAY, 1), (other, 3, 5 * DAY, 1)]
    known = Paces(rows)
    assert [known.of(*key)[1] for key in ((unit, 1), (unit, 2), (other, 3))] == ["category", "unit", "city"]
    assert Paces([]).of(unit, 1) == (None, "")


@pytest.fixture(scope="module")
def lived_rows(django_db_setup, django_db_blocker):
    """Forty cases of a slow category solved in twenty days, forty of a quick one in two; one of each is open."""
    with rows_of_the_file(django_db_blocker):
        with matter_declared(), clock.at(TUESDAY_NOON):
            made = live()
        yield made


def live():
    case = make_case()
    boss = make_staff("cases.supervisor", case.unit, name="Karol Pokazowy")
    by = viewer_for_person(boss.pk)
    slow, quick = make_category(name="Powolna"), make_category(name="Szybka")
    for category, days in ((slow, 20), (quick, 2)):
        with clock.at(TUESDAY_NOON - timedelta(days=40)):
            cases = [make_case(category=category) for _number in range(ENOUGH + 5)]
        with clock.at(TUESDAY_NOON - timedelta(days=40 - days)):
            for one in cases:
                solve(one, by=by)
    with clock.at(TUESDAY_NOON - timedelta(days=5)):
        waiting = {"slow": make_case(category=slow), "quick": make_case(category=quick)}
    with clock.at(TUESDAY_NOON - timedelta(days=30)):
        waiting["late"] = make_case(category=quick)
    figures.count_all()
    return {**waiting, "boss": boss, "unit": case.unit}


@pytest.fixture
def lived(lived_rows, matter, tuesday_noon):
    """The same rows for each test, as the database has them at its beginning."""
    return {name: type(row).objects.get(pk=row.pk) for name, row in lived_rows.items()}


def test_the_page_names_the_cases_that_will_be_late_and_not_the_others(client, lived):
    client.force_login(lived["boss"])
    page = client.get(reverse("cases_panel:terms")).content.decode()
    risky = page[page.index("zagrozone") : page.index("Skąd ta prognoza")]
    assert lived["slow"].number in risky
    assert "100%" in risky
    assert lived["quick"].number in risky  # older than every quick one that was solved
    assert lived["late"].number not in risky
    assert "Karol Pokazowy" in page or "Obciążenie jednostek" in page


def test_a_forecast_counts_the_late_the_coming_and_the_load(lived):
    found = overdue_forecast(viewer_for_person(lived["boss"].pk), case_type=KEY, days=14, people_of=None)
    assert (found.open, found.overdue) == (4, 1)
    assert found.due == 3
    assert found.units[0].done == ENOUGH + 5
    assert found.units[0].weeks_of_work == pytest.approx(4 * 4 / 35, abs=0.1)


def test_the_forecast_takes_a_bounded_number_of_queries(lived, django_assert_max_num_queries):
    viewer = viewer_for_person(lived["boss"].pk)
    with django_assert_max_num_queries(10):
        overdue_forecast(viewer, case_type=KEY, days=14, people_of=None)


def test_another_unit_sees_nothing_of_it_and_residents_do_not_get_in(client, lived):
    client.force_login(make_staff("cases.supervisor", make_unit()))
    page = client.get(reverse("cases_panel:terms")).content.decode()
    assert not any(lived[name].number in page for name in ("slow", "quick", "late"))
    client.force_login(make_person())
    assert client.get(reverse("cases_panel:terms")).status_code == 403


def test_a_clerk_sees_the_loads_of_units_but_not_of_persons(client, lived):
    Case.objects.filter(pk=lived["slow"].pk).update(assignee=lived["boss"])
    client.force_login(make_staff("cases.clerk", lived["unit"]))
    assert "Obciążenie osób" not in client.get(reverse("cases_panel:terms")).content.decode()
    client.force_login(lived["boss"])
    assert "Obciążenie osób" in client.get(reverse("cases_panel:terms")).content.decode()


def test_an_escalation_stands_on_the_supervisors_desk_until_acknowledged(client, lived, tuesday_noon):
    with clock.at(tuesday_noon + timedelta(days=10)):
        escalation.escalate_due()
        client.force_login(lived["boss"])
        desk = client.get("/panel/").content.decode()
        assert "Wymaga Twojej uwagi" in desk
        before = escalation.waiting_for(viewer_for_person(lived["boss"].pk))
        address = reverse("cases_panel:known", args=[before[0][0].id])
        assert client.post(address).status_code == 302
        after = escalation.waiting_for(viewer_for_person(lived["boss"].pk))
        assert after[1] == before[1] - 1
        client.force_login(make_staff("cases.supervisor", lived["unit"]))
        assert client.post(address).status_code == 403


def test_a_backtest_compares_the_past_forecast_with_what_happened(lived, tuesday_noon):
    row = backtest(KEY, clock.today() - timedelta(days=4), days=14)
    assert row.terms == 2
    assert 0 <= row.brier <= 1
    assert row.late >= 0
    assert backtest(KEY, clock.today() - timedelta(days=400)) is None
