"""Which unit gets a case: rules, their versions, what is wrong with them, and the trial."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases import routing_trial, selectors, services
from miasto.kernel.cases.models import RoutingPlan, RoutingRule
from miasto.kernel.cases.routing import Facts, pick
from miasto.kernel.cases.routing_plans import plans, rules_of
from miasto.kernel.cases.testing import KEY, give_competence, make_body, make_case, make_category
from miasto.kernel.core import clock
from miasto.kernel.places.testing import line, make_area, make_street, point, square

pytestmark = pytest.mark.django_db
HERE = point()
SPOT = (HERE.x, HERE.y)


@pytest.fixture
def unit(matter, tuesday_noon):
    return give_competence(make_unit(name="Ogólna"))


@pytest.fixture
def keeper(db):
    return make_viewer(roles={"cases.coordinator": None})


@pytest.fixture
def in_force(unit, keeper):
    """``in_force({...}, ...)`` switches rules on."""

    def switch(*rules):
        services.open_draft(by=keeper)
        made = [services.save_rule(rule_id=None, case_type=KEY, by=keeper, **rule) for rule in rules]
        services.switch_on(by=keeper)
        return made

    return switch


def to(category, spot=SPOT, **more):
    return services.route(category, spot, **more)


def test_without_rules_the_competence_of_the_category_decides(unit):
    found = to(make_category())
    assert (found.unit, found.rule_id, found.body) == (unit, None, None)


def test_a_rule_for_a_group_holds_for_the_categories_below_it_and_no_others(unit, in_force):
    group, roads = make_category(), make_unit(name="Drogi")
    leaf = make_category(parent=group)
    (rule,) = in_force({"category": group, "unit": roads})
    assert (to(leaf).unit, to(leaf).rule_id) == (roads, rule.pk)
    assert to(make_category()).unit == unit


def test_an_area_holds_inside_its_outline(unit, in_force):
    park, greens = make_area(geom=square(side_m=200)), make_unit(name="Zieleń")
    in_force({"area": park, "unit": greens})
    assert to(make_category()).unit == greens
    far = point(east_m=2000)
    assert to(make_category(), (far.x, far.y)).unit == unit
    assert to(make_category(), None).unit == unit


def test_the_owner_of_the_road_counts_on_the_road_only(unit, in_force):
    make_street(geom=line((-200, 0), (200, 0)), owner="national", street_class="trunk")
    body = make_body(name="Drogi krajowe")
    in_force({"owner": "national", "body": body})
    on_road = to(make_category())
    assert (on_road.unit, on_road.body) == (unit, body)
    aside = point(north_m=120)
    assert to(make_category(), (aside.x, aside.y)).body is None


def test_the_higher_priority_decides_and_then_the_more_special_rule(unit, in_force):
    group, one, two, three = make_category(), make_unit(), make_unit(), make_unit()
    leaf = make_category(parent=group)
    in_force({"category": group, "unit": one}, {"category": leaf, "unit": two})
    assert to(leaf).unit == two
    in_force({"category": group, "unit": three, "priority": 80})
    assert to(leaf).unit == three


def test_a_rule_holds_between_its_days(unit, in_force):
    today, snow = clock.today(), make_unit(name="Zima")
    category = make_category()
    in_force({"category": category, "unit": snow, "valid_from": today, "valid_to": today + timedelta(days=5)})
    assert to(category).unit == snow
    assert to(category, on=today + timedelta(days=6)).unit == unit
    assert to(category, on=today - timedelta(days=1)).unit == unit


def test_a_filed_case_goes_by_the_rule_and_staff_reads_why(unit, in_force):
    category, roads = make_category(name="Dziura"), make_unit(name="Drogi")
    (rule,) = in_force({"category": category, "unit": roads, "body": make_body(name="Gazownia")})
    case = make_case(category=category)
    assert case.unit == roads
    why = selectors.why_here(selectors.case_page(case.number, make_viewer(roles={"cases.clerk": roads})))
    assert (why.rule_id, why.body) == (rule.pk, "Gazownia")
    assert why.text == "Reguła trasy: kategoria „Dziura” – do przekazania: Gazownia."


def test_the_way_to_the_unit_costs_few_queries(unit, in_force, django_assert_max_num_queries):
    category = make_category()
    in_force({"category": make_category(), "unit": make_unit()}, {"area": make_area(), "unit": make_unit(), "priority": 1})
    with django_assert_max_num_queries(2):
        to(category)
    # Three of them are the savepoints of the test's own transaction and the look of the factory for a unit.
    with django_assert_max_num_queries(16):
        make_case(category=category)


def test_a_draft_changes_nothing_until_it_is_switched_on_and_the_versions_stay(unit, keeper):
    category, roads = make_category(), make_unit()
    services.open_draft(by=keeper)
    services.save_rule(rule_id=None, case_type=KEY, by=keeper, category=category, unit=roads)
    assert to(category).unit == unit
    services.switch_on(by=keeper)
    assert to(category).unit == roads
    draft = services.open_draft(by=keeper)
    (copied,) = rules_of(draft)
    services.delete_rule(rule_id=copied.pk, by=keeper)
    assert to(category).unit == roads
    services.switch_on(by=keeper)
    assert to(category).unit == unit
    assert [(plan.number, plan.state) for plan in plans()] == [(2, "active"), (1, "retired")]
    assert len(rules_of(plans()[1])) == 1


def test_a_discarded_draft_leaves_nothing(unit, keeper):
    services.open_draft(by=keeper)
    services.discard_draft(by=keeper)
    assert RoutingPlan.objects.count() == 0
    with pytest.raises(ValidationError):
        services.switch_on(by=keeper)


def test_only_who_keeps_the_routes_changes_them(unit):
    for viewer in (make_viewer(), make_viewer(roles={"cases.supervisor": unit})):
        with pytest.raises(PermissionDenied):
            services.open_draft(by=viewer)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"unit": True}, "category"),
        ({"owner": "national"}, "unit"),
        ({"owner": "city", "unit": True, "valid_from": date(2026, 5, 2), "valid_to": date(2026, 5, 1)}, "valid_to"),
    ],
)
def test_a_rule_without_sense_is_refused_by_field(unit, keeper, wrong, field):
    services.open_draft(by=keeper)
    values = {**wrong, "unit": unit} if wrong.get("unit") else wrong
    with pytest.raises(ValidationError) as refused:
        services.save_rule(rule_id=None, case_type=KEY, by=keeper, **values)
    assert field in refused.value.message_dict


def test_what_can_never_decide_or_contradicts_is_named(unit, keeper, in_force):
    group, area = make_category(), make_area()
    leaf = make_category(parent=group)
    ended = clock.today() - timedelta(days=1)
    in_force(
        {"category": group, "unit": unit, "priority": 90},
        {"category": leaf, "unit": make_unit(), "priority": 10},
        {"area": area, "unit": make_unit()},
        {"owner": "city", "unit": make_unit()},
        {"street_class": "trunk", "unit": make_unit(), "valid_to": ended, "priority": 5},
    )
    found = routing_trial.problems(rules_of(plans()[0]))
    texts = [(problem.text.split(":")[0], problem.stops) for problem in found]
    assert ("Nigdy nie zadziała, bo wcześniej decyduje reguła", True) in texts
    assert ("Zachodzi na regułę o tym samym priorytecie, która prowadzi gdzie indziej", False) in texts
    assert ("Reguła już wygasła.", True) in texts


def test_the_trial_says_which_cases_would_go_elsewhere_and_writes_nothing(unit, keeper, django_assert_max_num_queries):
    category, roads = make_category(), make_unit(name="Drogi")
    moved, stays = make_case(category=category), make_case(category=make_category())
    services.open_draft(by=keeper)
    services.save_rule(rule_id=None, case_type=KEY, by=keeper, category=category, unit=roads)
    with django_assert_max_num_queries(8):
        trial = routing_trial.try_on_cases(keeper, case_type=KEY, now_rules=[], new_rules=rules_of(plans()[0]))
    assert [(row.number, row.before, row.after) for row in trial.moved] == [(moved.number, "Ogólna", "Drogi")]
    assert {name: (before, after) for name, before, after in trial.counts} == {"Ogólna": (2, 1), "Drogi": (0, 1)}
    moved.refresh_from_db()
    stays.refresh_from_db()
    assert moved.unit == stays.unit == unit


def test_the_trial_at_a_point_names_the_road(unit, keeper):
    make_street(name="Krajowa", geom=line((-200, 0), (200, 0)), owner="national")
    services.open_draft(by=keeper)
    services.save_rule(rule_id=None, case_type=KEY, by=keeper, owner="national", body=make_body(name="Drogi krajowe"))
    found = routing_trial.try_at_point(
        case_type=KEY, category=make_category(), point=SPOT, now_rules=[], new_rules=rules_of(plans()[0])
    )
    assert (found.owner, found.before, found.after, found.body) == (
        "zarządca dróg krajowych",
        "Ogólna",
        "Ogólna",
        "Drogi krajowe",
    )


rule_values = st.fixed_dictionaries(
    {
        "priority": st.integers(0, 3),
        "category_id": st.sampled_from([None, 1, 2]),
        "owner": st.sampled_from(["", "city", "national"]),
        "street_class": st.sampled_from(["", "local"]),
    }
)


@given(st.lists(rule_values, max_size=6), st.sampled_from([(1,), (2, 1), (3,)]), st.sampled_from(["", "city"]))
def test_the_deciding_rule_does_not_depend_on_the_order_in_which_rules_are_read(rules, categories, owner):
    made = [RoutingRule(case_type=KEY, **values) for values in rules]
    facts = Facts(KEY, categories, frozenset(), owner, "local", date(2026, 5, 12))
    assert pick(made, facts) is pick(made[::-1], facts)
