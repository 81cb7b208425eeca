"""Organisations, units and competences from the city's profile."""

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest

from miasto.kernel.accounts import profile, services
from miasto.kernel.accounts.models import Competence, Organisation, Unit
from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.core import clock
from miasto.kernel.core.city import ProfileError, city

pytestmark = pytest.mark.django_db
HALL = {"slug": "urzad", "name": "Urząd", "kind": "city"}
ROADS = {"slug": "drogi", "name": "Wydział Dróg", "organisation": "urzad", "email": "drogi@przyklad.pl"}
LIGHT = {"slug": "swiatlo", "name": "Referat Oświetlenia", "parent": "drogi", "valid_from": date(2020, 1, 1)}
REPAIR = {"key": "roads.repair", "unit": "drogi"}


@pytest.fixture
def load(monkeypatch):
    """``load(units=[...])`` brings a profile of such tables into the database."""
    real = city()

    def run(**tables):
        data = {"organisations": [HALL], "units": [LIGHT, ROADS], "competences": [REPAIR], **tables}
        monkeypatch.setattr(profile, "city", lambda: replace(real, data=MappingProxyType(data)))
        services.sync_profile()

    return run


def test_the_tree_is_built_whatever_the_order_of_the_rows(load):
    load()
    light = Unit.objects.get(slug="swiatlo")
    assert light.parent.slug == "drogi"
    assert light.organisation == Organisation.objects.get(slug="urzad")
    assert light.valid_from == date(2020, 1, 1)
    assert unit_for("roads.repair").slug == "drogi"


def test_a_second_run_changes_nothing(load):
    load()
    before = list(Unit.objects.order_by("id").values()), list(Competence.objects.order_by("id").values())
    load()
    assert before == (list(Unit.objects.order_by("id").values()), list(Competence.objects.order_by("id").values()))


def test_what_an_administrator_changed_stays_until_the_profile_changes_that_field(load):
    load()
    services.update_unit(unit=Unit.objects.get(slug="drogi"), by=SYSTEM, email="wlasny@przyklad.pl", name="Drogi i Mosty")
    load()
    unit = Unit.objects.get(slug="drogi")
    assert (unit.email, unit.name) == ("wlasny@przyklad.pl", "Drogi i Mosty")
    load(units=[LIGHT, {**ROADS, "email": "nowy@przyklad.pl"}])
    unit.refresh_from_db()
    assert (unit.email, unit.name) == ("nowy@przyklad.pl", "Drogi i Mosty")


def test_a_competence_that_moves_keeps_its_past(load, tuesday_noon):
    load()
    today = clock.today()
    load(competences=[{"key": "roads.repair", "unit": "swiatlo"}])
    assert unit_for("roads.repair").slug == "swiatlo"
    assert unit_for("roads.repair", today - timedelta(days=1)).slug == "drogi"
    load(competences=[{"key": "roads.repair", "unit": "swiatlo"}])
    assert Competence.objects.count() == 2


def test_a_competence_with_a_date_ends_the_earlier_one_the_day_before(load, tuesday_noon):
    load(competences=[{**REPAIR, "since": date(2020, 1, 1)}])
    load(competences=[{"key": "roads.repair", "unit": "swiatlo", "since": date(2026, 9, 1)}])
    assert unit_for("roads.repair", date(2026, 8, 31)).slug == "drogi"
    assert unit_for("roads.repair", date(2026, 9, 1)).slug == "swiatlo"


def test_a_competence_gone_from_the_profile_ends(load, tuesday_noon):
    load()
    load(competences=[])
    with pytest.raises(LookupError):
        unit_for("roads.repair")
    assert unit_for("roads.repair", clock.today() - timedelta(days=1)).slug == "drogi"


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"units": [{**ROADS, "organisation": "nie-ma"}]}, "organisation 'nie-ma' is not among"),
        ({"units": [{**LIGHT, "parent": "nie-ma"}]}, "no unit nie-ma"),
        ({"units": [{**ROADS, "parent": "swiatlo"}, LIGHT]}, "circle of parents"),
        ({"units": [{"slug": "drogi", "organisation": "urzad"}]}, "drogi: the field name is missing"),
        ({"organisations": [{**HALL, "kind": "castle"}]}, "kind 'castle' is none of"),
        ({"competences": [{"key": "roads.repair", "unit": "nie-ma"}]}, r"roads\.repair: no unit 'nie-ma'"),
    ],
)
def test_a_wrong_profile_is_named_and_nothing_is_half_loaded(load, tables, words):
    with pytest.raises(ProfileError, match=words):
        load(**tables)
    assert not Unit.objects.exists()
    assert not Organisation.objects.exists()


def test_the_profile_of_this_city_loads():
    services.sync_profile()
    assert Unit.objects.count() == len(city().rows("units"))
    for row in city().rows("competences"):
        assert unit_for(row["key"]).slug == row["unit"]
