"""The demo city as it lies in the database before the worker's first job: a copy of what the run loads anyway."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from miasto.demo import people
from miasto.demo.load import loaded
from miasto.kernel.accounts.models import Person, RoleGrant, Unit
from miasto.kernel.accounts.selectors import ANONYMOUS, viewer_for_person
from miasto.kernel.cases.models import (
    Case,
    CaseFile,
    CaseHold,
    CaseStep,
    Forwarding,
    Moderation,
    Relation,
    Supporter,
    Watcher,
)
from miasto.kernel.core import clock
from miasto.kernel.core.models import OutgoingMail
from miasto.kernel.core.registry import registry
from miasto.kernel.places.models import Address, Area, Place, Street
from miasto.kernel.places.selectors import geocode
from miasto.kernel.spec.cases import CaseType
from tests import demo_city

# Each test then runs in a transaction on the fixture's database.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = demo_city.shared_folder() or tmp_path_factory.mktemp("city")
    kept = connection.settings_dict["NAME"]
    with demo_city.as_loaded(folder) as name, django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = name
        yield (folder / demo_city.SAID).read_text("utf-8").splitlines()
        connection.close()
        connection.settings_dict["NAME"] = kept


def reports():
    """The reports; the other cases are letters."""
    return Case.objects.filter(case_type="contact_centre.report")


def test_the_counts_that_are_promised_are_there(demo):
    assert Address.objects.count() == 20_000
    assert reports().count() >= 3_000
    assert Unit.objects.count() >= 12
    assert Street.objects.count() >= 500
    assert Place.objects.count() >= 60
    assert Area.objects.filter(area_kind="district").count() >= 25


def test_each_part_is_told_with_its_time(demo):
    parts = [line for line in demo if line.startswith("  ")]
    assert len(parts) >= 4
    assert all(line.endswith(" s") for line in parts)


def test_a_loaded_demo_is_marked_and_not_loaded_again(demo):
    before = Case.objects.count()
    assert loaded()
    call_command("demo", "load", "--only-if-empty", stdout=StringIO())
    with pytest.raises(CommandError, match="już wczytane"):
        call_command("demo", "load", stdout=StringIO())
    assert Case.objects.count() == before


def test_the_printed_accounts_can_log_in_with_the_printed_password(demo, client):
    out = StringIO()
    call_command("demo", "accounts", stdout=out)
    for account in people.ACCOUNTS:
        assert f"{account.email}" in out.getvalue()
        assert Person.objects.get(email=account.email).check_password(people.PASSWORD)


def test_each_demo_account_holds_its_role_and_only_that(demo):
    for account in people.ACCOUNTS:
        held = list(RoleGrant.objects.filter(person__email=account.email).values_list("role", flat=True))
        assert held == ([account.role] if account.role else [])


def test_every_unit_has_staff(demo):
    staffed = set(RoleGrant.objects.filter(role="cases.clerk").values_list("unit__slug", flat=True))
    assert staffed == set(Unit.objects.values_list("slug", flat=True))


def test_the_demo_resident_has_reports_of_her_own(demo):
    person = Person.objects.get(email=people.ACCOUNTS[0].email)
    assert 3 <= Case.objects.filter(filer_person=person).count() <= 60


def test_the_demo_clerk_sees_a_living_queue(demo):
    clerk = Person.objects.get(email=people.ACCOUNTS[1].email)
    viewer = viewer_for_person(clerk.pk)
    units = viewer.units_with("cases.see_unit")
    mine = Case.objects.filter(unit__in=units)
    assert mine.filter(progress="open").count() >= 5
    assert mine.filter(filed_at__gt=clock.now() - timedelta(days=3)).exists()


def test_every_report_lies_in_a_district_and_has_an_address(demo):
    assert not reports().filter(district=None).exists()
    assert not reports().filter(address_text="").exists()


def test_numbers_follow_the_order_of_filing(demo):
    closed = reports().filter(channel="web", progress="closed").order_by("filed_at", "id")
    numbers = list(closed.values_list("number", flat=True))
    assert numbers == sorted(numbers)


def test_histories_begin_with_the_filing_and_end_in_the_stage_of_the_case(demo):
    first = CaseStep.objects.order_by("case", "id").distinct("case").values_list("kind", flat=True)
    assert set(first) == {"filed"}
    moved = (
        CaseStep.objects.exclude(to_stage="").order_by("case", "-id").distinct("case").values_list("case__stage", "to_stage")
    )
    assert all(stage == last for stage, last in moved)


def test_all_stages_occur_and_some_open_cases_are_overdue(demo):
    seen = set(Case.objects.values_list("case_type", "stage").distinct())
    shown = {kind for kind, _stage in seen}
    assert shown == {kind.key for kind in registry().all(CaseType)}
    assert {("contact_centre.report", stage.key) for stage in registry().get(CaseType, "contact_centre.report").stages} <= seen
    letters = {stage.key for kind in registry().all(CaseType) for stage in kind.stages if kind.key != "contact_centre.report"}
    assert letters <= {stage for kind, stage in seen if kind != "contact_centre.report"}
    overdue = Case.objects.filter(progress="open", due_on__lt=clock.today()).count()
    assert 5 <= overdue <= 200


def test_everything_that_binds_cases_and_people_to_a_case_occurs(demo):
    assert set(Relation.objects.values_list("kind", flat=True)) == set(Relation.Kind.values)
    assert set(Forwarding.objects.values_list("state", flat=True)) == set(Forwarding.State.values)
    assert Case.objects.filter(clock="paused", stage="question").exists()
    assert Case.objects.filter(clock="paused", stage="forwarded").exists()
    for bound in (Supporter, Watcher, CaseHold):
        assert bound.objects.exists(), bound
    groups = Case.objects.filter(co_filers__gt=0)
    assert {group.case_type for group in groups} >= {"contact_centre.report", "contact_centre.petition"}
    assert all(group.parties.filter(role="co_filer").count() == group.co_filers for group in groups)


def test_texts_and_photos_wait_for_approval_and_the_public_sees_none_of_them(demo):
    waiting = Case.objects.filter(text_state=Moderation.WAITING)
    assert 10 <= waiting.count() <= 250
    assert not waiting.exclude(text__published_description="").exists()
    assert CaseFile.objects.filter(state=Moderation.WAITING).exists()
    assert CaseFile.objects.filter(state=Moderation.APPROVED).count() >= 30
    assert Case.objects.visible_to(ANONYMOUS).count() == Case.objects.filter(public=True).count()


def test_no_invented_telephone_is_in_a_published_text(demo):
    assert Case.objects.filter(text__description__contains="000 ").exists()
    assert not Case.objects.filter(text__published_description__contains=" 000 ").exists()


def test_nobody_is_sent_a_message_about_the_past(demo):
    assert not OutgoingMail.objects.exists()


def test_the_geocoder_knows_the_streets_and_places_of_the_demo(demo):
    street = Street.objects.order_by("-name").first()
    assert any(street.name in found.label for found in geocode(street.name))
