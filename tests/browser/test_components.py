"""The parts of pages that people operate: suggestions by keys, photos, the place on the map, the device's position."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import photo
from tests.browser.steps import to_contact

pytestmark = pytest.mark.common_city

FIELD = "#id_place"
TYPED = "Park"


def to_the_place(page: Page) -> None:
    """Step 1 of a report, filled in, then step 2."""
    page.goto("/zglos/")
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill("Ogromna dziura w jezdni")
    page.locator("[data-suggestions] input[type=radio]").first.check()
    page.get_by_role("button", name="Dalej: gdzie to jest?").click()
    page.wait_for_url("**/zglos/miejsce/")


def map_drawn(page: Page) -> None:
    page.wait_for_selector("#mapa-miejsca[data-ready]", timeout=60_000)


def position(page: Page) -> tuple[str, str]:
    return page.locator("#id_lon").input_value(), page.locator("#id_lat").input_value()


def street(city) -> tuple[float, float]:
    """A point in the middle of the city."""
    point = "SELECT ST_PointOnSurface(geom) AS point FROM places_street WHERE name ILIKE '%%Sienkiewicza%%' LIMIT 1"
    return city.sql(f"SELECT ST_X(point)::float, ST_Y(point)::float FROM ({point}) AS street")[0]


def test_suggestions_are_chosen_by_keys_and_announced(page, running_city):
    to_the_place(page)
    field, options = page.locator(FIELD), page.get_by_role("option")
    field.press_sequentially(TYPED)
    options.first.wait_for()
    count = options.count()
    assert count > 1
    expect(page.locator(".ui-combo__status").filter(has_text=str(count))).to_have_attribute("role", "status")
    expect(field).to_have_attribute("aria-expanded", "true")

    def active() -> list[int]:
        marked = [number for number in range(count) if options.nth(number).get_attribute("aria-selected") == "true"]
        told = field.get_attribute("aria-activedescendant")
        assert told == (options.nth(marked[0]).get_attribute("id") if marked else None)
        return marked

    for key, expected in (
        ("ArrowDown", [0]),
        ("ArrowDown", [1]),
        ("ArrowUp", [0]),
        ("ArrowUp", [count - 1]),
        ("ArrowDown", [0]),
    ):
        field.press(key)
        assert active() == expected, key
    for key, caret in (("Home", 0), ("End", len(TYPED))):
        field.press("ArrowDown")
        field.press(key)
        assert active() == []
        assert field.evaluate("(one) => one.selectionStart") == caret

    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == TYPED
    field.press("ArrowDown")
    options.first.wait_for()
    wanted = options.first.evaluate("(one) => one.firstChild.textContent")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value(wanted)
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce:")
    assert page.url.endswith("/zglos/miejsce/")
    assert all(position(page))


def test_a_place_that_is_chosen_before_the_script_comes_is_told_once_it_is_there(page):
    to_the_place(page)
    page.locator(FIELD).fill("Sienkiewicza 1")
    held = []
    page.route("**/contact_centre/place*.js", lambda route: held.append(route))
    page.get_by_role("button", name="Dalej: kontakt").click()
    page.locator("#znalezione input[type=radio]").first.check()
    expect(page.locator("[data-chosen]")).to_be_empty()
    assert held
    for route in held:
        route.continue_()
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce: ul. Sienkiewicza 1")


@pytest.mark.parametrize("broken", ["500", "offline"])
def test_without_suggestions_the_form_still_works_and_says_nothing_false(page, running_city, broken):
    to_the_place(page)

    def fail(route) -> None:
        if broken == "500":
            route.fulfill(status=500, body="")
        else:
            route.abort("internetdisconnected")

    page.route("**/zglos/miejsce/adres/**", fail)
    with page.expect_request("**/zglos/miejsce/adres/**"):
        page.locator(FIELD).press_sequentially("Sienkiewicza 1")
    expect(page.locator("main [data-combo]")).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_text("Nie znaleźliśmy takiego miejsca")).to_have_count(0)
    page.get_by_role("button", name="Dalej: kontakt").click()
    page.locator("#znalezione input[type=radio]").first.check()
    expect(page.locator("[data-chosen]")).to_contain_text("Nie udało się sprawdzić adresu")
    to_contact(page)


@pytest.mark.parametrize("broken", ["500", "offline"])
def test_without_suggested_categories_the_list_is_enough(page, running_city, broken):
    page.route("**/zglos/podpowiedzi/**", lambda route: route.fulfill(status=500) if broken == "500" else route.abort())
    page.goto("/zglos/")
    with page.expect_request("**/zglos/podpowiedzi/**"):
        page.get_by_label("Napisz własnymi słowami, co się dzieje").press_sequentially("Dziura")
    page.locator("[data-category-list] summary").click()
    on_list = page.locator("[data-category-list] input[type=radio]")
    on_list.first.check()
    on_list.first.press("ArrowDown")
    expect(on_list.nth(1)).to_be_checked()
    chosen = on_list.nth(1).get_attribute("value")
    page.locator("[data-category-list] summary").click()
    expect(page.locator("[data-suggestions] input:checked")).to_have_value(chosen)
    expect(page.locator("[data-suggestions] input")).to_have_count(1)
    page.get_by_role("button", name="Dalej: gdzie to jest?").click()
    expect(page).not_to_have_url(re.compile(r"/zglos/$"))


def test_photos_are_put_first_and_removed_by_keys(page, running_city, tmp_path):
    page.goto("/zglos/")
    page.locator("#id_photos").set_input_files([photo(tmp_path, f"{number}.jpg") for number in range(3)])
    photos = page.locator("[data-photos] li")
    expect(photos).to_have_count(3)

    def order() -> list[str]:
        return [one.get_attribute("value") for one in page.locator("[data-photos] button[name=remove]").all()]

    first, second, third = order()
    page.get_by_role("button", name=re.compile("Na początek.*zdjęcie 3")).press("Enter")
    expect(page.locator("[data-photo-status]")).not_to_be_empty()
    expect(page.locator("[data-photos] button[name=remove]").first).to_have_attribute("value", third)
    assert order() == [third, first, second]
    assert page.evaluate("document.activeElement.closest('[data-photos]') !== null")
    page.get_by_role("button", name=re.compile("Usuń.*zdjęcie 2")).press("Enter")
    expect(photos).to_have_count(2)
    assert order() == [third, second]
    page.reload()
    assert order() == [third, second]


def test_a_click_on_the_map_is_the_place(page, running_city):
    to_the_place(page)
    map_drawn(page)
    page.locator("#mapa-miejsca canvas").click(position={"x": 120, "y": 90})
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce:")
    expect(page.locator(FIELD)).not_to_have_value("")
    clicked = page.evaluate(
        "(([x, y]) => document.getElementById('mapa-miejsca').cityMap.unproject([x, y]).toArray())([120, 90])"
    )
    assert [float(one) for one in position(page)] == pytest.approx(clicked, abs=0.001)
    to_contact(page)


def test_the_crosshair_and_enter_are_the_place_for_those_who_use_keys(page, running_city):
    to_the_place(page)
    map_drawn(page)
    canvas = page.locator("#mapa-miejsca canvas")
    canvas.focus()
    expect(page.locator("#mapa-miejsca .ui-map__cross")).to_be_visible()
    canvas.press("Enter")
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce:")
    before = position(page)
    middle = page.evaluate("document.getElementById('mapa-miejsca').cityMap.getCenter().toArray()")
    assert [float(one) for one in before] == pytest.approx(middle, abs=0.0001)
    canvas.press("ArrowRight")
    page.wait_for_function(
        """west => {
            const { cityMap } = document.getElementById("mapa-miejsca");
            return cityMap.getCenter().lng > west && !cityMap.isMoving();
        }""",
        arg=middle[0],
    )
    canvas.press("Enter")
    expect(page.locator("#id_lon")).not_to_have_value(before[0])
    assert float(position(page)[0]) > float(before[0])


def test_the_devices_position_fills_in_the_address(browser, browser_context_args, running_city):
    lon, lat = street(running_city)
    options = {"permissions": ["geolocation"], "geolocation": {"longitude": lon, "latitude": lat}}
    context = browser.new_context(**{**browser_context_args, **options})
    page = context.new_page()
    to_the_place(page)
    map_drawn(page)
    page.locator("main button:visible").filter(has_text=re.compile("położeni", re.IGNORECASE)).first.click()
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce:")
    expect(page.locator(FIELD)).not_to_have_value("")
    assert [float(one) for one in position(page)] == pytest.approx([lon, lat], abs=0.0001)
    context.close()


def test_a_refused_position_is_told_and_the_address_still_works(browser, browser_context_args, running_city):
    context = browser.new_context(**{**browser_context_args, "permissions": []})
    page = context.new_page()
    to_the_place(page)
    map_drawn(page)
    page.locator("main button:visible").filter(has_text=re.compile("położeni", re.IGNORECASE)).first.click()
    expect(page.locator("#mapa-miejsca .ui-map__hint")).to_contain_text("położenia")
    page.locator(FIELD).fill("Sienkiewicza 1")
    page.get_by_role("option").first.click()
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce:")
    context.close()
