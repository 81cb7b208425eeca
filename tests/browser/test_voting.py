"""A secret vote: by details and a code on a phone with the keyboard alone, changed; on paper; closed, checked, opened."""

import json
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from miasto.kernel.core import clock
from tests.browser import voting_steps as steps
from tests.browser.addresses import COMMITTEE, OFFICER
from tests.browser.conftest import DEMO_PASSWORD
from tests.browser.steps import press, tab_until
from tests.browser.visits import PHONE, Visitor

pytestmark = pytest.mark.common_city

ENVELOPES = "koperty@demo.invalid"
TITLE, POINT = "Nazwa próbnego skweru", "Próbny ratusz"
ANNA = {"given": "Anna", "family": "Próbna", "born": date(1980, 2, 3), "flat": "7"}


@pytest.fixture
def voter(browser, browser_context_args, running_city):
    """A phone, whose every page is looked at."""
    context = browser.new_context(**{**browser_context_args, "viewport": PHONE})
    yield Visitor(context.new_page(), running_city.url)
    context.close()


def test_a_vote_from_the_key_to_the_opened_box(sign_in, voter, running_city):
    committee = sign_in(COMMITTEE, DEMO_PASSWORD)
    now = clock.local(clock.now())
    opens, closes = now - timedelta(hours=1), now + timedelta(days=2)
    bench = steps.make_election(committee, title=TITLE, opens=opens, closes=closes, options=["Lipowy", "Bajek", "Ciszy"])
    shares = steps.make_key(committee, bench)
    hours = {"opens": opens, "closes": closes - timedelta(hours=4)}
    steps.add_point(committee, bench, name=POINT, officers=["Paweł Wzorowy", "Kornelia Próbna"], **hours)
    steps.open_box(committee, bench)
    election = bench.rstrip("/").rsplit("/", 1)[-1]
    home, mailbox = f"/idea/glosowania/{election}/", running_city.folder / "mailbox"
    address = running_city.sql("SELECT address_text FROM places_address ORDER BY id LIMIT 1")[0][0]

    page = voter.page
    steps.confirm_by_phone(page, home, mailbox, phone="600700800", address=address, **ANNA)
    tab_until(page, "document.activeElement.id === 'p1-2'")
    page.keyboard.press("Space")
    expect(page.locator("[data-vote-sum]")).to_contain_text("Wybrano: 1 z 1")
    page.reload()
    expect(page.get_by_text("Szkic to jeszcze nie głos.")).to_be_visible()
    expect(page.locator("#p1-2")).to_be_checked()
    page.get_by_label("Szukaj na karcie").fill("lipowy")
    expect(page.locator("[data-vote-option]:visible")).to_have_count(2)
    voter.look("the ballot")
    press(page, "Dalej: sprawdź kartę")
    expect(page.get_by_role("heading", name="Sprawdź kartę i zagłosuj")).to_be_visible()
    voter.look("the ballot before it is sent")
    press(page, "Oddaję głos")
    expect(page.get_by_role("heading", name="Twój głos jest w urnie")).to_be_visible()
    first = page.locator("[data-vote-done]").get_attribute("data-receipt")
    voter.look("the receipt")
    page.goto(f"{home}karta/")
    expect(page.locator("#p1-2")).not_to_be_checked()
    steps.choose(page, {1: [3]})
    second = steps.send(page)
    page.get_by_role("button", name="Zapisz też mój wybór").click()
    kept = json.loads(page.evaluate("localStorage.getItem('miasto.receipts')"))[election]
    assert (kept["choice"], kept["receipt"]) == ({"1": ["3"]}, json.loads(second))
    steps.check_on_device(page, home, "early")

    paper = {"given": "Jan", "family": "Papierowy", "born": date(1950, 5, 6), "address": address}
    code = steps.hand_out(sign_in(OFFICER, DEMO_PASSWORD), POINT, **paper)
    steps.enter_paper(sign_in(ENVELOPES, DEMO_PASSWORD), POINT, code, {1: [1]})

    steps.end_now(running_city, election)
    page.goto(f"{home}karta/")
    expect(page.get_by_role("heading", name="Głosowanie już się skończyło")).to_be_visible()
    steps.close_box(committee, bench)
    steps.check_on_device(page, home, "in")
    voter.look("the receipt checked")
    steps.check_pasted(page, home, first, "Tego głosu nie ma w biuletynie")
    steps.open_with_shares(committee, bench, shares[1:])
    counted = running_city.sql("SELECT choices FROM participation_castvoterecord WHERE election_id = %s", election)
    assert sorted(row[0] for row in counted) == [[[1, [[1, 1]]]], [[1, [[3, 1]]]]]
    assert not voter.found, voter.report()
