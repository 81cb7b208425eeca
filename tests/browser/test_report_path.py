"""The whole path: a resident reports, a clerk in another session handles it, everybody sees the outcome."""

import contextlib
import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.pictures import photo
from tests.browser.steps import focus_on, press, tab_until, to_contact

PASSWORD = "pokaz-miasta-2026"
CENTRE = "centrum@demo.invalid"


def fill_what(page: Page, text: str) -> None:
    page.goto("/zglos/")
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill(text)
    page.locator("[data-suggestions] input[type=radio]").first.check()


def centre_of(city) -> tuple[float, float]:
    street = "SELECT ST_PointOnSurface(geom) AS point FROM places_street WHERE name ILIKE '%Sienkiewicza%' LIMIT 1"
    return city.sql(f"SELECT ST_X(point), ST_Y(point) FROM ({street}) AS street")[0]


def send_from(page: Page, address: str) -> str:
    """Go on from the first step: the place by its address, no contact, sent; the report's number."""
    page.get_by_role("button", name="Dalej: gdzie to jest?").click()
    page.locator("#id_place[role=combobox]").fill(address)
    page.locator("[role=option]").first.click()
    expect(page.locator("#id_lat")).not_to_have_value("")
    to_contact(page)
    page.get_by_role("button", name="Dalej: sprawdź i wyślij").click()
    page.get_by_role("button", name="Wyślij zgłoszenie").click()
    return number_of(page)


def number_of(page: Page) -> str:
    return re.search(r"[A-Z]+-\d{4}-\d{6}", page.locator(".ui-confirmation").inner_text()).group()


@pytest.fixture
def visitor(browser, browser_context_args):
    """``visitor()`` gives a page in a session of its own."""
    contexts = []

    def enter() -> Page:
        contexts.append(browser.new_context(**browser_context_args))
        return contexts[-1].new_page()

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def phone(browser, browser_context_args):
    """A page on a phone of 360 pixels."""
    context = browser.new_context(**{**browser_context_args, "viewport": {"width": 360, "height": 740}, "has_touch": True})
    yield context.new_page()
    context.close()


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_report_goes_all_the_way_round(page, sign_in, visitor, running_city, tmp_path, nothing_leaves):
    lon, lat = centre_of(running_city)
    resident = "anna.z.dziury@example.org"

    fill_what(page, "Ogromna dziura w jezdni, auta ją omijają")
    page.locator("#id_photos").set_input_files(photo(tmp_path, position=(lon, lat)))
    expect(page.locator("[data-photos] img")).to_have_count(1)
    page.get_by_role("button", name="Dalej: gdzie to jest?").click()

    page.get_by_label(re.compile("Miejsce ze zdjęcia|zdjęci")).first.check()
    to_contact(page)
    page.get_by_label("Adres e-mail").fill(resident)
    page.get_by_label("Imię i nazwisko").fill("Anna Zdziury")
    page.get_by_role("button", name="Dalej: sprawdź i wyślij").click()
    expect(page.get_by_text("Ogromna dziura w jezdni")).to_be_visible()
    page.get_by_role("button", name="Wyślij zgłoszenie").click()
    number = number_of(page)
    secret = page.get_by_label("Tajny odsyłacz do zgłoszenia").input_value()
    assert number in running_city.wait_for_mail(resident)[0]["Subject"]

    stranger = visitor()
    stranger.goto(f"/sprawy/{number}/")
    expect(stranger.get_by_text("Przyjęte").first).to_be_visible()
    for hidden in ("Ogromna dziura", "Anna Zdziury", resident):
        assert hidden not in stranger.content()
    assert stranger.locator("main img").count() == 0

    clerk = sign_in(CENTRE, PASSWORD)
    clerk.goto(f"/panel/sprawy/?szukaj={number}")
    clerk.locator(f"#sprawa-{number} a").first.click()
    expect(clerk.get_by_text("Anna Zdziury")).to_be_visible()
    clerk.get_by_role("button", name="Opublikuj bez zmian").click()
    clerk.locator(".case-photos").get_by_role("link", name=re.compile("^Sprawdź i opublikuj")).click()
    clerk.get_by_role("button", name="Zamaż i opublikuj").click()
    expect(clerk.get_by_text("Opublikowano zdjęcie.")).to_be_visible()
    clerk.goto(f"/panel/sprawy/{number}/")
    clerk.get_by_role("button", name="Rozpocznij pracę").click()
    step = clerk.locator("#krok-resolve")
    step.locator("summary").click()
    step.get_by_label("Odpowiedź dla wszystkich").fill("Dziura została załatana masą na gorąco.")
    step.get_by_label("Zdjęcia po wykonaniu").set_input_files(photo(tmp_path, "naprawione.jpg"))
    step.get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(clerk.get_by_text("Rozwiązane").first).to_be_visible()

    mails = running_city.wait_for_mail(resident, count=3)
    link = next(
        found.group()
        for mail in reversed(mails)
        if (found := re.search(rf"{re.escape(running_city.url)}/sprawy/s/[\w-]+/?", mail.get_body(("plain",)).get_content()))
    )
    assert link != secret
    filer = visitor()
    filer.goto(link)
    assert "/s/" not in filer.url
    expect(filer.get_by_text("Ogromna dziura w jezdni").first).to_be_visible()
    filer.get_by_role("button", name="Potwierdzam").click()
    expect(filer.get_by_text("Zakończone").first).to_be_visible()

    stranger.reload()
    expect(stranger.get_by_text("Dziura została załatana").first).to_be_visible()
    expect(stranger.get_by_text("Ogromna dziura").first).to_be_visible()
    assert stranger.locator("main img").count() >= 1
    assert resident not in stranger.content()
    kept = running_city.sql("SELECT ST_X(geom), ST_Y(geom) FROM cases_case WHERE number = %s", number)[0]
    assert kept == pytest.approx((lon, lat), abs=1e-5)
    seen_on_the_map(stranger, lon, lat, number)


def seen_on_the_map(page: Page, lon: float, lat: float, number: str) -> None:
    """The public map's list twin and the map itself show the case as ended."""
    page.goto(f"/zgloszenia/?szukaj={number}")
    expect(page.locator(".ui-tag", has_text="Zakończone").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"/mapa/?warstwy=contact_centre.reports#18.5/{lat:.6f}/{lon:.6f}")
    canvas = page.locator(".maplibregl-canvas")
    canvas.wait_for()
    page.locator("[data-map][data-ready='1']").wait_for()
    box = canvas.bounding_box()
    shown = page.get_by_text(number).first
    for _ in range(10):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        with contextlib.suppress(TimeoutError):
            shown.wait_for(timeout=3_000)
            return
    raise AssertionError(f"{number} is not at its place on the map")


def test_the_path_works_without_javascript_on_a_phone(browser, browser_context_args, running_city, tmp_path):
    options = {**browser_context_args, "java_script_enabled": False, "viewport": {"width": 360, "height": 740}}
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto("/zglos/")
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill("nie swieci latarnia")
    page.get_by_role("button", name="Podpowiedz kategorię").click()
    page.locator("[data-suggestions] input[type=radio]").first.check()
    page.locator("#id_photos").set_input_files(photo(tmp_path))
    page.get_by_role("button", name="Dalej: gdzie to jest?").click()
    page.locator("#id_place").fill("sienkiewicza")
    page.get_by_role("button", name="Szukaj").last.click()
    page.locator("#znalezione input[type=radio]").first.check()
    to_contact(page)
    page.get_by_role("button", name="Dalej: sprawdź i wyślij").click()
    page.get_by_role("button", name="Wyślij zgłoszenie").click()
    number = number_of(page)
    page.get_by_role("link", name="Zobacz zgłoszenie").click()
    assert "nie swieci latarnia" in page.content()
    assert page.locator("main img").count() >= 1
    assert running_city.sql("SELECT count(*) FROM cases_case WHERE number = %s", number) == [(1,)]
    context.close()


def test_the_path_works_by_keyboard_alone(page, running_city):
    page.goto("/zglos/")
    focus_on(page, "Napisz własnymi słowami, co się dzieje")
    page.keyboard.type("pęknięta ławka w parku")
    page.locator("[data-suggestions] input[type=radio]").first.wait_for()
    tab_until(page, "document.activeElement.closest('[data-suggestions]') && document.activeElement.type === 'radio'")
    page.keyboard.press("Space")
    press(page, "Dalej: gdzie")
    page.wait_for_url("**/zglos/miejsce/**")
    focus_on(page, "Adres, ulica lub nazwa miejsca")
    page.keyboard.type("Park")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#id_lat")).not_to_have_value("")
    press(page, "Dalej: kontakt")
    page.wait_for_url(re.compile(r"/zglos/(to-samo|kontakt)/"))
    if "/to-samo/" in page.url:
        press(page, "Nie, to coś innego")
    page.wait_for_url("**/zglos/kontakt/**")
    press(page, "Dalej: sprawdź")
    page.wait_for_url("**/zglos/sprawdz/**")
    press(page, "Wyślij zgłoszenie")
    page.locator(".ui-confirmation").wait_for()
    assert running_city.sql("SELECT count(*) FROM cases_case WHERE number = %s", number_of(page)) == [(1,)]


def test_a_clerks_queue_hears_of_a_new_report_at_once(page, sign_in, running_city):
    clerk = sign_in(CENTRE, PASSWORD)
    clerk.goto("/panel/sprawy/?kolejnosc=newest")
    fill_what(page, "Przewrócony kosz na śmieci, wszystko rozsypane")
    number = send_from(page, "Sienkiewicza 1")
    news = clerk.get_by_role("button", name=re.compile("Nowe zgłoszenia"))
    expect(news).to_be_visible()
    news.click()
    expect(clerk.locator(f"#sprawa-{number}").or_(clerk.get_by_text(number)).first).to_be_visible()


def test_a_report_between_the_queue_and_its_stream_is_announced_too(page, sign_in, running_city):
    clerk, live, held = sign_in(CENTRE, PASSWORD), re.compile("/panel/sprawy/na-zywo/"), []
    clerk.route(live, lambda route: held.append(route))
    with clerk.expect_request(live):
        clerk.goto("/panel/sprawy/?kolejnosc=newest")
    fill_what(page, "Przewrócony kosz, zanim kolejka zaczęła słuchać")
    send_from(page, "Sienkiewicza 1")
    held[0].continue_()
    expect(clerk.get_by_role("button", name=re.compile("Nowe zgłoszenia"))).to_be_visible()


def test_a_disputed_solution_comes_back_to_the_unit(page, sign_in, running_city):
    fill_what(page, "Gałęzie zasłaniają znak stopu")
    number = send_from(page, "Sienkiewicza 3")
    clerk = sign_in(CENTRE, PASSWORD)
    clerk.goto(f"/panel/sprawy/{number}/")
    step = clerk.locator("#krok-resolve")
    step.locator("summary").click()
    step.get_by_label("Odpowiedź dla wszystkich").fill("Gałęzie przycięto.")
    step.get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(step.get_by_text("Dodaj zdjęcie po wykonaniu albo napisz").first).to_be_visible()
    step.get_by_label("Dlaczego nie ma zdjęcia?").fill("Było ciemno.")
    step.get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(clerk.get_by_text("Rozwiązane").first).to_be_visible()

    page.get_by_role("link", name="Zobacz zgłoszenie").click()
    page.get_by_label("Dlaczego się nie zgadzasz?").fill("Znaku nadal nie widać.")
    page.get_by_role("button", name="Wyślij sprzeciw").click()
    expect(page.get_by_text("Ponownie sprawdzane").first).to_be_visible()


def test_danger_to_life_is_sent_to_112_before_anything_else(phone):
    phone.goto("/zglos/")
    expect(phone.get_by_role("link", name="112").first).to_be_visible()
    assert phone.get_by_role("link", name="112").first.get_attribute("href") == "tel:112"
    no_sideways_scroll(phone)


def test_a_file_that_is_no_photo_is_refused_and_nothing_typed_is_lost(page, tmp_path):
    fill_what(page, "Zepsuta huśtawka na placu zabaw")
    bad = tmp_path / "wirus.jpg"
    bad.write_bytes(b"<script>alert(1)</script>")
    page.locator("#id_photos").set_input_files(bad)
    expect(page.get_by_text("wirus.jpg").first).to_be_visible()
    assert page.get_by_label("Napisz własnymi słowami, co się dzieje").input_value() == "Zepsuta huśtawka na placu zabaw"
    assert page.locator("[data-photos] img").count() == 0
