"""A live vote: the presenter's desk, two telephones and the screen of the hall; what is being written is never wiped."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import CONSULTANT

pytestmark = pytest.mark.common_city

PASSWORD = "pokaz-miasta-2026"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
TITLE = "Próbne spotkanie o placu"
SOON = 20_000  # ms: what comes by the stream of events or is read every two seconds
WRITTEN = "Chcę więcej cienia i ławek z oparciem."


def prepare(desk: Page) -> None:
    desk.goto("/panel/idea/na-zywo/nowe/")
    desk.get_by_label("Nazwa spotkania").fill(TITLE)
    for part, value in enumerate(("1", "6", "2026")):
        desk.locator(f"[name='day_{part}']").fill(value)
    desk.get_by_label("Godzina").fill("17:00")
    desk.get_by_role("button", name="Zapisz").click()
    expect(desk.get_by_role("heading", name=TITLE)).to_be_visible(timeout=SOON)
    add(desk, "Co zrobić z placem?", "odpowiedź własnymi słowami")
    add(desk, "Czy zamknąć plac dla aut?", "za, przeciw, wstrzymuję się", "zwykła większość")
    desk.get_by_role("button", name="Rozpocznij spotkanie").click()
    expect(desk.get_by_text("Spotkanie trwa.")).to_be_visible(timeout=SOON)


def add(desk: Page, title: str, kind: str, majority: str = "") -> None:
    desk.get_by_role("link", name="Dodaj pytanie").click()
    desk.get_by_label("Pytanie", exact=True).fill(title)
    desk.get_by_label(kind, exact=True).check()
    if majority:
        desk.get_by_label(majority, exact=True).check()
    desk.get_by_role("button", name="Zapisz pytanie").click()
    expect(desk.get_by_role("heading", name=title)).to_be_visible(timeout=SOON)


def press(desk: Page, name: str | re.Pattern[str]) -> None:
    desk.get_by_role("button", name=name).click()


def test_presenter_two_phones_and_the_hall(sign_in, browser, browser_context_args, running_city):
    desk = sign_in(CONSULTANT, PASSWORD)
    prepare(desk)
    bench, code = desk.url, desk.locator(".live-code--large").inner_text()
    contexts = [browser.new_context(**{**browser_context_args, **options}) for options in (PHONE, PHONE, {})]
    try:
        first, second, hall = (one.new_page() for one in contexts)
        hall.goto(f"/glosuj/{code}/ekran/")
        expect(hall.get_by_text("Za chwilę następne pytanie")).to_be_visible(timeout=SOON)
        for phone in (first, second):
            phone.goto("/glosuj/")
            phone.get_by_label("Kod spotkania").fill(code.lower())
            press(phone, "Wejdź na spotkanie")
            phone.locator("[data-join]").get_by_role("button", name="Wejdź na spotkanie").click()
            expect(phone.get_by_text("Czekamy na następne pytanie")).to_be_visible(timeout=SOON)
            assert phone.evaluate("document.documentElement.scrollWidth") <= 360
        writes_while_everything_changes(desk, bench, first, second, hall)
        votes_and_sees_the_result(desk, bench, first, second, hall)
    finally:
        for one in contexts:
            one.close()


def writes_while_everything_changes(desk: Page, bench: str, first: Page, second: Page, hall: Page) -> None:
    """The wording is mended, the stream breaks and comes back, the page is loaded anew, the vote closes: the text stays."""
    press(desk, "Otwórz głosowanie: Co zrobić z placem?")
    area = first.get_by_label("Co zrobić z placem?")
    area.fill(WRITTEN)
    area.blur()
    second.get_by_label("Co zrobić z placem?").fill("Zostawić lipy.")
    press(second, "Wyślij głos")
    expect(second.get_by_role("heading", name="Głos oddany")).to_be_visible(timeout=SOON)
    expect(hall.locator(".live-hall__number")).to_have_text("1", timeout=SOON)

    desk.goto(bench)
    desk.get_by_role("link", name="Popraw treść pytania").click()
    desk.get_by_label("Pytanie", exact=True).fill("Co zrobić z tym placem?")
    press(desk, "Zapisz pytanie")
    expect(first.get_by_text("Prowadzący poprawił treść pytania. Teraz brzmi: „Co zrobić z tym placem?”")).to_be_visible(
        timeout=SOON
    )
    expect(first.get_by_label("Co zrobić z tym placem?")).to_have_value(WRITTEN, timeout=SOON)

    first.context.set_offline(True)
    press(first, "Wyślij głos")
    expect(first.get_by_text("Nie udało się wysłać: nie ma połączenia.")).to_be_visible(timeout=SOON)
    expect(first.locator("textarea")).to_have_value(WRITTEN, timeout=SOON)
    first.context.set_offline(False)
    first.reload()
    expect(first.get_by_text("Nie została jeszcze wysłana.")).to_be_visible(timeout=SOON)
    expect(first.locator("textarea")).to_have_value(WRITTEN, timeout=SOON)

    desk.goto(bench)
    press(desk, "Zamknij głosowanie")
    expect(first.get_by_text("To głosowanie jest już zamknięte.")).to_be_visible(timeout=SOON)
    expect(first.locator("textarea")).to_have_value(WRITTEN, timeout=SOON)
    expect(first.get_by_role("button", name="Wyślij głos")).to_be_disabled()
    press(first, "Pokaż, co teraz")
    expect(first.get_by_text("Czekamy na następne pytanie")).to_be_visible(timeout=SOON)


def votes_and_sees_the_result(desk: Page, bench: str, first: Page, second: Page, hall: Page) -> None:
    desk.goto(bench)
    press(desk, "Otwórz głosowanie: Czy zamknąć plac dla aut?")
    for phone in (first, second):
        phone.get_by_label("Za", exact=True).check()
        press(phone, "Wyślij głos")
        expect(phone.get_by_role("heading", name="Głos oddany")).to_be_visible(timeout=SOON)
    expect(hall.locator(".live-hall__number")).to_have_text("2", timeout=SOON)
    expect(desk.locator(".live-desk__count strong")).to_have_text("2", timeout=SOON)
    press(desk, "Zamknij głosowanie")
    expect(desk.get_by_text("Wniosek przeszedł.")).to_be_visible(timeout=SOON)
    expect(hall.get_by_text("Za chwilę następne pytanie")).to_be_visible(timeout=SOON)
    press(desk, "Pokaż wynik na sali: Czy zamknąć plac dla aut?")
    for page in (hall, first, second):
        expect(page.get_by_text("Wniosek przeszedł.")).to_be_visible(timeout=SOON)
    desk.goto(bench)
    press(desk, "Zakończ spotkanie")
    press(desk, "Opublikuj wyniki")
    expect(desk.get_by_text("Wyniki są opublikowane.")).to_be_visible(timeout=SOON)
    first.get_by_role("link", name="Zobacz wyniki").click()
    expect(first.get_by_role("heading", name="Czy zamknąć plac dla aut?")).to_be_visible(timeout=SOON)
    assert first.evaluate("document.documentElement.scrollWidth") <= 360
