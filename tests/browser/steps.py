"""Steps of the path of a report that several browser tests take."""

import re

from playwright.sync_api import Page


def to_contact(page: Page) -> None:
    """From the place to the contact; reports near by that look alike are said to be something else."""
    page.get_by_role("button", name="Dalej: kontakt").click()
    page.wait_for_url(re.compile(r"/zglos/(to-samo|kontakt)/"))
    if "/to-samo/" in page.url:
        page.get_by_role("button", name="Nie, to coś innego").click()
        page.wait_for_url("**/zglos/kontakt/")
