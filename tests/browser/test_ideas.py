"""An idea in the browser, from a telephone: written, alike ones shown, supported to the threshold, judged, decided."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import CLERK, CONSULTANT, EDITOR, RESIDENT

pytestmark = pytest.mark.common_city

PASSWORD = "pokaz-miasta-2026"
TITLE = "Poidełka przy boiskach szkolnych"
TEXT = "Po lekcji wuefu nie ma gdzie napić się wody. Proponuję poidełka z wodą przy dziesięciu boiskach szkolnych."
PHONE = {"width": 360, "height": 760}
CROWD = """INSERT INTO idea_ideasupport (id, idea_id, email, language, who, at, confirmed_at, version)
    SELECT gen_random_uuid(), id, '', 'pl', 'crowd:' || n, now(), now(), 1
    FROM idea_idea, generate_series(1, threshold - 1) AS n WHERE number = %s RETURNING id"""


def write(page: Page) -> str:
    """From the empty form over the draft that keeps itself to the published idea; returns its address."""
    page.goto("/idea/pomysly/nowy/")
    page.get_by_label("Tytuł", exact=True).fill("Poidełka przy boiskach")
    page.get_by_label("Opis", exact=True).fill(TEXT)
    expect(page.get_by_role("heading", name="Ktoś już to zaproponował?")).to_be_visible()
    expect(page.get_by_role("link", name="Poidełka z wodą przy placach zabaw")).to_be_visible()
    expect(page.get_by_text("Szkic zapisany")).to_be_visible()
    expect(page).to_have_url(re.compile("/idea/pomysly/szkic/"))
    page.reload()
    expect(page.get_by_label("Opis", exact=True)).to_have_value(TEXT)
    page.get_by_label("Tytuł", exact=True).fill(TITLE)
    page.get_by_label("Podpis", exact=True).fill("Sportowiec")
    page.get_by_role("button", name="Dalej: sprawdź i opublikuj").click()
    expect(page.get_by_text("Wybierz temat.").first).to_be_visible()
    page.get_by_label("Temat", exact=True).select_option(label="Sport i wypoczynek")
    page.get_by_role("button", name="Dalej: sprawdź i opublikuj").click()
    page.get_by_role("button", name="Opublikuj pomysł").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    return page.url


def ask(page: Page, number: str) -> None:
    """The city asks a unit; while it has not answered, there can be no decision."""
    page.goto(f"/panel/idea/pomysly/{number}/")
    page.locator("summary", has_text="Poproś jednostkę o opinię").click()
    page.locator("[name=opinia-unit]").select_option(label="Dział Utrzymania Dróg")
    page.locator("[name=opinia-question]").fill("Czy poidełka zmieszczą się przy boiskach?")
    page.get_by_role("button", name="Wyślij pytanie").click()
    expect(page.get_by_text("Jednostka dostała pytanie z terminem.")).to_be_visible()


def give_opinion(page: Page, case: str) -> None:
    """The unit finds the idea on the page of its case and answers there."""
    page.goto(f"/panel/sprawy/{case}/")
    expect(page.get_by_text("Opinia będzie widoczna na stronie pomysłu")).to_be_visible()
    step = page.locator("#krok-positive")
    step.locator("summary").click()
    step.locator("textarea[name=answer]").fill("Tak, na wysokości 80 cm.")
    step.get_by_role("button", name="Opinia za").click()
    expect(page.get_by_text("Tak, na wysokości 80 cm.").first).to_be_visible()


def decide(page: Page, number: str) -> None:
    page.goto(f"/panel/idea/pomysly/{number}/")
    page.get_by_label("Przyjęty", exact=True).check()
    page.locator("[name=decyzja-reasons]").fill("Poidełka staną przy ośmiu boiskach.")
    page.locator("[name=decyzja-decided_by]").fill("Prezydent Miasta")
    page.get_by_role("button", name="Opublikuj decyzję").click()
    expect(page.get_by_text("Decyzja opublikowana.")).to_be_visible()
    page.locator("[name=skutek-url]").fill("https://example.org/poidelka")
    page.locator("[name=skutek-title]").fill("Osiem poidełek")
    page.get_by_role("button", name="Dopisz", exact=True).click()
    expect(page.get_by_text("Dopisano, co z tego wynikło.")).to_be_visible()


def link_consultation(page: Page, number: str) -> None:
    """A consultation chosen from the list says on its page of which idea it came."""
    if not page.locator("[name=skutek-target]").is_visible():
        page.get_by_text("Dopisz, co z tego wynikło").click()
    page.locator("[name=skutek-target]").select_option(label="Spokojniejsze ulice na Barwinku")
    page.get_by_role("button", name="Dopisz", exact=True).click()
    expect(page.get_by_text("Dopisano, co z tego wynikło.")).to_be_visible()
    page.goto("/idea/konsultacje/spokojniejsze-ulice-na-barwinku/")
    expect(page.get_by_role("link", name=f"Wynikło z pomysłu nr {number}")).to_be_visible()


def until_seen(page: Page, text: str) -> None:
    """Read the page anew until the worker has done its part."""
    until = time.monotonic() + 120
    while not page.get_by_text(text).count():
        assert time.monotonic() < until, f"{text} was never drawn"
        page.wait_for_load_state("networkidle")
        page.reload()


def test_an_idea_goes_from_a_telephone_to_what_came_of_it(sign_in, running_city):
    author = sign_in(RESIDENT, PASSWORD, viewport=PHONE)
    address = write(author)
    number = re.search(r"/pomysly/(\d+)/", address).group(1)
    running_city.sql(CROWD, number)

    neighbour = sign_in(EDITOR, PASSWORD)
    neighbour.goto(address)
    neighbour.get_by_role("button", name="Popieram").click()
    expect(neighbour.get_by_role("heading", name="Próg poparcia osiągnięty")).to_be_visible()
    expect(neighbour.get_by_role("heading", name="Czekamy na decyzję miasta")).to_be_visible()

    staff = sign_in(CONSULTANT, PASSWORD)
    ask(staff, number)
    [[case]] = running_city.sql(
        "SELECT c.number FROM cases_case c JOIN idea_ideaopinion o ON o.case_id = c.id"
        " JOIN idea_idea i ON i.id = o.idea_id WHERE i.number = %s",
        number,
    )
    give_opinion(sign_in(CLERK, PASSWORD), case)
    neighbour.goto(address)
    until_seen(neighbour, "Tak, na wysokości 80 cm.")
    decide(staff, number)
    link_consultation(staff, number)

    author.goto(address)
    for said in ("Poidełka staną przy ośmiu boiskach.", "Osiem poidełek", "Tak, na wysokości 80 cm."):
        expect(author.get_by_text(said).first).to_be_visible()
    assert author.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
