""" "Me too" and watching."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, Viewer, viewer_for_person
from miasto.kernel.accounts.services import open_link
from miasto.kernel.accounts.testing import make_person, make_unit, make_viewer
from miasto.kernel.cases import jobs, privacy, selectors, services, supporting
from miasto.kernel.cases.models import Supporter
from miasto.kernel.cases.services import Contact, Refused
from miasto.kernel.cases.testing import filer_of, give_competence, make_case
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change
from miasto.kernel.notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(matter, tuesday_noon):
    give_competence(make_unit())
    return make_case()


def number_in(address):
    return re.search(r"/sprawy/poparcie/([\w-]+)/", address).group(1)


def test_each_account_and_each_device_counts_once(case):
    resident = make_viewer()
    for by, device in ((ANONYMOUS, "telefon"), (ANONYMOUS, "telefon"), (resident, "telefon"), (resident, "laptop")):
        made = services.support(case=case, by=by, device=device)
    assert made.count == 2
    assert made.fresh is False
    assert selectors.supported_by(case.pk, resident)
    assert not selectors.supported_by(case.pk, ANONYMOUS, "inny")


def test_the_audit_knows_no_person_and_the_version_of_the_page_stays(case):
    services.support(case=case, by=ANONYMOUS, device="telefon", contact=Contact(email="sasiadka@przyklad.pl"))
    case.refresh_from_db()
    assert case.version == 1
    assert "sasiadka" not in str(list(Change.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("wrong", ["no device", "own", "closed", "address"])
def test_what_cannot_be_counted_is_refused(case, wrong):
    by, device, email = ANONYMOUS, "telefon", ""
    if wrong == "own":
        by = filer_of(case)
    if wrong == "closed":
        services.take_step(case=case, transition="drop", by=filer_of(case))
    if wrong == "no device":
        device = ""
    if wrong == "address":
        email = "nie-adres"
    with pytest.raises(Refused):
        services.support(case=case, by=by, device=device, contact=Contact(email=email))
    assert selectors.supporters_count(case.pk) == 0


def test_an_address_is_written_to_only_after_its_owner_confirmed_it(case, run_jobs, mailoutbox):
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    made = services.support(case=case, by=ANONYMOUS, device="telefon", contact=Contact(email="sasiadka@przyklad.pl"))
    assert made.to_confirm
    run_jobs()
    (asked,) = [message for message in mailoutbox if message.to == ["sasiadka@przyklad.pl"]]
    services.take_step(case=case, transition="take", by=clerk)
    run_jobs()
    assert len([message for message in mailoutbox if message.to == ["sasiadka@przyklad.pl"]]) == 1
    link = open_link(number_in(asked.body))
    owner = Viewer(links=frozenset({link.object_id}))
    services.confirm_support(supporter_id=link.object_id, by=owner)
    services.comment(case=case, body="Jutro przyjedzie ekipa.", audience="public", by=clerk)
    run_jobs()
    told = [message for message in mailoutbox if message.to == ["sasiadka@przyklad.pl"]][-1]
    assert "Jutro przyjedzie ekipa." in told.body
    stop = open_link(number_in(told.body.split("Zrezygnuj")[1]))
    services.stop_support(supporter_id=stop.object_id, by=Viewer(links=frozenset({stop.object_id})))
    services.comment(case=case, body="Już jest.", audience="public", by=clerk)
    run_jobs()
    assert "Już jest." not in "".join(message.body for message in mailoutbox if message.to == ["sasiadka@przyklad.pl"])
    assert selectors.supporters_count(case.pk) == 1


def test_nobody_confirms_or_stops_for_somebody_else(case):
    made = services.support(case=case, by=ANONYMOUS, device="telefon", contact=Contact(email="sasiadka@przyklad.pl"))
    for call in (services.confirm_support, services.stop_support):
        with pytest.raises(PermissionDenied):
            call(supporter_id=made.supporter_id, by=make_viewer())


def test_a_voice_can_be_taken_back(case):
    services.support(case=case, by=ANONYMOUS, device="telefon")
    services.withdraw_support(case=case, by=ANONYMOUS, device="tablet")
    assert selectors.supporters_count(case.pk) == 1
    services.withdraw_support(case=case, by=ANONYMOUS, device="telefon")
    assert selectors.supporters_count(case.pk) == 0


def test_staff_may_write_down_what_callers_say_and_tells_them_apart_by_address(case):
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    for email in ("a@przyklad.pl", "A@przyklad.pl", "b@przyklad.pl", "", ""):
        services.support(case=case, by=clerk, contact=Contact(email=email), on_behalf=True)
    assert selectors.supporters_count(case.pk) == 4


def test_whoever_watches_finds_each_step_under_the_bell_and_can_stop(case, run_jobs):
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    resident = viewer_for_person(make_person().pk)
    assert services.watch(case=case, by=resident)
    assert not services.watch(case=case, by=resident)
    assert selectors.is_watched(case.pk, resident)
    services.take_step(case=case, transition="take", by=clerk)
    run_jobs()
    assert [row.title for row in Notice.objects.filter(person=resident.person_id)] == [f"{case.number}: W trakcie"]
    services.unwatch(case=case, by=resident)
    services.take_step(case=case, transition="ask", answer="Gdzie dokładnie?", by=clerk)
    run_jobs()
    assert Notice.objects.filter(person=resident.person_id).count() == 1


def test_nobody_watches_without_an_account_or_what_they_may_not_see(case):
    services.take_step(case=case, transition="drop", by=filer_of(case))
    for viewer in (ANONYMOUS, make_viewer()):
        with pytest.raises(PermissionDenied):
            services.watch(case=case, by=viewer)


def test_erasure_forgets_the_person_and_keeps_the_count(case):
    resident = make_viewer()
    services.support(case=case, by=resident, contact=Contact(email="inny@przyklad.pl"))
    services.watch(case=case, by=resident)
    assert [row["what"] for row in privacy.export_followed(resident.person_id)] == ["supported", "watched"]
    assert privacy.erase_followed(resident.person_id) == 2
    assert privacy.export_followed(resident.person_id) == []
    assert Supporter.objects.get().email == ""
    assert selectors.supporters_count(case.pk) == 1


def test_addresses_are_deleted_a_month_after_the_end_and_the_voices_stay(case):
    services.support(case=case, by=ANONYMOUS, device="telefon", contact=Contact(email="sasiadka@przyklad.pl"))
    services.take_step(case=case, transition="drop", by=filer_of(case))
    assert jobs.forget_addresses() == 0
    with clock.at(clock.now() + timedelta(days=31)):
        assert jobs.forget_addresses() == 1
    assert Supporter.objects.get().email == ""
    assert selectors.supporters_count(case.pk) == 1


def test_an_address_that_nobody_confirmed_is_forgotten_after_a_week_and_the_voice_stays(case, run_jobs):
    services.support(case=case, by=ANONYMOUS, device="telefon", contact=Contact(email="sasiad@przyklad.pl"))
    sure = services.support(case=case, by=ANONYMOUS, device="laptop", contact=Contact(email="pewna@przyklad.pl"))
    services.confirm_support(supporter_id=sure.supporter_id, by=SYSTEM)
    run_jobs()
    assert supporting.forget_unconfirmed() == 0
    with clock.at(clock.now() + timedelta(days=8)):
        assert supporting.forget_unconfirmed() == 1
    assert sorted(Supporter.objects.values_list("email", flat=True)) == ["", "pewna@przyklad.pl"]
    case.refresh_from_db()
    assert case.supporters == 2


def test_an_address_given_later_has_its_own_week(case, run_jobs):
    services.support(case=case, by=ANONYMOUS, device="telefon")
    with clock.at(clock.now() + timedelta(days=8)):
        services.support(case=case, by=ANONYMOUS, device="telefon", contact=Contact(email="sasiad@przyklad.pl"))
        run_jobs()
        assert supporting.forget_unconfirmed() == 0
