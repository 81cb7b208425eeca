"""The form of a rule asks what the chosen kind needs, says at the field what is wrong, and keeps what was typed."""

from datetime import UTC, datetime

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.testing import declared
from miasto.kernel.observations.alerts import rules, watch
from miasto.kernel.observations.alerts.asking import ConditionForm
from miasto.kernel.observations.models import AlertRule
from miasto.kernel.observations.testing import make_datastream
from miasto.kernel.spec.observations import Property

pytestmark = pytest.mark.django_db
LEVEL = Property(key="trial.level", code="trial_level", name="poziom", definition="x", unit="centimetre", symbol="cm")
NEW = "/panel/alerty/reguly/nowa/"


@pytest.fixture(autouse=True)
def _declared():
    watch.forget()
    with declared(LEVEL), clock.at(datetime(2026, 5, 12, 10, tzinfo=UTC)):
        make_datastream(code="trial_level")
        yield
    watch.forget()


@pytest.fixture
def unit():
    return make_unit(name="Straż")


@pytest.fixture
def keeper(client, unit):
    client.force_login(make_staff("observations.keeper", unit))
    return client


def sent(unit, kind, **typed):
    given = {"name": "Woda", "a-kind": kind, "a-code": "trial_level", "join": "", "hold": "0", "severity": "3", "active": "on"}
    return {**given, "unit": str(unit.pk), **{f"a-{kind}-{name}": value for name, value in typed.items()}}


def parts(page):
    """The kinds whose fields are shown."""
    text = page.content.decode()
    return [kind for kind in ("threshold", "change", "absence", "deviation", "coming") if f'data-kind="{kind}">' in text]


CONDITIONS = [
    ("threshold", {"op": "<", "value": "−12,5"}, {"op": "<", "value": -12.5}),
    ("threshold", {"op": ">", "value": "200", "clear": "180"}, {"op": ">", "value": 200.0, "clear": 180.0}),
    ("change", {"op": "<", "value": "30", "minutes": "60"}, {"op": "<", "value": 30.0, "within_s": 3600}),
    ("absence", {"minutes": "10080"}, {"after_s": 604800}),
    ("deviation", {"times": "3,5"}, {"times": 3.5}),
    ("coming", {"op": ">", "value": "320", "minutes": "360"}, {"op": ">", "value": 320.0, "within_s": 21600}),
]


@pytest.mark.parametrize(("kind", "typed", "stored"), CONDITIONS)
def test_each_kind_is_asked_saved_and_shown_again_as_it_was(keeper, unit, kind, typed, stored):
    assert keeper.post(NEW, sent(unit, kind, **typed)).status_code == 302
    rule = AlertRule.objects.get()
    assert rule.condition == {"kind": kind, "code": "trial_level", **stored}
    page = keeper.get(f"/panel/alerty/reguly/{rule.pk}/")
    assert set(parts(page)) == {kind, "threshold"}  # and the second condition's, which is hidden with all of it
    again = ConditionForm(prefix="a", initial=rule.condition)
    assert (again.chosen, {name for name, part in again.parts.items() if part.initial}) == (kind, {kind})


WRONG = [
    ("threshold", {"op": ">"}, "id_a-threshold-value", "Podaj próg."),
    ("threshold", {"op": ">", "value": "dużo"}, "id_a-threshold-value", "Wpisz liczbę"),
    ("threshold", {"op": ">", "value": "5", "clear": "6"}, "id_a-threshold-clear", "niższy niż próg alertu"),
    ("threshold", {"op": "<", "value": "5", "clear": "4"}, "id_a-threshold-clear", "wyższy niż próg alertu"),
    ("change", {"op": ">", "value": "-3", "minutes": "5"}, "id_a-change-value", "większą od zera"),
    ("absence", {}, "id_a-absence-minutes", "Podaj, od ilu minut"),
    ("deviation", {"times": "0,5"}, "id_a-deviation-times", "od 1 do 100"),
    ("coming", {"op": ">", "value": "5", "minutes": "9999"}, "id_a-coming-minutes", "od 1 do 2880"),
]


@pytest.mark.parametrize(("kind", "typed", "field", "words"), WRONG)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(keeper, unit, kind, typed, field, words):
    other = {"a-deviation-times" if kind != "deviation" else "a-threshold-value": "77"}
    page = keeper.post(NEW, {**sent(unit, kind, **typed), **other})
    text = page.content.decode()
    assert page.status_code == 422
    assert f'href="#{field}"' in text
    assert words in text.split(f'id="{field}_error"')[1][:300]
    assert text.count("govuk-error-message") == 1
    assert 'value="77"' in text
    assert not AlertRule.objects.exists()


def test_without_scripts_another_kind_is_shown_before_anything_is_judged(keeper, unit):
    page = keeper.post(NEW, {**sent(unit, "threshold", value="dużo"), "a-kind": "absence", "name": "", "show": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert parts(page) == ["threshold", "absence"]  # the second condition's, which is hidden with all of it, and the chosen one
    assert 'value="dużo"' in text
    assert "govuk-error-message" not in text
    assert "data-second hidden" in text
    joined = keeper.post(NEW, {**sent(unit, "threshold", value="5"), "join": "all", "b-kind": "coming", "show": "1"})
    assert "data-second>" in joined.content.decode()


def test_two_conditions_are_joined_and_a_deeper_one_is_left_as_it_is(keeper, unit):
    second = {"join": "any", "b-kind": "absence", "b-code": "trial_level", "b-absence-minutes": "30"}
    assert keeper.post(NEW, {**sent(unit, "threshold", op=">", value="5"), **second}).status_code == 302
    rule = AlertRule.objects.get()
    assert rule.condition["kind"] == "any"
    assert rule.condition["of"][1] == {"kind": "absence", "code": "trial_level", "after_s": 1800}
    three = {"kind": "all", "of": [rule.condition, *rule.condition["of"]]}
    rule.condition = three
    rules.save_rule(rule=rule, by=SYSTEM)
    address = f"/panel/alerty/reguly/{rule.pk}/"
    assert "bardziej złożony" in keeper.get(address).content.decode()
    assert keeper.post(address, {**sent(unit, "threshold"), "name": "Inna nazwa"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.condition) == ("Inna nazwa", three)
