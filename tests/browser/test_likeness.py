"""The same thing told twice: the second resident joins the first report, staff merges what came through."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import check
from tests.browser.steps import to_contact
from tests.browser.visits import Visitor

PASSWORD = "pokaz-miasta-2026"
CENTRE = "centrum@demo.invalid"
CATEGORY = "SELECT id FROM cases_category WHERE slug = 'lawka-park'"


@pytest.fixture
def visitor(browser, browser_context_args, running_city):
    """``visitor(…)`` gives a ``Visitor`` in a session of its own, with the options of its browser."""
    contexts = []

    def enter(**options) -> Visitor:
        contexts.append(browser.new_context(**{**browser_context_args, **options}))
        return Visitor(contexts[-1].new_page(), running_city.url)

    yield enter
    for context in contexts:
        context.close()


PLACE = "Sienkiewicza 5"


def tell(page: Page, city, text: str) -> None:
    """A report of a broken bench, up to the button that leaves the place; works with scripts and without."""
    page.goto("/zglos/")
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill(text)
    chosen = city.sql(CATEGORY)[0][0]
    page.locator("[data-category-list] > summary").first.click()
    page.locator(f"#lista-{chosen}").check()
    page.get_by_role("button", name="Dalej: gdzie to jest?").click()
    page.locator("#id_place").fill(PLACE)


def choose_place(page: Page) -> None:
    page.locator("#id_place[role=combobox]").fill(PLACE)  # what was typed before the script listened brought no suggestions
    page.locator("[role=option]").first.click()
    expect(page.locator("#id_lat")).not_to_have_value("")


def send(page: Page) -> str:
    page.get_by_role("button", name="Dalej: sprawdź i wyślij").click()
    page.get_by_role("button", name="Wyślij zgłoszenie").click()
    return re.search(r"[A-Z]+-\d{4}-\d{6}", page.locator(".ui-confirmation").inner_text()).group()


def test_the_second_resident_joins_the_first_report_without_scripts_and_a_duplicate_is_merged(visitor, sign_in, running_city):
    first = visitor()
    tell(first.page, running_city, "Połamana ławka, nie ma na czym usiąść")
    choose_place(first.page)
    to_contact(first.page)
    number = send(first.page)
    filed = running_city.sql("SELECT count(*) FROM cases_case")[0][0]

    second = visitor(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = second.page
    tell(page, running_city, "lawka zniszczona, deski powyrywane")
    page.get_by_role("button", name="Szukaj").last.click()
    page.locator("#znalezione input[type=radio]").first.check()
    page.get_by_role("button", name="Dalej: kontakt").click()
    expect(page.get_by_role("heading", name="Czy chodzi o to samo?")).to_be_visible()
    expect(page.locator(".likeness-map svg")).to_be_visible()
    page.get_by_role("link", name=re.compile(f"Tak, dopisz mnie do tego zgłoszenia.*{number}")).click()
    page.get_by_label("Adres e-mail").fill("druga.osoba@example.org")
    page.get_by_role("button", name="Dopisz mnie").click()
    expect(page.get_by_text("Dopisaliśmy Cię do tego zgłoszenia.")).to_be_visible()
    assert running_city.sql("SELECT count(*) FROM cases_case")[0][0] == filed
    assert running_city.sql("SELECT supporters FROM cases_case WHERE number = %s", number) == [(1,)]

    third = visitor()
    tell(third.page, running_city, "Zniszczona ławka")
    choose_place(third.page)
    third.page.get_by_role("button", name="Dalej: kontakt").click()
    third.look("is it the same thing")
    third.page.get_by_role("link", name=re.compile(number)).click()
    third.look("joining a report")
    third.page.go_back()
    third.page.get_by_role("button", name="Nie, to coś innego").click()
    other = send(third.page)
    assert not third.found, third.report()

    clerk = sign_in(CENTRE, PASSWORD)
    clerk.goto(f"/panel/sprawy/{other}/")
    expect(clerk.get_by_role("heading", name="Podobne zgłoszenia")).to_be_visible()
    clerk.get_by_role("button", name=f"Dołącz tę sprawę do {number}").click()
    clerk.wait_for_url(f"**/panel/sprawy/{number}/")
    assert running_city.sql("SELECT progress FROM cases_case WHERE number = %s", other) == [("closed",)]


def test_the_progress_of_a_training_is_told_while_the_page_is_open(sign_in, running_city):
    changed = "UPDATE contact_centre_training SET state = %s, percent = %s, asked_at = now() WHERE current RETURNING id"
    assert len(running_city.sql(changed, "running", 40)) == 1
    page = sign_in(CENTRE, PASSWORD)
    page.goto("/panel/sprawy/klasyfikator/")
    expect(page.get_by_role("status").get_by_text("Zrobione: 40 %")).to_be_visible()
    page.evaluate("window.opened = 'once'")
    running_city.sql(changed, "running", 70)
    expect(page.get_by_role("status").get_by_text("Zrobione: 70 %")).to_be_visible(timeout=30_000)
    check(page)
    running_city.sql(changed, "taken", 100)
    expect(page.get_by_role("button", name="Ucz od nowa")).to_be_visible(timeout=30_000)
    assert page.evaluate("window.opened") == "once", "somebody had to reload the page"
