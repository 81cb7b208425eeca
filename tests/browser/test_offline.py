"""A report written without a network in a real browser: kept, sent when the network is back, and sent once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import findings
from tests.browser.pictures import photo

SENDING = "**/zglos/bez-sieci/wyslij/"
READY = """() => navigator.serviceWorker.ready.then(() => new Promise((taken) => {
    if (navigator.serviceWorker.controller) taken();
    else navigator.serviceWorker.addEventListener("controllerchange", () => taken(), { once: true });
}))"""
KEPT = """async () => {
    const names = await caches.keys();
    const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())));
    return kept.flat().map((request) => new URL(request.url).pathname);
}"""


@pytest.fixture
def installed(browser, browser_context_args):
    """A page of a browser that has the service worker; the device is in the middle of the city."""
    context = browser.new_context(
        **{**browser_context_args, "service_workers": "allow", "viewport": {"width": 360, "height": 740}}
    )
    page = context.new_page()
    page.goto("/")
    page.evaluate(READY)
    yield page
    context.close()


@pytest.fixture
def plain(browser, browser_context_args):
    """A page of a browser without a service worker, whose requests the test can break."""
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


def write(page: Page, words: str, place: str = "Sienkiewicza") -> None:
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill(words)
    page.get_by_label("Czego dotyczy zgłoszenie?").select_option(label="Dziura w jezdni")
    page.get_by_label("Adres, ulica lub nazwa miejsca").fill(place)


def keep(page: Page) -> None:
    page.get_by_role("button", name="Zapisz i wyślij, gdy będzie sieć").click()


def cases_with(running_city, words: str) -> list[str]:
    query = "SELECT number FROM cases_case JOIN cases_casetext ON case_id = cases_case.id WHERE description = %s"
    return [row[0] for row in running_city.sql(query, words)]


def state(page: Page):
    return page.locator("[data-outbox] [data-state]")


def test_a_report_written_without_a_network_is_sent_once_when_it_is_back(installed, running_city, tmp_path):
    page, words = installed, "Wyrwa przy torach, pisane bez zasięgu"
    page.context.set_offline(True)
    page.goto("/poradnik/")
    expect(page.get_by_role("heading", name="Brak połączenia z internetem")).to_be_visible()
    page.get_by_role("link", name="Napisz zgłoszenie bez sieci").click()
    page.goto("/zglos/")
    expect(page).to_have_url(re.compile("/zglos/bez-sieci/$"))
    expect(page.locator("[data-no-network]")).to_be_visible()

    keep(page)
    expect(page.get_by_role("alert").filter(has_text="Napisz, co się dzieje.")).to_be_visible()
    assert findings(page) == []
    write(page, words)
    page.locator("#id_chosen").set_input_files(photo(tmp_path))
    keep(page)
    expect(state(page)).to_have_text("czeka na sieć")
    page.reload()
    expect(state(page)).to_have_text("czeka na sieć")
    assert findings(page) == []
    assert cases_with(running_city, words) == []

    page.context.set_offline(False)
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"), timeout=30_000)
    page.reload()
    (number,) = cases_with(running_city, words)
    expect(state(page)).to_contain_text(number)
    pictures = "SELECT count(*) FROM cases_casefile JOIN cases_case ON cases_case.id = case_id WHERE number = %s"
    assert running_city.sql(pictures, number)[0][0] == 1
    page.get_by_role("link", name="Otwórz sprawę").click()
    expect(page.locator("main")).to_contain_text(number)


def test_the_device_keeps_no_page_but_those_that_work_without_a_network(installed):
    page = installed
    page.goto("/zgloszenia/")
    page.goto("/zglos/bez-sieci/")
    kept = page.evaluate(KEPT)
    pages = {path for path in kept if not re.search(r"\.(js|css|svg|png|woff2)$", path)}
    assert pages == {"/bez-sieci/", "/zglos/bez-sieci/"}
    assert any(path.endswith("/offline.js") for path in kept)


def test_a_lost_answer_makes_no_second_case(plain, running_city):
    page, words = plain, "Dziura, a odpowiedź serwera zginęła po drodze"
    arrived = []

    def lose(route):
        arrived.append(route.fetch().status)
        route.abort("connectionreset")

    page.route(SENDING, lose)
    page.goto("/zglos/bez-sieci/")
    write(page, words)
    with page.expect_event("requestfailed", lambda request: request.url.endswith(SENDING.lstrip("*"))):
        keep(page)
    expect(state(page)).to_have_text("czeka na sieć")
    assert arrived == [200]
    assert len(cases_with(running_city, words)) == 1
    page.unroute(SENDING)
    page.reload()
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
    (number,) = cases_with(running_city, words)
    expect(state(page)).to_contain_text(number)


def test_a_refused_report_says_why_and_is_mended(plain, running_city):
    page, words = plain, "Dziura pod nieznanym adresem"
    page.goto("/zglos/bez-sieci/")
    write(page, words, place="Qwertyuiopowska 777")
    keep(page)
    expect(state(page)).to_contain_text("Nie znaleźliśmy takiego miejsca")
    assert findings(page) == []
    page.get_by_role("button", name="Popraw").click()
    expect(page.get_by_label("Napisz własnymi słowami, co się dzieje")).to_have_value(words)
    page.get_by_label("Adres, ulica lub nazwa miejsca").fill("Sienkiewicza")
    keep(page)
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
    expect(page.locator("[data-outbox] > li")).to_have_count(1)
    assert len(cases_with(running_city, words)) == 1


def test_a_dangerous_category_says_112_first_and_the_device_gives_its_position(browser, browser_context_args, running_city):
    lon, lat = running_city.sql("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM places_street LIMIT 1) s")[
        0
    ]
    where = {"geolocation": {"longitude": lon, "latitude": lat}, "permissions": ["geolocation"]}
    context = browser.new_context(**{**browser_context_args, **where})
    page = context.new_page()
    page.goto("/zglos/bez-sieci/")
    expect(page.locator("[data-danger-box]")).to_be_hidden()
    page.get_by_label("Czego dotyczy zgłoszenie?").select_option(label="Zapadnięta jezdnia lub chodnik – najpierw 112")
    expect(page.locator("[data-danger-box]")).to_be_visible()
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill("Zapadło się, stoję obok")
    page.get_by_role("button", name="Jestem na miejscu").click()
    expect(page.locator("[data-place-status]")).to_contain_text("Mamy położenie urządzenia")
    keep(page)
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
    context.close()
