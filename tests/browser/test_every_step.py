"""Every page that is reached only by steps (tests/browser/test_every_page.py compares them with the URL resolver)."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import expect

from tests.browser.addresses import (
    CENTRE,
    WALKED,
)
from tests.browser.conftest import DEMO_PASSWORD
from tests.browser.pictures import photo
from tests.browser.steps import onward, to_contact
from tests.browser.visits import Visitor, open_everything

pytestmark = pytest.mark.common_city


def danger(city) -> str:
    """The id of the first dangerous category."""
    return str(
        city.sql("SELECT id FROM cases_category WHERE danger AND active AND parent_id IS NOT NULL ORDER BY slug LIMIT 1")[0][0]
    )


def test_the_whole_path_of_a_report_and_the_filers_page(visitor, running_city, tmp_path):
    person = visitor()
    page = person.page
    page.goto("/zglos/")
    onward(person, "Dalej: gdzie to jest?")
    person.look("step 1 with errors")
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill("Iskrzy zerwany przewód przy latarni")
    page.locator("#id_photos").set_input_files([photo(tmp_path), photo(tmp_path, "druga.jpg")])
    expect(page.locator("[data-photos] img")).to_have_count(2)
    page.evaluate("document.querySelector('[data-category-list]').open = true")
    page.locator(f"#lista-{danger(running_city)}").check()
    person.look("step 1 filled in")
    onward(person, "Dalej: gdzie to jest?")
    person.look("112 first")
    onward(person, "Nikomu nic nie grozi")
    onward(person, "Dalej: kontakt")
    person.look("step 2 with errors")
    # what is typed before the script listens, on a busy machine, brings no suggestions
    page.locator("#id_place[role=combobox]").fill("Sienkiewicza")
    page.locator("[role=option]").first.wait_for()
    person.look("step 2 with suggestions")
    page.locator("#id_place").fill("Sienkiewicza 1")
    page.locator("[role=option]").first.click()
    expect(page.locator("#id_lat")).not_to_have_value("")
    onward(person, "Dalej: kontakt")
    page.get_by_label("Adres e-mail").fill("to nie adres")
    onward(person, "Dalej: sprawdź i wyślij")
    person.look("step 3 with errors")
    page.get_by_label("Adres e-mail").fill("kazda.strona@example.org")
    onward(person, "Dalej: sprawdź i wyślij")
    person.look("step 4")
    onward(person, "Wyślij zgłoszenie")
    person.look("sent")
    secret = page.get_by_label("Tajny odsyłacz do zgłoszenia").input_value()
    assert {"/zglos/", "/zglos/112/", "/zglos/miejsce/", "/zglos/kontakt/", "/zglos/sprawdz/", "/zglos/gotowe/"} <= set(
        person.seen
    )
    filer = visitor()
    filer.page.goto(secret)
    open_everything(filer.page)
    filer.look("the filer's page")
    expect(filer.page.get_by_text("Iskrzy zerwany przewód").first).to_be_visible()
    filer.go("/sprawy/s/nie-ma-takiego/", status=404)
    filer.go("/sprawy/wspolnie/nie-ma-takiego/", status=404)
    assert not person.found | filer.found, person.report() + filer.report()


def filed_by(person: Visitor, city) -> str:
    """A report sent by this visitor the shortest way; its number. The page of the case is open afterwards."""
    page = person.page
    page.goto("/zglos/")
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill("Nie świeci latarnia")
    page.evaluate("document.querySelector('[data-category-list]').open = true")
    chosen = city.sql(
        "SELECT id FROM cases_category WHERE NOT danger AND active AND parent_id IS NOT NULL AND questions = '[]' LIMIT 1"
    )
    page.locator(f"#lista-{chosen[0][0]}").check()
    onward(person, "Dalej: gdzie to jest?")
    page.locator("#id_place[role=combobox]").fill("Sienkiewicza 1")
    page.locator("[role=option]").first.click()
    expect(page.locator("#id_lat")).not_to_have_value("")
    to_contact(page)
    onward(person, "Dalej: sprawdź i wyślij")
    onward(person, "Wyślij zgłoszenie")
    page.get_by_role("link", name="Zobacz zgłoszenie").click()
    page.wait_for_url("**/sprawy/*/")
    return page.url.rstrip("/").rsplit("/", 1)[1]


def test_the_pages_of_those_who_file_together(visitor, running_city, tmp_path):
    filer = visitor()
    case = filed_by(filer, running_city)
    page = filer.page
    page.locator("#wspolnie summary").click()
    page.get_by_label("Adresy e-mail osób").fill("razem@example.org, nie-adres")
    page.get_by_role("button", name="Wyślij zaproszenia").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    filer.look("the filer's page with a wrong address")
    page.get_by_label("Adresy e-mail osób").fill("razem@example.org")
    page.get_by_role("button", name="Wyślij zaproszenia").click()
    expect(page.locator("#wspolnie").get_by_text("razem@example.org").first).to_be_visible()
    page.get_by_role("button", name="Utwórz odsyłacz do przekazania").click()
    link = page.get_by_label("Odsyłacz do przekazania sąsiadom").input_value()
    filer.look("the filer's page with a link to pass on")
    other = visitor()
    other.go(link.removeprefix(running_city.url))
    mail = running_city.wait_for_mail("razem@example.org", seconds=120)[-1]
    address = re.search(r"/sprawy/wspolnie/\S+/", mail.get_body(("plain",)).get_content()).group()
    other.go(address)
    other.page.get_by_label("Imię i nazwisko").fill("Razem Próbna")
    onward(other, "Dołączam")
    expect(other.page.get_by_text(re.compile("2 os"))).to_be_visible()
    other.look("a co-filer's page")
    page.goto(f"/sprawy/{case}/")
    expect(page.locator("#wspolnie").get_by_text("Razem Próbna").first).to_be_visible()
    filer.look("the filer's page with a co-filer")
    assert not filer.found | other.found, filer.report() + other.report()


def test_the_pages_of_a_talk_in_sign_language(visitor):
    person = visitor()
    page = person.page
    page.goto("/tlumacz-migowy/")
    onward(person, "Zarezerwuj")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    person.look("booking with errors")
    page.locator("input[name=at]").first.check()
    page.get_by_label("Imię i nazwisko").fill("Nina Próbna")
    page.get_by_label("Adres e-mail").fill("migowy@example.org")
    onward(person, "Zarezerwuj")
    expect(page.get_by_role("link", name="Wejdź do pokoju rozmowy")).to_be_visible()
    open_everything(page)
    person.look("a booked talk")
    page.locator("summary", has_text="Zmień termin").click()
    page.get_by_role("button", name="Odwołaj rozmowę").click()
    expect(page.get_by_text("Ta rozmowa jest odwołana.")).to_be_visible()
    person.look("a cancelled talk")
    person.go("/tlumacz-migowy/s/nie-ma-takiego/", status=404)
    assert not person.found, person.report()


def test_the_console_with_everything_open(visitor, running_city):
    person = visitor(CENTRE)
    page = person.page
    page.goto("/panel/centrum/rozmowa/?nowa")
    page.get_by_label("Numer rozmówcy").fill("600 100 2")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    person.look("a wrong number")
    page.get_by_label("Numer rozmówcy").fill("600 100 200")
    page.keyboard.press("Enter")
    page.get_by_label("Co mówi rozmówca").fill("Iskrzy zerwany przewód przy latarni, nie świeci latarnia")
    page.locator("[data-part=suggestions] input").first.check()
    expect(page.locator("[data-saved]")).to_contain_text("Zapisano")
    open_everything(page)
    person.look("the console")
    page.get_by_label("Wynik rozmowy").select_option("call_back")
    page.get_by_role("button", name="Zakończ rozmowę").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    person.look("the console with errors")
    assert not person.found, person.report()


def code_of(secret: str) -> str:
    """The one-time code of this half minute (RFC 6238, SHA-1, six digits)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_the_pages_of_the_second_factor(visitor, running_city):
    email = running_city.sql(
        "SELECT email FROM accounts_person p WHERE email LIKE '%%@demo.invalid' AND language = 'pl' AND NOT EXISTS "
        "(SELECT 1 FROM accounts_rolegrant g WHERE g.person_id = p.id) ORDER BY email DESC LIMIT 1"
    )[0][0]
    person = visitor(email)
    page = person.page
    page.goto("/konto/potwierdz-tozsamosc/?next=/konto/dwuskladnikowe/wlacz/")
    page.locator("main input[type=password]").fill(DEMO_PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/wlacz/")
    person.look()
    secret = page.locator(".accounts-secret").inner_text().replace(" ", "")
    page.locator("main input[name=code]").fill(code_of(secret))
    page.locator("main form button").last.click()
    page.wait_for_url(lambda url: "wlacz" not in url)
    for end in ("kody/", "kody/nowe/", "", "wylacz/"):
        person.go(f"/konto/dwuskladnikowe/{end}")
    person.go("/konto/potwierdz-tozsamosc/kod/")
    second = visitor()
    second.page.goto("/konto/zaloguj/")
    second.page.get_by_label("Adres e-mail").fill(email)
    second.page.get_by_label("Hasło").fill(DEMO_PASSWORD)
    second.page.locator("main").get_by_role("button", name="Zaloguj").click()
    second.page.wait_for_url("**/zaloguj/kod/**")
    second.look()
    seen = {*person.seen, *second.seen}
    assert {one for one in WALKED if "/konto/" in one} <= seen
    assert not person.found | second.found, person.report() + second.report()
