"""How pages look and are operated: every appearance that a reader may choose, on a desk and on a phone, with keys alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import APPEARANCES, appear, findings

pytestmark = pytest.mark.common_city

ADMINISTRATOR = "administrator@demo.invalid"
PASSWORD = "pokaz-miasta-2026"
COMMON = ["/", "/dostepnosc/", "/prywatnosc/", "/ustawienia/", "/nie-ma-takiej-strony/"]
SCREENS = [(1280, 900), (360, 740)]


def problems(page: Page, path: str) -> list[str]:
    """What axe finds on a page, and a page that is wider than the screen."""
    page.goto(path)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return findings(page, served=True) + (["wider than the screen"] if wide else [])


@pytest.mark.parametrize("appearance", APPEARANCES)
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_common_pages_are_accessible_in_every_appearance(page, running_city, appearance, width, height):
    appear(page.context, running_city.url, appearance)
    page.set_viewport_size({"width": width, "height": height})
    assert {path: found for path in COMMON if (found := problems(page, path))} == {}


def test_every_component_is_accessible_in_every_appearance(sign_in, running_city):
    page = sign_in(ADMINISTRATOR, PASSWORD, reduced_motion="reduce")
    found = {}
    for appearance in APPEARANCES:
        appear(page.context, running_city.url, appearance)
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            found[appearance, width] = problems(page, "/panel/wzornik/")
            expect(page.locator("h1")).to_have_text("Wzornik")
    assert {key: lines for key, lines in found.items() if lines} == {}


def test_the_first_key_leads_past_the_menu(page, running_city):
    page.goto("/dostepnosc/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Przejdź do treści")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "tresc"


def test_the_menu_of_a_phone_opens_by_key_and_closes_by_escape(page, running_city):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/")
    page.locator("details.ui-menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ui-menu__body")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".ui-menu__body")).to_be_hidden()


def test_without_javascript_the_common_pages_and_the_readers_settings_work(browser, browser_context_args):
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    page.goto("/ustawienia/?next=/dostepnosc/")
    page.get_by_label("Ciemne").check()
    page.get_by_label("Duży", exact=True).check()
    page.get_by_role("button", name="Zapisz").click()
    page.wait_for_url("**/dostepnosc/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("html").get_attribute("data-text") == "150"
    context.close()


def test_the_map_draws_names_with_polish_letters_and_asks_nobody_else(page, running_city, nothing_leaves):
    page.goto("/mapa/")
    page.wait_for_selector(".ui-map[data-ready]", timeout=60_000)
    named = page.evaluate(
        """() => document.getElementById("mapa").cityMap.queryRenderedFeatures()
             .filter((feature) => feature.layer.type === "symbol").map((feature) => JSON.stringify(feature.properties))"""
    )
    assert any(re.search("[ąćęłńóśźż]", text) for text in named)
    assert page.evaluate("document.fonts.check('48px \"Miasto Text\"', 'ąćęłńóśźż')")


def test_an_object_of_the_map_opens_and_closes_by_keys_alone(page, running_city):
    page.goto("/mapa/")
    page.wait_for_selector(".ui-map[data-ready]", timeout=60_000)
    page.evaluate(
        """() => new Promise((done) => {
             const map = document.getElementById("mapa").cityMap;
             const found = map.queryRenderedFeatures().find((feature) => feature.layer.type === "circle");
             map.once("idle", done);
             map.jumpTo({center: found.geometry.coordinates, zoom: 17});
           })"""
    )
    page.locator("#mapa canvas").focus()
    page.keyboard.press("Enter")
    panel = page.locator(".ui-map__panel")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("link").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"


def test_where_the_browser_cannot_draw_the_map_the_list_is_offered(page, running_city):
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto("/mapa/")
    expect(page.locator(".ui-map")).to_contain_text("Mapa nie wyświetla się w tej przeglądarce.", timeout=30_000)
    expect(page.locator(".ui-map").get_by_role("link")).to_be_visible()
