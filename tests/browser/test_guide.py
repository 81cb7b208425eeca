"""Published in Wagtail, found by a misspelt question; hours that staff change are seen at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import findings

pytestmark = pytest.mark.common_city

PASSWORD = "pokaz-miasta-2026"
EDITOR = "redakcja@demo.invalid"


@pytest.fixture
def heard():
    return []


@pytest.fixture
def editor(sign_in, running_city, heard) -> Page:
    page = sign_in(EDITOR, PASSWORD)
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda asked: heard.append(asked.url) if not asked.url.startswith((running_city.url, "data:", "blob:")) else None,
    )
    page.on("response", lambda answer: heard.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    return page


def publish(page: Page) -> None:
    """Choose „publish” in the menu beside the button."""
    page.locator("footer [data-w-dropdown-target='toggle']").click()
    page.locator("[name='action-publish']:visible").click()
    page.wait_for_load_state()


def test_a_page_published_in_the_editor_answers_a_misspelt_question(editor, page, running_city, heard):
    editor.goto(f"{running_city.url}/panel/")
    editor.get_by_role("link", name="Karty usług").first.click()
    editor.get_by_role("link", name="Petycja").first.click()
    expect(editor.locator("#id_title")).to_have_value("Petycja")
    editor.locator("#id_line").fill("Petycję w sprawie hulajnóg złożysz w ratuszu przy okienku numer siedem.")
    editor.get_by_role("tab", name="Wyszukiwanie i przegląd").click()
    keywords = editor.locator("#id_keywords")
    keywords.fill(keywords.input_value() + "\nhulajnogi elektryczne")
    publish(editor)
    expect(editor.locator(".messages")).to_contain_text("Petycja")
    assert not heard

    page.goto(f"{running_city.url}/poradnik/")
    page.get_by_label("O co chcesz zapytać?").fill("hulajnogi elektrzyczne")
    page.get_by_role("main").get_by_role("button", name="Szukaj").click()
    expect(page.get_by_role("article")).to_contain_text("przy okienku numer siedem")
    page.get_by_role("article").get_by_role("link", name="Petycja").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Petycja")
    page.get_by_role("button", name="Nie", exact=True).click()
    page.get_by_label(re.compile("jednym lub dwóch zdaniach")).fill("Brakuje wzoru petycji.")
    page.get_by_role("button", name="Wyślij").click()
    expect(page.get_by_text("Dziękujemy. Opinię przeczyta")).to_be_visible()
    assert findings(page) == []

    editor.goto(f"{running_city.url}/panel/poradnik/opinie/")
    expect(editor.get_by_text("Brakuje wzoru petycji.")).to_be_visible()


def test_a_new_page_and_a_preview_open_without_errors_and_ask_no_other_server(editor, running_city, heard):
    editor.goto(f"{running_city.url}/panel/tresci/karty/add/")
    expect(editor.locator("#id_title")).to_be_visible()
    editor.goto(f"{running_city.url}/panel/tresci/karty/?q=paszport")
    editor.get_by_role("link", name="Paszport", exact=True).first.click()
    editor.locator("[data-side-panel-toggle='preview']").click()
    expect(editor.frame_locator("iframe").first.get_by_role("heading", level=1)).to_have_text("Paszport")
    expect(editor.frame_locator("iframe").first.get_by_text("To podgląd szkicu.")).to_be_visible()
    assert not heard


def test_hours_changed_in_the_panel_are_seen_by_residents(editor, page, running_city):
    editor.goto(f"{running_city.url}/panel/godziny/")
    editor.get_by_role("link", name="Urząd Stanu Cywilnego").click()
    for day in ("Poniedziałek", "Wtorek", "Środa", "Czwartek", "Piątek", "Sobota", "Niedziela"):
        editor.get_by_label(day).fill("całą dobę")
    editor.get_by_label("Czynne także w dni ustawowo wolne").check()
    editor.get_by_role("button", name="Zapisz").click()
    expect(editor.get_by_text("Zapisaliśmy godziny")).to_be_visible()
    page.goto(f"{running_city.url}/poradnik/slub-cywilny/")
    expect(page.get_by_role("complementary")).to_contain_text("Dziś otwarte całą dobę.")
