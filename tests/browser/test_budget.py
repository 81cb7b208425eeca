"""A project of the participatory budget in the browser: from the first word of its author to the published verdict."""

import pytest
from playwright.sync_api import expect

from tests.browser import budget_steps as steps
from tests.browser.addresses import CONSULTANT, RESIDENT

pytestmark = pytest.mark.common_city

PASSWORD = "pokaz-miasta-2026"
TITLE = "Próbny ogród sąsiedzki"


def test_a_proposal_goes_from_the_wizard_to_the_published_verdict(sign_in, page):
    resident, staff = sign_in(RESIDENT, PASSWORD), sign_in(CONSULTANT, PASSWORD)
    address = steps.propose(
        resident, "2026", title=TITLE, pool="Cała gmina", items=(("Rośliny", "60 000"), ("Praca ogrodników", "25 000,50"))
    )
    expect(resident.get_by_text("z 15 potrzebnych")).to_be_visible()
    assert page.goto(address).status == 404

    steps.open_in_panel(staff, TITLE)
    steps.enter_paper_list(staff, 15)
    steps.verify(staff, opinions=3)

    page.goto(address)
    expect(page.get_by_text("dopuszczony do głosowania").first).to_be_visible()
    expect(page.get_by_text("Projekt spełnia warunki.").first).to_be_visible()
    expect(page.get_by_role("heading", name="Opinie jednostek")).to_be_visible()
