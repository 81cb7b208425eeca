"""A report written without a network in a real browser: kept, sent when the network is back, and sent once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import findings
from tests.browser.pictures import photo

SENDING = "**/zglos/bez-sieci/wyslij/"
TOKEN = "**/zglos/bez-sieci/klucz/"
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
    expect(page.get_by_role("heading", name="Nowe zgłoszenie")).to_be_visible()
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
    expect(page.locator("[data-waits]")).to_contain_text("drugie nie powstanie")
    expect(page.get_by_role("button", name="Popraw")).to_be_hidden()
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


def test_what_waits_is_mended_and_only_the_mended_words_are_sent(installed, running_city):
    page, words = installed, "Wyrwa, jeszcze do poprawienia"
    page.goto("/zglos/")
    page.get_by_role("link", name="Napisz zgłoszenie bez sieci").click()
    expect(page.get_by_role("heading", name="Nowe zgłoszenie")).to_be_visible()
    page.context.set_offline(True)
    write(page, words)
    keep(page)
    expect(state(page)).to_have_text("czeka na sieć")
    page.get_by_role("button", name="Popraw").click()
    expect(state(page)).to_have_text("wstrzymane")
    expect(page.get_by_label("Napisz własnymi słowami, co się dzieje")).to_have_value(words)
    assert findings(page) == []
    page.context.set_offline(False)
    page.reload()
    expect(state(page)).to_have_text("wstrzymane")
    page.get_by_role("button", name="Popraw").click()
    expect(page.get_by_label("Napisz własnymi słowami, co się dzieje")).to_have_value(words)
    page.get_by_label("Napisz własnymi słowami, co się dzieje").fill("Wyrwa przy słupie, poprawiona")
    keep(page)
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
    assert cases_with(running_city, words) == []
    assert len(cases_with(running_city, "Wyrwa przy słupie, poprawiona")) == 1


@pytest.mark.parametrize(
    ("status", "headers", "tag", "words"),
    [
        (413, {}, "nie przyjęto", "za duże"),
        (400, {}, "nie przyjęto", "nie mógł odczytać"),
        (429, {"Retry-After": "1800"}, "czeka na serwer", "wyślemy je po godzinie"),
        (403, {}, "czeka na serwer", "pliki cookie"),
        (502, {}, "czeka na serwer", "błąd 502"),
    ],
)
def test_a_server_that_refuses_loses_nothing_and_the_page_says_why(plain, running_city, status, headers, tag, words):
    page, typed = plain, f"Dziura, a serwer odpowiada {status}"
    page.route(SENDING, lambda route: route.fulfill(status=status, headers=headers, body="nie teraz"))
    page.goto("/zglos/bez-sieci/")
    write(page, typed)
    keep(page)
    expect(state(page)).to_contain_text(tag)
    expect(page.locator("[data-outbox]")).to_contain_text(words)
    assert findings(page) == []
    page.unroute(SENDING)
    page.reload()
    if status == 502:  # sent again by itself
        expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
        return
    expect(state(page)).to_contain_text(tag)
    page.get_by_role("button", name="Popraw").click()
    expect(page.get_by_label("Napisz własnymi słowami, co się dzieje")).to_have_value(typed)
    keep(page)
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
    assert len(cases_with(running_city, typed)) == 1


def test_everything_on_the_device_is_deleted_at_once(plain, running_city):
    page = plain
    page.route(TOKEN, lambda route: route.abort("internetdisconnected"))
    page.goto("/zglos/bez-sieci/")
    for words in ("Pierwsza dziura z tego urządzenia", "Druga dziura z tego urządzenia"):
        write(page, words)
        keep(page)
        expect(page.locator("[data-outbox]")).to_contain_text("czeka na sieć")
        expect(page.get_by_label("Napisz własnymi słowami, co się dzieje")).to_have_value("")
    expect(state(page)).to_have_count(2)
    page.get_by_text("Usuń wszystko z tego urządzenia").click()
    page.get_by_role("button", name="Usuń wszystkie zgłoszenia").click()
    expect(page.get_by_text("Nie ma tu jeszcze żadnego zgłoszenia.")).to_be_visible()
    page.unroute(TOKEN)
    page.reload()
    expect(page.get_by_text("Nie ma tu jeszcze żadnego zgłoszenia.")).to_be_visible()
    assert cases_with(running_city, "Pierwsza dziura z tego urządzenia") == []


def test_a_report_is_filed_without_the_account_that_happens_to_be_signed_in(sign_in, running_city):
    page, words = sign_in("mieszkanka@demo.invalid", "pokaz-miasta-2026"), "Dziura z urządzenia dla wszystkich"
    page.goto("/zglos/bez-sieci/")
    write(page, words)
    keep(page)
    expect(state(page)).to_have_text(re.compile(r"wysłane: ZG-\d{4}-\d{6}"))
    (number,) = cases_with(running_city, words)
    page.goto("/konto/sprawy/")
    expect(page.locator("main")).not_to_contain_text(number)


def test_a_kiosk_keeps_no_worker_and_offers_no_outbox(installed):
    page = installed
    page.goto("/kiosk/")
    page.wait_for_function("async () => (await navigator.serviceWorker.getRegistrations()).length === 0")
    assert page.locator("link[rel=manifest]").count() == 0
    assert page.locator("a[href*='bez-sieci']").count() == 0


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
