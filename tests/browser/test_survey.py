"""The geo-questionnaire: a point, a line and an area by mouse and by keyboard, the way without the map, the results."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import CONSULTANT

pytestmark = pytest.mark.common_city

PASSWORD = "pokaz-miasta-2026"
TITLE = "Próbna ankieta na mapie"


def at_map(page: Page):
    """The map of the question, ready for drawing."""
    found = page.locator("[data-marks] [data-map]")
    found.scroll_into_view_if_needed()
    expect(found.get_by_role("button", name="Zaznacz punkt")).to_be_visible(timeout=60_000)
    return found


def marked(page: Page) -> list[str]:
    """The kinds of shapes that the form holds."""
    found = page.locator("[data-list] input[name$='-geom']").evaluate_all("inputs => inputs.map(input => input.value)")
    return [json.loads(one)["type"] for one in found]


def make(page: Page) -> str:
    """Staff make and publish the survey; returns its public address."""
    page.goto("/panel/idea/ankiety/nowa/")
    page.get_by_label("Tytuł", exact=True).fill(TITLE)
    page.locator("[name=ends_on_0]").fill("31")
    page.locator("[name=ends_on_1]").fill("12")
    page.locator("[name=ends_on_2]").fill("2099")
    page.get_by_role("button", name="Zapisz").click()
    page.get_by_role("link", name="Dodaj pytanie na stronie 1").click()
    page.get_by_label("miejsca na mapie").check()
    expect(page.locator("[name=choices_pl]")).to_be_hidden()
    page.get_by_label("Pytanie", exact=True).fill("Gdzie brakuje ławek?")
    for shape in ("punkty", "linie", "obszary"):
        page.get_by_label(shape, exact=True).check()
    page.get_by_label("Najwięcej").fill("4")
    page.get_by_role("button", name="Zapisz").click()
    page.get_by_role("link", name="Dodaj pytanie o miejsce").click()
    page.get_by_label("krótka odpowiedź własnymi słowami").check()
    page.get_by_label("Pytanie", exact=True).fill("Dla kogo?")
    page.get_by_role("button", name="Zapisz").click()
    page.get_by_role("button", name="Opublikuj").click()
    expect(page.get_by_text("Opublikowano ankietę.")).to_be_visible()
    page.get_by_role("link", name="Strona publiczna").click()
    expect(page.get_by_role("link", name="Odpowiedz", exact=True)).to_be_visible()
    return page.url


def draw_with_the_mouse(page: Page) -> None:
    city_map = at_map(page)
    canvas = city_map.locator("canvas").first
    city_map.get_by_role("button", name="Zaznacz punkt").click()
    canvas.click(position={"x": 250, "y": 150})
    expect(page.get_by_text("Miejsce 1", exact=True)).to_be_visible()
    city_map.get_by_role("button", name="Narysuj linię").click()
    for n, (x, y) in enumerate(((320, 120), (400, 190), (470, 130)), start=1):
        canvas.click(position={"x": x, "y": y})
        expect(city_map.get_by_role("status")).to_contain_text(f"Liczba punktów: {n}.")
    city_map.get_by_role("button", name="Zakończ rysowanie").click()
    city_map.get_by_role("button", name="Narysuj obszar").click()
    for n, (x, y) in enumerate(((520, 100), (640, 120), (600, 240)), start=1):
        canvas.click(position={"x": x, "y": y})
        expect(city_map.get_by_role("status")).to_contain_text(f"Liczba punktów: {n}.")
    canvas.click(position={"x": 520, "y": 100})
    expect(page.get_by_text("Miejsce 3", exact=True)).to_be_visible()
    assert marked(page) == ["Point", "LineString", "Polygon"]


def draw_with_the_keyboard(page: Page) -> None:
    """An area at 360 pixels, by keys alone; then one corner is moved."""
    city_map = at_map(page)
    city_map.get_by_role("button", name="Narysuj obszar").focus()
    page.keyboard.press("Enter")
    expect(city_map.locator("canvas").first).to_be_focused()
    expect(city_map.locator(".ui-map__cross")).to_be_visible()
    for n, key in enumerate(("ArrowRight", "ArrowDown", "ArrowLeft"), start=1):
        page.keyboard.press("Enter")
        expect(city_map.get_by_role("status")).to_contain_text(f"Liczba punktów: {n}.")
        still = "element => new Promise((done) => { element.cityMap.once('moveend', done); })"
        moved = city_map.evaluate_handle(f"element => ({{ promise: ({still})(element) }})")
        page.keyboard.press(key)
        moved.evaluate("held => held.promise")
    page.keyboard.press("Enter")
    expect(city_map.get_by_role("status")).to_contain_text("Liczba punktów: 4.")
    city_map.get_by_role("button", name="Zakończ rysowanie").focus()
    page.keyboard.press("Enter")
    assert marked(page) == ["Polygon"]
    before = page.locator("[data-list] input[name$='-geom']").input_value()
    canvas = city_map.locator("canvas").first
    canvas.focus()
    page.keyboard.press("Enter")
    corner = city_map.locator(".ui-draw-corner").first
    expect(corner).to_be_visible()
    corner.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-list] input[name$='-geom']")).not_to_have_value(before)


def test_places_are_marked_by_mouse_by_keyboard_and_by_name_and_counted_together(browser, browser_context_args, sign_in):
    staff = sign_in(CONSULTANT, PASSWORD)
    address = make(staff)

    wide = browser.new_context(**{**browser_context_args, "viewport": {"width": 1280, "height": 900}}).new_page()
    wide.goto(address)
    wide.get_by_role("link", name="Odpowiedz", exact=True).click()
    draw_with_the_mouse(wide)
    wide.locator("[data-mark]").first.get_by_label("Dla kogo?").fill("dla starszych")
    wide.reload()
    wide.get_by_role("button", name="Wróć do niej").click()
    expect(wide.locator("[data-mark]").first.get_by_label("Dla kogo?")).to_have_value("dla starszych")
    assert marked(wide) == ["Point", "LineString", "Polygon"]
    wide.get_by_role("button", name="Wyślij odpowiedzi").click()
    expect(wide.get_by_role("heading", name="Dziękujemy za odpowiedź")).to_be_visible()
    wide.goto(f"{address}odpowiedz/")
    expect(wide.get_by_role("heading", name="Ta ankieta ma już Twoją odpowiedź")).to_be_visible()

    phone = browser.new_context(**{**browser_context_args, "viewport": {"width": 360, "height": 800}}).new_page()
    phone.goto(f"{address}odpowiedz/")
    draw_with_the_keyboard(phone)
    phone.get_by_role("button", name="Wyślij odpowiedzi").press("Enter")
    expect(phone.get_by_role("heading", name="Dziękujemy za odpowiedź")).to_be_visible()

    plain = browser.new_context(**{**browser_context_args, "java_script_enabled": False}).new_page()
    plain.goto(f"{address}odpowiedz/")
    plain.get_by_text("Zamiast mapy: znajdź po nazwie").click()
    plain.get_by_label("Co zaznaczasz?").select_option("line")
    plain.get_by_label("Adres, ulica, osiedle lub nazwa miejsca").fill("Sienkiewicza")
    plain.get_by_label("Od ulicy lub numeru").fill("Paderewskiego")
    plain.get_by_label("Do ulicy lub numeru").fill("Żelazna")
    plain.get_by_role("button", name="Znajdź i dodaj").click()
    expect(plain.get_by_text("Paderewskiego – Żelazna")).to_be_visible()
    plain.get_by_role("button", name="Wyślij odpowiedzi").click()
    expect(plain.get_by_role("heading", name="Dziękujemy za odpowiedź")).to_be_visible()

    staff.goto("/panel/idea/ankiety/")
    staff.get_by_role("link", name=TITLE).click()
    staff.get_by_role("link", name="Wyniki z dokładnymi liczbami").click()
    expect(staff.get_by_text("3 osoby")).to_be_visible()
    expect(staff.get_by_role("table", name="Najczęściej wskazywane okolice")).to_be_visible()
    heat = staff.locator("[data-map]").first
    heat.scroll_into_view_if_needed()
    expect(heat).to_have_attribute("data-ready", "1", timeout=60_000)
    staff.go_back()
    staff.get_by_role("button", name="Zamknij ankietę").click()
    staff.get_by_role("button", name="Opublikuj wyniki").click()
    expect(staff.get_by_text("Opublikowano wyniki.")).to_be_visible()
    wide.goto(f"{address}wyniki/")
    expect(wide.get_by_text("Żadnej okolicy nie wskazało dość osób, żeby ją pokazać.")).to_be_visible()
    for page in (wide, phone, plain):
        page.context.close()
