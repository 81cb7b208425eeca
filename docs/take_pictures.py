"""Takes the pictures of the README and of docs/ from the running platform with its demo city.

./run                                    # in one terminal
var/venv/bin/python docs/take_pictures.py # in another
"""

import argparse
import re
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent / "pictures"
PASSWORD = "pokaz-miasta-2026"  # noqa: S105 - of the demo's accounts, which ./run prints
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
PUBLIC = {
    "home": "/",
    "report": "/zglos/",
    "register": "/zgloszenia/",
    "map": "/mapa/",
    "search": "/szukaj/?q=sienkiewicza",
    "guide": "/poradnik/?q=smieci+wielkogabarytowe",
    "statistics": "/statystyki/",
    "idea": "/idea/",
    "budget": "/idea/budzet/",
    "edition": "/idea/budzet/2026/",
    "results": "/idea/budzet/2025/wyniki/",
    "ideas": "/idea/pomysly/",
    "panels": "/idea/panele/",
    "newsletter": "/newsletter/",
    "live": "/glosuj/MRM473/",
    "hall": "/glosuj/MRM473/ekran/",
    "petitions": "/petycje/",
    "air": "/powietrze/",
    "heating": "/powietrze/ogrzewanie/",
    "watch": "/powietrze/powiadomienia/",
    "station": "/stacje/powietrze-bocianek/",
    "rivers": "/woda/",
    "forecasts": "/prognozy/?co=pm10",
    "noise": "/halas/",
    "air-map": "/powietrze/mapa/",
}
STAFF = {
    "desk": "/panel/centrum/",
    "letters": "/panel/centrum/korespondencja/",
    "publishing": "/panel/centrum/publikacja/",
    "terms": "/panel/sprawy/terminy/",
}
KEEPER = {
    "alerts": "/panel/alerty/",
    "rule": "/panel/alerty/reguly/nowa/",
    "sensors": "/panel/czujniki/",
    "reading_files": "/panel/pomiary/wgraj/",
}


def signed_in(page: Page, base: str, email: str) -> Page:
    """The page of somebody of the demo's staff."""
    page.goto(base + "/konto/zaloguj/")
    page.locator("main input[type=email], main input[name=login]").first.fill(email)
    page.locator("main input[type=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Zaloguj").click()
    page.wait_for_url(lambda url: "zaloguj" not in url)
    return page


def take(page: Page, base: str, path: str, name: str) -> None:
    """One picture of what a person sees first."""
    page.goto(base + path)
    page.wait_for_load_state("networkidle")
    if page.locator("[data-map]").count():
        page.locator("[data-map]").first.scroll_into_view_if_needed()
        page.locator("[data-map][data-ready='1']").first.wait_for()
        page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    base = parser.parse_args().url
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        desk = {"viewport": {"width": 1280, "height": 860}, "locale": "pl-PL"}
        hand = {"viewport": {"width": 360, "height": 740}, "locale": "pl-PL", "device_scale_factor": 2}
        page, phone = browser.new_context(**desk).new_page(), browser.new_context(**hand).new_page()
        for name, path in PUBLIC.items():
            take(page, base, path, name)
            take(phone, base, path, f"{name}-phone")
        page.goto(base + "/zgloszenia/?etap=resolved")
        case = re.search(r'href="(/sprawy/[A-Z]+-\d{4}-\d+/)"', page.content())
        if case:
            take(page, base, case.group(1), "case")
        page.goto(base + "/idea/ankiety/")
        survey = re.search(r'href="(/idea/ankiety/[^"/]+/)"', page.content())
        if survey:
            take(page, base, survey.group(1), "survey")
        page.goto(base + "/idea/glosowania/")
        vote = re.search(r'href="(/idea/glosowania/[0-9a-f-]{36}/)"', page.content())
        if vote:
            take(phone, base, vote.group(1), "vote-phone")
        dark = browser.new_context(**desk, color_scheme="dark").new_page()
        take(dark, base, "/", "home-dark")
        clerk = signed_in(browser.new_context(**desk).new_page(), base, "centrum@demo.invalid")
        take(clerk, base, "/panel/sprawy/", "queue")
        number = re.search(r'href="/panel/sprawy/([A-Z]+-\d{4}-\d+)/"', clerk.content())
        if number:
            take(clerk, base, f"/panel/sprawy/{number.group(1)}/", "work")
        for name, path in STAFF.items():
            take(clerk, base, path, name)
        for options, end in ((desk, ""), (hand, "-phone")):
            keeper = signed_in(browser.new_context(**options).new_page(), base, "pomiary@demo.invalid")
            for name, path in KEEPER.items():
                take(keeper, base, path, f"{name}{end}")
        browser.close()


main()
