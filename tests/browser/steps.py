"""Steps of the path of a report that several browser tests take."""

import re

from playwright.sync_api import Page

from tests.browser.visits import Visitor


def to_contact(page: Page) -> None:
    """From the place to the contact; reports near by that look alike are said to be something else."""
    page.get_by_role("button", name="Dalej: kontakt").click()
    page.wait_for_url(re.compile(r"/zglos/(to-samo|kontakt)/"))
    if "/to-samo/" in page.url:
        page.get_by_role("button", name="Nie, to coś innego").click()
        page.wait_for_url("**/zglos/kontakt/")


def press(page: Page, words: str) -> None:
    """Tab to the button with those words and press Enter."""
    focused = "document.activeElement"
    tab_until(page, f"{focused}.matches('button') && {focused}.textContent.includes('{words}')")
    page.keyboard.press("Enter")


def focus_on(page: Page, label: str) -> None:
    """Tab until the field of that label has the focus."""
    identifier = page.locator("input, textarea").and_(page.get_by_label(label)).first.get_attribute("id")
    tab_until(page, f"document.activeElement.id === '{identifier}'")


def tab_until(page: Page, condition: str, most: int = 150) -> None:
    """Press Tab until a condition on the focused element holds; the focus must be visible all the way."""
    for _ in range(most):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{condition} never held within {most} presses of Tab")


def onward(person: Visitor, button: str) -> None:
    person.page.get_by_role("button", name=button).click()
