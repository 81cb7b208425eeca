"""Every page that only those see who signed in (tests/browser/test_every_page.py compares them with the URL resolver)."""

import pytest
from playwright.sync_api import expect

from tests.browser.addresses import (
    ADMINISTRATOR,
    ADMINISTRATORS,
    CENTRE,
    CENTRES,
    CLERK,
    CLERKS,
    COMMITTEE,
    COMMITTEES,
    CONSULTANT,
    CONSULTANTS,
    COORDINATOR,
    COORDINATORS,
    EDITOR,
    EDITORS,
    KEEPER,
    KEEPERS,
    OFFICER,
    OFFICERS,
    OWN,
    RESIDENT,
    SUPERVISOR,
    SUPERVISORS,
)
from tests.browser.visits import look_at, open_everything

pytestmark = pytest.mark.common_city


def test_the_pages_of_a_residents_account(visitor, sample):
    look_at(visitor(RESIDENT), OWN, sample)


def test_the_pages_of_a_clerk_with_everything_open_with_an_error_and_after_somebody_was_faster(visitor, sample):
    person = visitor(CLERK)
    look_at(person, CLERKS, sample)
    address = f"/panel/sprawy/{sample['number']}/"
    person.go(address, then=open_everything)
    page = person.page
    page.goto(address)
    step = page.locator("#krok-resolve")
    step.locator("summary").click()
    step.get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    person.look("the work page with an error")

    page.goto(address)
    page.locator("#krok-resolve summary").click()
    page.locator("#krok-resolve").get_by_label("Odpowiedź dla wszystkich").fill("Naprawione.")
    page.locator("#krok-resolve").get_by_label("Dlaczego nie ma zdjęcia?").fill("Ciemno.")
    page.evaluate(
        "for (const one of document.querySelectorAll('#krok-resolve [name=version]')) one.value = Number(one.value) - 1"
    )
    page.locator("#krok-resolve").get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(page.locator("#konflikt")).to_be_visible()
    person.look("the work page after somebody was faster", status=409)
    assert not person.found, person.report()


def test_the_pages_of_a_supervisor_and_of_the_contact_centre(visitor, sample):
    look_at(visitor(SUPERVISOR), SUPERVISORS, sample)
    look_at(visitor(CENTRE), CENTRES, sample)


def test_the_pages_of_a_coordinator(visitor, sample):
    look_at(visitor(COORDINATOR), COORDINATORS, sample)


def test_the_pages_of_an_administrator(visitor, sample):
    look_at(visitor(ADMINISTRATOR), ADMINISTRATORS, sample)


def test_the_pages_of_an_editor(visitor, sample):
    look_at(visitor(EDITOR), EDITORS, sample)


def test_the_pages_of_who_leads_consultations(visitor, sample):
    look_at(visitor(CONSULTANT), CONSULTANTS, sample)


def test_the_pages_of_a_committee_and_of_a_voting_point(visitor, sample):
    look_at(visitor(COMMITTEE), COMMITTEES, sample)
    look_at(visitor(OFFICER), OFFICERS, sample)


def test_the_pages_of_a_keeper_of_measurements(visitor, sample):
    look_at(visitor(KEEPER), KEEPERS, sample)
