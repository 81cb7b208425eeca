"""What a viewer holds, where and when."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts import security, selectors, viewer
from miasto.kernel.accounts.models import Competence, Person, RoleGrant
from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, may, require, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit, make_viewer
from miasto.kernel.core import clock
from miasto.kernel.core.changes import Actor
from miasto.kernel.core.ids import uuid7

pytestmark = pytest.mark.django_db
UNIT_ROLE = "tests.clerk"


class Thing:
    def __init__(self, unit):
        self.unit_id = unit.id if unit else None


@pytest.fixture(autouse=True)
def _a_role_in_a_unit(monkeypatch):
    """A role that no engine declares, so that these tests stand on this engine alone."""
    known = viewer.permissions_of
    allowed = {UNIT_ROLE: frozenset({"tests.handle"})}
    monkeypatch.setattr(viewer, "permissions_of", lambda role: allowed.get(role) or known(role))
    monkeypatch.setattr(selectors, "roles_with", lambda permission: [UNIT_ROLE] if permission == "tests.handle" else [])


def test_an_anonymous_viewer_holds_nothing():
    assert ANONYMOUS.is_anonymous
    assert not ANONYMOUS.is_staff
    assert not ANONYMOUS.holds("accounts.manage")
    assert ANONYMOUS.units_with("accounts.manage") == frozenset()
    assert ANONYMOUS.actor == Actor("anonymous")


def test_the_system_may_everything():
    assert SYSTEM.units_with("anything.at_all") is None
    assert may(SYSTEM, "anything.at_all", Thing(None))
    assert not SYSTEM.is_anonymous
    assert SYSTEM.actor == Actor("system")


def test_a_role_in_a_unit_covers_the_units_below_and_none_above_or_beside():
    top = make_unit()
    middle = make_unit(parent=top)
    leaf, beside = make_unit(parent=middle), make_unit(parent=top)
    clerk = make_viewer(roles={UNIT_ROLE: middle})
    assert clerk.units_with("tests.handle") == {middle.id, leaf.id}
    assert may(clerk, "tests.handle", Thing(leaf))
    assert not may(clerk, "tests.handle", Thing(top))
    assert not may(clerk, "tests.handle", Thing(beside))


def test_a_thing_of_no_unit_is_reached_only_by_a_citywide_role():
    clerk, admin = make_viewer(roles={UNIT_ROLE: make_unit()}), make_viewer(roles={"accounts.admin": None})
    assert not may(clerk, "tests.handle", Thing(None))
    assert may(admin, "accounts.manage", Thing(None))
    assert admin.units_with("accounts.manage") is None


def test_require_raises_where_may_says_no():
    with pytest.raises(PermissionDenied):
        require(make_viewer(), "accounts.manage")
    require(make_viewer(roles={"accounts.admin": None}), "accounts.manage")


def test_a_role_is_held_from_its_first_day_to_its_last_and_no_longer(tuesday_noon):
    person, today = make_person(), clock.today()
    grant = RoleGrant.objects.create(person=person, role="accounts.admin", valid_from=today, valid_to=today)
    assert viewer_for_person(person.id).holds("accounts.manage")
    for days in (-1, 1):
        with clock.at(tuesday_noon + timedelta(days=days)):
            assert not viewer_for_person(person.id).holds("accounts.manage")
    grant.valid_to = None
    grant.save()
    with clock.at(tuesday_noon + timedelta(days=400)):
        assert viewer_for_person(person.id).holds("accounts.manage")


def test_the_day_of_a_role_is_the_citys_day_not_the_utc_one(tuesday_noon):
    person = make_person()
    RoleGrant.objects.create(person=person, role="accounts.admin", valid_from=clock.today() + timedelta(days=1))
    late_evening_utc = tuesday_noon.replace(hour=22, minute=30)
    with clock.at(late_evening_utc):
        assert viewer_for_person(person.id).holds("accounts.manage")


def test_a_person_who_is_switched_off_or_unknown_holds_nothing():
    person = make_staff("accounts.admin")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert not viewer_for_person(person.id).is_staff
    assert not viewer_for_person(uuid7()).is_staff


def test_a_role_of_a_module_that_is_switched_off_allows_nothing():
    assert not make_viewer(roles={"gone_module.boss": None}).holds("accounts.manage")


def test_a_viewer_of_a_deep_tree_takes_one_query():
    unit = make_unit()
    person = make_staff(UNIT_ROLE, unit)
    for _depth in range(6):
        unit = make_unit(parent=unit)
    with CaptureQueriesContext(connection) as queries:
        made = viewer_for_person(person.id)
    assert len(made.units_with("tests.handle")) == 7
    assert len(queries) == 1


def test_two_viewers_with_the_same_rights_are_equal_and_can_be_keys():
    person = make_staff("accounts.admin")
    assert {viewer_for_person(person.id): 1}[viewer_for_person(person.id)] == 1


def test_a_role_that_needs_a_second_factor_sleeps_until_there_is_one(monkeypatch):
    monkeypatch.setattr(security, "roles_that_need_mfa", lambda: frozenset({"accounts.admin"}))
    person = make_staff("accounts.admin")
    RoleGrant.objects.create(person=person, role=UNIT_ROLE, unit=make_unit())
    asleep = viewer_for_person(person.id)
    assert not asleep.holds("accounts.manage")
    assert asleep.holds("tests.handle")
    assert asleep.withheld == {"accounts.admin"}
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    awake = viewer_for_person(person.id)
    assert awake.holds("accounts.manage")
    assert awake.withheld == frozenset()


def test_the_people_who_may_be_given_a_thing_work_in_its_unit_or_above():
    top = make_unit()
    below, beside = make_unit(parent=top), make_unit()
    chief, clerk = make_staff(UNIT_ROLE, top, name="Anna"), make_staff(UNIT_ROLE, below, name="Barbara")
    foreign, off = make_staff(UNIT_ROLE, beside, name="Celina"), make_staff(UNIT_ROLE, below, is_active=False)
    make_staff("accounts.admin", None)
    assert list(selectors.people_in([below.id], "tests.handle")) == [chief, clerk]
    assert list(selectors.people_in(None, "tests.handle")) == [chief, clerk, foreign]
    assert off not in selectors.people_in(None, "tests.handle")
    assert not selectors.people_in([below.id], "tests.other").exists()


def test_a_competence_belongs_to_the_unit_that_has_it_on_that_day(tuesday_noon):
    before, after, today = make_unit(), make_unit(), clock.today()
    Competence.objects.create(key="roads.repair", unit=before, until=today - timedelta(days=1))
    Competence.objects.create(key="roads.repair", unit=after, since=today)
    assert selectors.unit_for("roads.repair") == after
    assert selectors.unit_for("roads.repair", today - timedelta(days=1)) == before
    with pytest.raises(LookupError, match=r"'roads\.winter'"):
        selectors.unit_for("roads.winter")


def test_names_come_in_one_query_and_never_show_an_address(django_assert_num_queries):
    named, unnamed = make_person(name="Ewa Lis"), make_person(name="")
    erased = make_person(name="", erased_at=clock.now())
    with django_assert_num_queries(1):
        names = selectors.display_names([named.id, unnamed.id, erased.id, None])
    assert names[named.id] == "Ewa Lis"
    assert "@" not in "".join(names.values())
    with django_assert_num_queries(0):
        assert selectors.display_names([]) == {}
        assert selectors.unit_names([None]) == {}


def test_current_units_follow_the_day(tuesday_noon):
    today = clock.today()
    gone = make_unit(valid_to=today - timedelta(days=1))
    assert gone not in selectors.current_units()
    assert gone in selectors.current_units(today - timedelta(days=1))


def test_contacts_leave_out_people_who_are_switched_off_or_erased():
    person = make_person(email="Ala@Przyklad.PL", name="Ala", language="en")
    off, erased = make_person(is_active=False), make_person(erased_at=clock.now())
    assert selectors.contact_of(person.id) == {
        "id": person.id, "email": "ala@przyklad.pl", "name": "Ala", "phone": "", "language": "en"
    }  # fmt: skip
    assert set(selectors.contacts_of([person.id, off.id, erased.id])) == {person.id}
