"""The channels with people in a real browser: a report by keyboard, a call that opens by itself, a screen that forgets."""

import hashlib
import hmac
import json
import re
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import photo

PASSWORD = "pokaz-miasta-2026"
CENTRE = "centrum@demo.invalid"
SECRET = "sekret centrali w testach"
WORDS = "Nie świeci latarnia przy przejściu, jest zupełnie ciemno"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_a_whole_report_is_filed_by_keyboard_alone_on_one_page(sign_in, running_city, nothing_leaves):
    page = sign_in(CENTRE, PASSWORD)
    page.goto("/panel/centrum/rozmowa/?nowa")
    page.keyboard.type("600 100 900")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/rozmowa/[0-9a-f-]{36}/$"))
    visited = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    begun = time.monotonic()
    page.keyboard.type(WORDS)
    expect(page.locator("[data-part=suggestions] input").first).to_be_visible()
    press(page, "Alt+k", "Space")
    expect(page.locator("[data-saved]")).to_contain_text("Zapisano")
    press(page, "Alt+n", "Tab")
    page.keyboard.type("Klara Klawiszowa")
    press(page, "Alt+m")
    page.keyboard.type("Sienkiewicza 1")
    page.locator("[role=option]").first.wait_for()
    press(page, "ArrowDown", "Enter")
    expect(page.locator("[data-part=place]")).to_contain_text("Sienkiewicza")
    press(page, "Control+Enter")
    expect(page.get_by_text("Podaj rozmówcy numer")).to_be_visible()
    assert time.monotonic() - begun < 60
    assert len(set(visited)) <= 1, "everything happened on one page"
    number = page.locator(".ui-confirmation strong").inner_text()
    (row,) = running_city.sql(
        "SELECT c.channel, p.phone, p.name, t.description FROM cases_case c JOIN cases_caseparty p ON p.case_id = c.id "
        "JOIN cases_casetext t ON t.case_id = c.id WHERE c.number = %s",
        number,
    )
    assert row == ("phone", "600 100 900", "Klara Klawiszowa", WORDS)


def test_what_was_typed_survives_a_closed_browser(sign_in):
    page = sign_in(CENTRE, PASSWORD)
    page.goto("/panel/centrum/rozmowa/?nowa")
    page.get_by_label("Numer rozmówcy").fill("600 100 901")
    press(page, "Enter")
    page.get_by_label("Co mówi rozmówca").fill("Tego nie wolno zgubić")
    expect(page.locator("[data-saved]")).to_contain_text("Zapisano")
    page.get_by_label("Notatki").fill("ostatnie słowo tuż przed końcem")
    page.close()
    again = sign_in(CENTRE, PASSWORD)
    again.goto("/panel/centrum/rozmowa/")
    expect(again.get_by_label("Co mówi rozmówca")).to_have_value("Tego nie wolno zgubić")
    again.get_by_label("Wynik rozmowy").select_option("answered")
    again.get_by_role("button", name="Zakończ rozmowę").click()
    expect(again.get_by_text("Zapisano wynik rozmowy")).to_be_visible()


def test_shortcuts_leave_polish_letters_alone_and_can_be_switched_off(sign_in):
    page = sign_in(CENTRE, PASSWORD)
    page.goto("/panel/centrum/rozmowa/?nowa")
    page.get_by_role("button", name="Rozpocznij rozmowę").click()
    words = page.get_by_label("Co mówi rozmówca")
    words.focus()
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'ń', code: 'KeyN', altKey: true, ctrlKey: true, modifierAltGraph: true, bubbles: true}))"
    )
    expect(words).to_be_focused()
    press(page, "Alt+w")
    expect(page.get_by_label("Wynik rozmowy")).to_be_focused()
    page.get_by_text("Skróty klawiszowe").click()
    page.get_by_label("Skróty włączone").uncheck()
    words.focus()
    press(page, "Alt+w")
    expect(words).to_be_focused()
    page.get_by_label("Wynik rozmowy").select_option("silent")
    page.get_by_role("button", name="Zakończ rozmowę").click()
    page.wait_for_url("**/rozmowa/")


@pytest.fixture
def exchange(running_city):
    """``exchange(event)`` sends one signed event of the telephone exchange to the running city."""
    running_city.kill("web")
    running_city.extra["MIASTO_TELEPHONY_SECRET"] = SECRET
    running_city.start_web()

    def say(**event):
        body, stamp = json.dumps(event).encode(), str(int(time.time()))
        signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Miasto-Timestamp": stamp, "X-Miasto-Signature": f"sha256={signature}"}
        asked = urllib.request.Request(f"{running_city.url}/api/telefon/", body, headers)
        assert urllib.request.urlopen(asked, timeout=10).status == 202

    return say


def test_a_call_from_the_exchange_opens_on_the_operators_screen_by_itself(sign_in, exchange):
    page = sign_in(CENTRE, PASSWORD)
    page.goto("/panel/centrum/")
    page.get_by_label("Twój numer wewnętrzny").fill("777")
    page.get_by_role("button", name="Zapisz numer").click()
    expect(page.get_by_text("Rozmowy z numeru wewnętrznego 777")).to_be_visible()
    # Nobody waits for the streams of events: they begin with what happened since their page was drawn.
    exchange(call="przegladarka-1", event="ringing", caller="600100902", extension="777")
    page.wait_for_url(re.compile(r"/rozmowa/[0-9a-f-]{36}/$"))
    expect(page.get_by_label("Numer", exact=True)).to_have_value("600 100 902")
    exchange(call="przegladarka-2", event="ringing", caller="600100903", extension="777")
    expect(page.locator("[data-screen-pop]")).to_contain_text("600 100 903")
    expect(page.get_by_label("Numer", exact=True)).to_have_value("600 100 902")


def at_the_kiosk(page):
    page.goto("/kiosk/")
    page.get_by_role("link", name="Zgłoś problem").click()
    page.get_by_role("link", name="Oświetlenie").first.click()
    page.locator("button[name=category]").first.click()
    page.get_by_label("Ulica i numer").fill("Sienkiewicza 1")
    page.get_by_role("button", name="Szukaj").click()
    page.locator("button[name=choice]").first.click()
    page.get_by_label("Napisz, co się dzieje").fill(WORDS)


def test_the_kiosk_forgets_whoever_left_and_the_back_button_shows_nothing(page, running_city, nothing_leaves):
    page.clock.install()
    at_the_kiosk(page)
    assert running_city.sql("SELECT count(*) FROM contact_centre_draft WHERE case_id IS NULL AND lon IS NOT NULL") == [(1,)]
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("heading", name="Czy nadal tu jesteś?")).to_be_visible()
    page.get_by_role("button", name="Jestem, nie usuwaj").click()
    expect(page.get_by_label("Napisz, co się dzieje")).to_have_value(WORDS)
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("heading", name="Czy nadal tu jesteś?")).to_be_visible()
    page.clock.run_for(61_000)
    page.wait_for_url("**/kiosk/")
    expect(page.get_by_role("heading", name="W czym pomóc?")).to_be_visible()
    for _ in range(4):
        page.go_back()
        expect(page.locator("html")).not_to_contain_text(WORDS)
        expect(page.locator("textarea")).to_have_count(0)
        if page.url == "about:blank":
            break
    assert running_city.sql("SELECT count(*) FROM contact_centre_draft WHERE case_id IS NULL AND lon IS NOT NULL") == [(0,)]


def test_the_kiosk_gives_a_number_a_code_and_large_controls(page, running_city):
    at_the_kiosk(page)
    for field in page.locator("main input[type=radio]").all()[:1]:
        field.check()
    page.get_by_role("button", name="Dalej").click()
    page.get_by_role("button", name="Dalej").click()
    page.get_by_role("button", name="Wyślij zgłoszenie").click()
    expect(page.get_by_alt_text("Kod QR")).to_be_visible()
    number = page.locator(".ui-confirmation strong").inner_text()
    page.get_by_role("button", name="Zakończ i wyczyść").click()
    expect(page.get_by_role("heading", name="W czym pomóc?")).to_be_visible()
    page.go_back()
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(number)
    page.goto("/kiosk/")
    small = page.evaluate(
        "[...document.querySelectorAll('a:not(.govuk-skip-link), button, input:not([type=hidden])')]"
        ".filter((one) => one.offsetHeight && one.offsetHeight < 64).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert small == []


def test_a_photo_at_the_kiosk_is_seen_taken_back_and_gone_with_the_person(page, nothing_leaves, tmp_path):
    at_the_kiosk(page)
    camera = page.locator("input[type=file]")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files(photo(tmp_path))
    page.get_by_label("Napisz, co się dzieje").fill("Lampa przy przystanku nie świeci")
    page.get_by_role("button", name="Dodaj zdjęcie").click()
    expect(page.locator(".kiosk-photos img")).to_have_count(1)
    expect(page.get_by_label("Napisz, co się dzieje")).to_have_value("Lampa przy przystanku nie świeci")
    page.get_by_role("button", name="Usuń").click()
    expect(page.locator(".kiosk-photos img")).to_have_count(0)
    page.locator("input[type=file]").set_input_files(photo(tmp_path))
    page.get_by_role("button", name="Dodaj zdjęcie").click()
    address = page.locator(".kiosk-photos img").get_attribute("src")
    page.get_by_role("button", name="Zakończ i wyczyść").click()
    page.wait_for_url("**/kiosk/")
    assert page.request.get(address).status == 404
