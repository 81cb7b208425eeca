"""A whole edition of the budget: proposed, verified, drawn, voted on three channels, counted, recounted by a stranger."""

import json
import subprocess
import sys
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from miasto.kernel.core import clock
from tests.browser import budget_steps as budget
from tests.browser import voting_steps as voting
from tests.browser.addresses import COMMITTEE, CONSULTANT, OFFICER, RESIDENT
from tests.browser.conftest import DEMO_PASSWORD
from tests.browser.pictures import photo
from tests.browser.visits import Visitor

ENVELOPES = "koperty@demo.invalid"
POINT = "Próbny punkt budżetu"
BENCH, CITY_TITLE = "Próbna ławka sąsiedzka", "Próbna aplikacja dla całej gminy"


@pytest.fixture
def guest(browser, browser_context_args, running_city):
    """A resident without an account, whose every page of results is looked at."""
    context = browser.new_context(**{**browser_context_args, "accept_downloads": True})
    yield Visitor(context.new_page(), running_city.url)
    context.close()


def rules(area: str) -> str:
    """Rules as the coordinator pastes them: a pool of the whole city, one of a district, a signature, no opinions."""
    pools = [
        {"key": "gmina", "name": "Cała gmina", "citywide": True, "share": 4000, "most_cost": 100_000_00},
        {"key": "dzielnica", "name": "Dzielnica", "share": 6000, "most_cost": 60_000_00, "areas": [area]},
    ]
    return json.dumps(
        {
            "pools": pools,
            "proposals": {"support": 1, "guardian_under": 13},
            "verification": {"opinions": [], "appeal_body": "Prezydent"},
            "ballot": {"citywide_most": 1, "district_most": 2},
            "counting": {"rule": "greedy-votes", "ties": ["lower-cost", "drawn"], "min_votes": 1},
            "voting": {"channels": ["account", "identity", "paper"]},
        }
    )


def home_of(city) -> tuple[str, str]:
    """An address of the register and the key of its district, as the rules name it."""
    return city.sql(
        "SELECT a.address_text, coalesce(nullif(d.code, ''), d.source_key) FROM places_address a"
        " JOIN places_area d ON d.id = a.district_id ORDER BY a.id LIMIT 1"
    )[0]


def make_edition(staff: Page, area: str, today: date) -> str:
    """A published edition which takes proposals now and votes from tomorrow; the address of its workbench."""
    staff.goto("/panel/idea/budzet/nowa/")
    staff.get_by_label("Nazwa", exact=True).fill("Próbna edycja")
    staff.get_by_label("Skrót w adresie").fill("proba")
    staff.locator("[name='year']").fill("2099")
    staff.get_by_label("Pieniądze do podziału (zł)").fill("200 000")
    staff.get_by_label("Jednostka, która prowadzi budżet").select_option(index=1)
    staff.get_by_label("Zasady jako dane (JSON)").fill(rules(area))
    days = {"proposals": (-3, 0), "verification": (-2, 0), "draw": (0, 0), "voting": (1, 5), "results": (6, 8)}
    for kind, (first, last) in days.items():
        voting.fill_day(staff, f"{kind}_from", today + timedelta(days=first))
        voting.fill_day(staff, f"{kind}_to", today + timedelta(days=last))
    staff.get_by_role("button", name="Zapisz").click()
    staff.get_by_role("button", name="Opublikuj").click()
    expect(staff.get_by_text("Edycja jest opublikowana.")).to_be_visible()
    return staff.url


def draw(staff: Page, bench: str) -> None:
    """The public draw of the ballot's order, which makes the election."""
    staff.goto(f"{bench}losowanie/")
    staff.get_by_label("Publiczne zdarzenie").fill("Losowanie Lotto")
    staff.get_by_role("button", name="Opublikuj").click()
    staff.get_by_label("Wynik zdarzenia").fill("1, 2, 3, 4, 5, 6")
    staff.get_by_role("button", name="Wylosuj i przygotuj głosowanie").click()
    expect(staff.get_by_text("komisja może rozdać klucz", exact=False)).to_be_visible()


def options_of(city, election: str) -> dict[str, tuple[int, int]]:
    """Title to (pool, number on the ballot)."""
    rows = city.sql(
        "SELECT o.name, p.number, o.number FROM participation_option o JOIN participation_pool p ON p.id = o.pool_id"
        " WHERE p.election_id = %s",
        election,
    )
    return {name: (pool, number) for name, pool, number in rows}


def recounted(page: Page, folder, name: str) -> dict:
    """The file and the script downloaded from the page of results, run as a stranger runs them: no platform, no packages."""
    for label in (name, "recount.py"):
        with page.expect_download() as download:
            page.get_by_role("link", name=label).click()
        download.value.save_as(folder / label)
    command = [sys.executable, "-I", "-S", "recount.py", name, "--json"]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_an_edition_from_the_first_proposal_to_the_recount_by_a_stranger(sign_in, guest, running_city, tmp_path):
    city, today, page = running_city, clock.today(), guest.page
    staff, resident, committee = (sign_in(one, DEMO_PASSWORD) for one in (CONSULTANT, RESIDENT, COMMITTEE))
    address, area = home_of(city)
    bench = make_edition(staff, area, today)
    for title, pool, place in ((BENCH, "Dzielnica", address), (CITY_TITLE, "Cała gmina", "")):
        budget.propose(resident, "proba", title=title, pool=pool, address=place)
        budget.open_in_panel(staff, title)
        budget.enter_paper_list(staff, 1)
        budget.verify(staff, opinions=0)
    draw(staff, bench)

    election = str(city.sql("SELECT election_id FROM idea_edition WHERE slug = 'proba'")[0][0])
    options, home = options_of(city, election), f"/idea/glosowania/{election}/"
    desk = f"/panel/idea/glosowania/{election}/"
    shares = voting.make_key(committee, desk)
    now = clock.local(clock.now())
    city.sql("UPDATE participation_election SET opens_at = now() - interval '1 hour' WHERE id = %s RETURNING id", election)
    hours = {"opens": now - timedelta(minutes=50), "closes": now + timedelta(days=1)}
    voting.add_point(committee, desk, name=POINT, officers=["Paweł Wzorowy", "Kornelia Próbna"], **hours)
    voting.open_box(committee, desk)

    def ballot(*titles: str) -> dict[int, list[int]]:
        return {options[title][0]: [options[title][1]] for title in titles}

    voting.confirm_by_account(resident, home, given="Maria", family="Testowa", born=date(1985, 4, 1), address=address)
    voting.choose(resident, ballot(BENCH, CITY_TITLE))
    voting.send(resident)
    who = {"given": "Anna", "family": "Próbna", "born": date(1980, 2, 3), "address": address}
    voting.confirm_by_phone(page, home, city.folder / "mailbox", phone="600700801", **who)
    voting.choose(page, ballot(BENCH))
    voting.send(page)
    page.get_by_role("button", name="Zapisz też mój wybór").click()
    paper = {"given": "Jan", "family": "Papierowy", "born": date(1950, 5, 6), "address": address}
    code = voting.hand_out(sign_in(OFFICER, DEMO_PASSWORD), POINT, **paper)
    voting.enter_paper(sign_in(ENVELOPES, DEMO_PASSWORD), POINT, code, ballot(BENCH))

    voting.end_now(city, election)
    voting.close_box(committee, desk)
    voting.open_with_shares(committee, desk, shares[1:])
    staff.goto(f"{bench}wyniki/")
    expect(staff.get_by_text("Głosy są policzone.", exact=False)).to_be_visible(timeout=180_000)
    assert resident.goto("/idea/budzet/proba/wyniki/").status == 404
    staff.get_by_role("button", name="Ogłoś wyniki").click()
    expect(staff.get_by_text("Wyniki są ogłoszone.").first).to_be_visible()

    guest.go("/idea/budzet/proba/wyniki/")
    expect(page.get_by_role("heading", name="Wyniki głosowania")).to_be_visible()
    told = recounted(page, tmp_path, "wszystkie.pb")
    wanted = {f"{options[title][0]}-{options[title][1]}": votes for title, votes in ((BENCH, 3), (CITY_TITLE, 1))}
    assert {one["id"]: one["votes"] for one in told["projects"]} == wanted
    assert (set(told["winners"]), told["as_in_file"]) == (set(wanted), True)
    expect(page.get_by_text(told["sha256"])).to_be_visible()
    guest.go("/idea/budzet/proba/moj-glos/")
    expect(page.get_by_text("Wybrane projekty: 1 z 1 Twoich.")).to_be_visible()
    budget.report_work(staff, BENCH, spent="12 500,50", text="Ławka stoi.", photo=photo(tmp_path, "lawka.jpg"))
    guest.go("/idea/budzet/proba/projekty/1/")
    expect(page.get_by_text("12 500,50 zł")).to_be_visible()
    expect(page.get_by_text("Ławka stoi.").first).to_be_visible()
    expect(page.get_by_role("img", name="Zdjęcie 1 z realizacji")).to_be_visible()
    assert not guest.found, guest.report()
