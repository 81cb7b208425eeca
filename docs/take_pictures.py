"""Takes the pictures of the README and of docs/ from the running platform with its demo city.

./run                                    # in one terminal
var/venv/bin/python docs/take_pictures.py # in another
"""

import argparse
import re
import sys
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
    "heating-hexagons": "/powietrze/ogrzewanie/#mapa",
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
    "quarantine": "/panel/kwarantanna/",
    "keeping": "/panel/czujniki/przechowywanie/",
    "sensors": "/panel/czujniki/",
    "reading_files": "/panel/pomiary/wgraj/",
}


LINKED = {  # the name: where a link to it stands, what it looks like, what is added to it
    "environment-report": ("/srodowisko/raport/", r'href="(/srodowisko/raport/[\d-]+/)"', ""),
    "environment-report-charts": ("/srodowisko/raport/", r'href="(/srodowisko/raport/[\d-]+/)"', "#air"),
}
KEEPER_LINKED = {
    "report_draft": ("/panel/srodowisko/raporty/", r'href="(/panel/srodowisko/raporty/[0-9a-f-]{36}/)"', ""),
}
METERS = "Numer;Data odczytu;Stan [m3]\n" + "".join(f"W-{{0}};{day:02}.03.2026 08:00;{100 + day},5\n" for day in range(1, 11))
ONLY: set[str] = set()


def signed_in(page: Page, base: str, email: str) -> Page:
    """The page of somebody of the demo's staff."""
    page.goto(base + "/konto/zaloguj/")
    page.locator("main input[type=email], main input[name=login]").first.fill(email)
    page.locator("main input[type=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Zaloguj").click()
    page.wait_for_url(lambda url: "zaloguj" not in url)
    return page


def take(page: Page, base: str, path: str, name: str) -> None:
    """One picture of what a person sees first, or from the place that the path names."""
    if ONLY and name.removesuffix("-phone") not in ONLY:
        return
    page.goto(base + path)
    page.wait_for_load_state("networkidle")
    if page.locator("[data-map]").count():
        page.locator("[data-map]").first.scroll_into_view_if_needed()
        page.locator("[data-map][data-ready='1']").first.wait_for()
        page.evaluate("window.scrollTo(0, 0)")
    if "#" in path:
        page.locator(path[path.index("#") :]).evaluate("place => place.scrollIntoView()")
    page.screenshot(path=FOLDER / f"{name}.png")


def take_linked(page: Page, base: str, wanted: dict[str, tuple[str, str, str]], end: str) -> None:
    """Pictures of pages whose address only another page knows."""
    for name, (where, pattern, added) in wanted.items():
        page.goto(base + where)
        if found := re.search(pattern, page.content()):
            take(page, base, found.group(1) + added, f"{name}{end}")
        else:
            sys.stderr.write(f"no picture of {name}: {where} has no link to it\n")


def take_import(page: Page, base: str, end: str) -> None:
    """A file brought in, its columns, and the page that would take it back; then it is taken back."""
    if ONLY and not ONLY & {"import", "import_undo"}:
        return
    page.goto(base + "/panel/pomiary/wgraj/")
    body = METERS.format(f"pokaz{end}").encode()
    page.get_by_label("Plik z odczytami").set_input_files({"name": "marzec.csv", "mimeType": "text/csv", "buffer": body})
    page.get_by_role("button", name="Wgraj i obejrzyj").click()
    page.get_by_label("Nazwa ustaleń").wait_for()
    address = page.url.removeprefix(base)
    take(page, base, address, f"import{end}")
    page.goto(base + address)
    page.get_by_label("Co mierzą", exact=True).select_option("volume")
    page.get_by_role("button", name="Sprawdź cały plik").click()
    page.get_by_role("button", name="Wpisz 10 odczytów").click()
    page.get_by_role("link", name="Wycofaj ten plik").wait_for()
    take(page, base, f"{address}wycofaj/", f"import_undo{end}")
    page.goto(base + f"{address}wycofaj/")
    page.get_by_role("button", name="Wycofaj plik").click()
    page.get_by_text("wycofany").first.wait_for()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--only", nargs="*", default=[], help="names of pictures to take anew; without it, all")
    asked = parser.parse_args()
    base = asked.url
    ONLY.update(asked.only)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        desk = {"viewport": {"width": 1280, "height": 860}, "locale": "pl-PL"}
        hand = {"viewport": {"width": 360, "height": 740}, "locale": "pl-PL", "device_scale_factor": 2}
        page, phone = browser.new_context(**desk).new_page(), browser.new_context(**hand).new_page()
        for name, path in PUBLIC.items():
            take(page, base, path, name)
            take(phone, base, path, f"{name}-phone")
        take_linked(page, base, LINKED, "")
        take_linked(phone, base, LINKED, "-phone")
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
            take_linked(keeper, base, KEEPER_LINKED, end)
            take_import(keeper, base, end)
        browser.close()


main()
