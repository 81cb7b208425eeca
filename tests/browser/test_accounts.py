"""Accounts in a browser: the pages are accessible, an invited person gets in, a resident takes the data and leaves."""

import json
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import appear, findings

pytestmark = pytest.mark.common_city

ADMINISTRATOR = "administrator@demo.invalid"
DEMO_PASSWORD = "pokaz-miasta-2026"
PASSWORD = "cztery-ciche-wrony-8"
ENTRANCE = [
    "/konto/zaloguj/",
    "/konto/zarejestruj/",
    "/konto/haslo/przypomnij/",
    "/konto/haslo/przypomnij/wyslane/",
    "/konto/haslo/nowe/abc-def/",
    "/konto/haslo/zmienione/",
    "/konto/potwierdz-adres/",
    "/konto/potwierdz-adres/abc/",
    "/konto/wylaczone/",
    "/konto/usuniete/",
]
OWN = [
    "/konto/",
    "/konto/dane/",
    "/konto/usun/",
    "/konto/bezpieczenstwo/",
    "/konto/adres-e-mail/",
    "/konto/haslo/",
    "/konto/dwuskladnikowe/",
    "/konto/dwuskladnikowe/wlacz/",
    "/konto/wyloguj/",
]
PANEL = [
    "/panel/osoby/",
    "/panel/osoby/?q=nikt-taki",
    "/panel/osoby/zapros/",
    "/panel/jednostki/",
    "/panel/dziennik/",
    "/panel/dziennik/?obiekt=abc",
]


def problems(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """What axe finds by page, and pages that are wider than a phone."""
    found = {}
    page.set_viewport_size({"width": 360, "height": 740})
    for path in paths:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        if lines := findings(page, served=True) + (["wider than the screen"] if wide else []):
            found[path] = lines
    return found


def test_every_page_of_accounts_is_accessible_on_a_phone_in_high_contrast(page, sign_in, running_city):
    """In the other appearances they are seen with all other pages (test_every_page.py)."""
    staff = sign_in(ADMINISTRATOR, DEMO_PASSWORD)
    for context in (page.context, staff.context):
        appear(context, running_city.url, "dark.high.100")
    assert problems(page, ENTRANCE) == {}
    assert problems(staff, OWN + PANEL) == {}


def test_an_invited_person_sets_a_password_and_finds_the_role(sign_in, browser, browser_context_args, running_city):
    staff = sign_in(ADMINISTRATOR, DEMO_PASSWORD)
    staff.goto("/panel/osoby/")
    staff.get_by_role("link", name="Zaproś pracownika").click()
    staff.get_by_label("Imię i nazwisko").fill("Nowa Urzędniczka")
    staff.get_by_label("Adres e-mail").fill("nowa.urzedniczka@demo.invalid")
    staff.get_by_role("button", name="Wyślij zaproszenie").click()
    staff.get_by_label("Administrator").check()
    staff.get_by_role("button", name="Nadaj rolę").click()
    expect(staff.locator("main")).to_contain_text("Rola została nadana.")
    assert findings(staff) == []

    message = running_city.wait_for_mail("nowa.urzedniczka@demo.invalid")[0]
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.goto(re.search(r"http\S+/konto/haslo/nowe/\S+", message.get_content()).group())
    page.get_by_label("Nowe hasło", exact=True).fill(PASSWORD)
    page.get_by_label("Powtórz nowe hasło").fill(PASSWORD)
    page.get_by_role("button", name="Zapisz hasło").click()
    expect(page.locator("h1")).to_have_text("Hasło zostało zmienione")
    page.goto("/konto/zaloguj/")
    page.get_by_label("Adres e-mail").fill("nowa.urzedniczka@demo.invalid")
    page.get_by_label("Hasło").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Zaloguj").click()
    expect(page.locator("main")).to_contain_text("Administrator – całe miasto")
    context.close()


def test_a_resident_signs_up_takes_the_data_and_leaves_by_keys_alone(page, running_city):
    address = "odchodzaca@demo.invalid"
    page.goto("/konto/zarejestruj/")
    page.get_by_label("Adres e-mail").focus()
    page.keyboard.type(address)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sprawdź pocztę")
    message = running_city.wait_for_mail(address)[0]
    page.goto(re.search(r"http\S+/konto/potwierdz-adres/\S+", message.get_content()).group())
    page.get_by_role("button", name="Tak, potwierdzam").press("Enter")
    page.wait_for_load_state()
    if "zaloguj" in page.url:
        page.get_by_label("Adres e-mail").fill(address)
        page.get_by_label("Hasło").fill(PASSWORD)
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Moje konto")

    page.get_by_role("link", name="Moje dane").press("Enter")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Pobierz moje dane").press("Enter")
    with zipfile.ZipFile(taken.value.path()) as export:
        data = json.loads(export.read("dane.json"))
    assert data["data"]["accounts.person"]["rows"][0]["email"] == address

    page.get_by_role("link", name="Usuń konto").press("Enter")
    page.get_by_label("Hasło").fill(PASSWORD)
    page.get_by_role("button", name="Usuń konto i dane").press("Enter")
    expect(page.locator("h1")).to_have_text("Konto zostało usunięte")
    assert [mail["Subject"] for mail in running_city.wait_for_mail(address, count=2)][-1] == "Konto zostało usunięte"
    assert running_city.sql("SELECT count(*) FROM accounts_person WHERE email = %s", address) == [(0,)]
