"""Every page of the platform in a real browser: accessible, narrow enough, of one structure, silent in the console.

The addresses are compared with the URL resolver, so a page that nobody looks at here fails the first test by its route.
"""

import base64
import hashlib
import hmac
import re
import struct
import time
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Page, expect

from miasto.kernel.ui.views import server_error
from tests.browser.addresses import (
    ADMINISTRATOR,
    ADMINISTRATORS,
    CENTRE,
    CENTRES,
    CLERK,
    CLERKS,
    COMMITTEE,
    COMMITTEES,
    CONSULTANT,
    CONSULTANTS,
    COORDINATOR,
    COORDINATORS,
    EDITOR,
    EDITORS,
    ENTRANCE,
    KEEPER,
    KEEPERS,
    NOWHERE,
    OFFICER,
    OFFICERS,
    OWN,
    PUBLIC,
    RESIDENT,
    SUPERVISOR,
    SUPERVISORS,
    WALKED,
)
from tests.browser.axe import findings
from tests.browser.no_pages import NOT_PAGES, PARTS_OF_PAGES
from tests.browser.pictures import photo
from tests.browser.samples import sample_of
from tests.browser.steps import to_contact
from tests.browser.visits import STRUCTURE, STYLED, Visitor

PASSWORD = "pokaz-miasta-2026"


@pytest.fixture(scope="module")
def sample(running_city) -> dict:
    """What the demo city holds for the parameters in addresses."""
    return sample_of(running_city)


def routes(patterns=None, prefix: str = ""):
    """The route of each address, as ``resolve(…).route`` names it."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern).removeprefix("^")


def routes_of(addresses) -> set[str]:
    names = ("call_id", "case_id", "street_id", "unit_id", "person_id", "conversation_id", "letter", "body_id", "rule_id")
    names += ("process_id", "document_id", "version_id", "meeting_id", "panel_id", "session_id", "issue_id", "sent_issue_id")
    names += ("live_id", "live_question_id", "live_words_id", "request_id")
    slugs = ("slug", "ended_slug", "planning_slug", "panel_slug", "panel_open", "live_code", "live_ended")
    names += ("election_id", "point_id", "draft_id")
    names += ("survey_id",)
    slugs += ("survey_slug", "survey_ended", "survey_page", "survey_question")
    names += ("edition_id", "edition_past_id", "project_id")
    slugs += ("edition", "edition_past")
    names += ("petition_joint", "alert_id", "alert_rule", "file_import", "report_id")
    slugs += ("request_open", "request_answered")
    slugs += ("air_station", "gauge")
    values = dict.fromkeys(names, NOWHERE) | dict.fromkeys(slugs, "x")
    values |= {
        "number": "ZG-2026-000001",
        "petition": "PE-2026-000001",
        "last_year": 2025,
        "month": "2026-05",
        "template_id": 1,
        "project_number": 1,
        "series": 1,
        "report_period": "2026-05",
        "retention": 1,
        **dict.fromkeys(("idea_gathering", "idea_examined", "idea_done", "idea_revised"), 1),
    }
    filled = [one.format(**values) for one in addresses]
    return {resolve(one.split("?")[0]).route for one in filled}


def test_no_page_is_forgotten_here():
    visited = routes_of(
        (
            *PUBLIC,
            *ENTRANCE,
            *OWN,
            *CLERKS,
            *SUPERVISORS,
            *CENTRES,
            *ADMINISTRATORS,
            *EDITORS,
            *COORDINATORS,
            *CONSULTANTS,
            *COMMITTEES,
            *OFFICERS,
            *KEEPERS,
            *WALKED,
        )
    )
    exempt = routes_of((*NOT_PAGES, *PARTS_OF_PAGES))
    forgotten = sorted(set(routes()) - visited - exempt)
    assert not forgotten, f"pages that tests/browser/test_every_page.py does not look at: {forgotten}"
    assert not visited & exempt


SPOILED = """<!doctype html><html lang="en"><head><title>Strona</title></head><body><main>
<h1>Jeden</h1><h1>Dwa</h1><img src="/logo.svg"><p style="color: red">Czerwone</p>
<div class="wide"><svg width="900" height="9"></svg></div><img alt="" src="http://127.0.0.2:9/obrazek.png">
<script>document.title = "x"</script></main></body></html>"""


def test_the_visitor_finds_each_kind_of_fault(visitor):
    person = visitor()
    headers = {"content-type": "text/html", "content-security-policy": "default-src 'self'; img-src *"}
    person.page.route("**/zepsuta/", lambda route: route.fulfill(body=SPOILED, headers=headers))
    person.go("/zepsuta/")
    told = person.report()
    faults = (
        "2 first headings",
        "title: Strona",
        "language: 'en'",
        "inline style: <p style",
        "wider than a phone",
        "image-alt",
    )
    for fault in (*faults, "asks another server: http://127.0.0.2", "Content Security Policy", "dark, phone: image-alt"):
        assert fault in told, f"{fault} in {told}"
    person.go("/konto/")
    assert "leads to /konto/zaloguj/" in person.report()


def test_what_is_exempt_is_no_page(sign_in, running_city):
    """With the right to everything, or with none: none of the exempt addresses answers with a page."""
    asking = [sign_in(ADMINISTRATOR, PASSWORD).request, sign_in(CENTRE, PASSWORD).request]
    pages = []
    for address in NOT_PAGES:
        if "na-zywo" in address:
            continue
        for one in asking:
            answer = one.get(address, max_redirects=0)
            if answer.status == 200 and "text/html" in answer.headers.get("content-type", ""):
                pages.append(address)
    assert pages == []


def drawn(page: Page) -> None:
    """Wait for the map, which may be what writes to the console."""
    if page.locator("[data-map]").count():
        page.locator("[data-map][data-ready='1']").first.wait_for(timeout=60_000)


def look_at(visitor: Visitor, addresses, sample: dict) -> None:
    for address in addresses:
        visitor.go(address.format(**sample), then=drawn if "mapa" in address.removesuffix("lista/") else None)
    assert not visitor.found, visitor.report()


def test_the_public_pages(visitor, sample):
    look_at(visitor(), PUBLIC, sample)


def test_the_pages_of_cases_in_each_stage(visitor, running_city):
    person = visitor()
    rows = running_city.sql(
        "SELECT DISTINCT ON (stage) number FROM cases_case WHERE public ORDER BY stage, text_state, number DESC"
    )
    rows += running_city.sql(
        "SELECT c.number FROM cases_case c JOIN cases_casefile f ON f.case_id = c.id "
        "WHERE c.public AND f.state = 'approved' AND f.phase = 'resolved' LIMIT 1"
    )
    assert len(rows) > 6
    look_at(person, [f"/sprawy/{number}/" for (number,) in rows], {})


def test_the_pages_of_each_kind_of_object(visitor, running_city):
    person = visitor()
    rows = running_city.sql("SELECT DISTINCT ON (kind) kind, id FROM places_objectindex")
    pages = [urlsplit(person.page.request.get(f"/obiekty/{one}/").url).path for (_kind, one) in rows]
    assert sum(page.startswith("/obiekty/") for page in pages) >= 5
    look_at(person, pages, {})


def test_the_entrance(visitor, sample):
    look_at(visitor(), ENTRANCE, sample)


def test_the_pages_of_a_residents_account(visitor, sample):
    look_at(visitor(RESIDENT), OWN, sample)


def open_everything(page: Page) -> None:
    page.evaluate(
        "for (const one of document.querySelectorAll('main details')) { one.removeAttribute('name'); one.open = true; }"
    )


def test_the_pages_of_a_clerk_with_everything_open_with_an_error_and_after_somebody_was_faster(visitor, sample):
    person = visitor(CLERK)
    look_at(person, CLERKS, sample)
    address = f"/panel/sprawy/{sample['number']}/"
    person.go(address, then=open_everything)
    page = person.page
    page.goto(address)
    step = page.locator("#krok-resolve")
    step.locator("summary").click()
    step.get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    person.look("the work page with an error")

    page.goto(address)
    page.locator("#krok-resolve summary").click()
    page.locator("#krok-resolve").get_by_label("Odpowiedź dla wszystkich").fill("Naprawione.")
    page.locator("#krok-resolve").get_by_label("Dlaczego nie ma zdjęcia?").fill("Ciemno.")
    page.evaluate(
        "for (const one of document.querySelectorAll('#krok-resolve [name=version]')) one.value = Number(one.value) - 1"
    )
    page.locator("#krok-resolve").get_by_role("button", name="Oznacz jako rozwiązane").click()
    expect(page.locator("#konflikt")).to_be_visible()
    person.look("the work page after somebody was faster", status=409)
    assert not person.found, person.report()


def test_the_pages_of_a_supervisor_and_of_the_contact_centre(visitor, sample):
    look_at(visitor(SUPERVISOR), SUPERVISORS, sample)
    look_at(visitor(CENTRE), CENTRES, sample)


def test_the_pages_of_a_coordinator(visitor, sample):
    look_at(visitor(COORDINATOR), COORDINATORS, sample)


def test_the_pages_of_an_administrator(visitor, sample):
    look_at(visitor(ADMINISTRATOR), ADMINISTRATORS, sample)


def test_the_pages_of_an_editor(visitor, sample):
    look_at(visitor(EDITOR), EDITORS, sample)


def test_the_pages_of_who_leads_consultations(visitor, sample):
    look_at(visitor(CONSULTANT), CONSULTANTS, sample)


def test_the_pages_of_a_committee_and_of_a_voting_point(visitor, sample):
    look_at(visitor(COMMITTEE), COMMITTEES, sample)
    look_at(visitor(OFFICER), OFFICERS, sample)


def test_the_pages_of_a_keeper_of_measurements(visitor, sample):
    look_at(visitor(KEEPER), KEEPERS, sample)


def test_a_link_to_nothing_of_a_consultation(visitor):
    person = visitor()
    person.go("/idea/s/nie-ma-takiego/", status=404)
    person.go("/newsletter/s/nie-ma-takiego/", status=404)
    person.go("/newsletter/u/nie-ma-takiego/", status=404)
    assert not person.found, person.report()


def test_the_suggestions_of_the_search_while_they_are_open(visitor):
    person = visitor()

    def type_in(page: Page) -> None:
        page.locator("#szukaj").fill("sienk")
        page.locator("[role=option]").first.wait_for()

    person.go("/szukaj/", then=type_in)
    assert not person.found, person.report()


def danger(city) -> str:
    """The id of the first dangerous category."""
    return str(
        city.sql("SELECT id FROM cases_category WHERE danger AND active AND parent_id IS NOT NULL ORDER BY slug LIMIT 1")[0][0]
    )


def onward(person: Visitor, button: str) -> None:
    person.page.get_by_role("button", name=button).click()


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
    page.locator("#id_place").fill("Sienkiewicza")
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
    page.locator("#id_place").fill("Sienkiewicza 1")
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
    page.locator("main input[type=password]").fill(PASSWORD)
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
    second.page.get_by_label("Hasło").fill(PASSWORD)
    second.page.locator("main").get_by_role("button", name="Zaloguj").click()
    second.page.wait_for_url("**/zaloguj/kod/**")
    second.look()
    seen = {*person.seen, *second.seen}
    assert {one for one in WALKED if "/konto/" in one} <= seen
    assert not person.found | second.found, person.report() + second.report()


def test_the_pages_of_errors(visitor, running_city):
    person = visitor(RESIDENT)
    page = person.page
    person.go("/nie-ma-takiej-strony/", status=404)
    person.go("/panel/", status=403)
    person.go("/sprawy/?numer=ZG-1999-000001", status=404)
    page.goto("/ustawienia/")
    page.evaluate(
        """() => {
            const form = document.querySelector("main form");
            for (let n = 0; n < 1500; n += 1) {
                form.append(Object.assign(document.createElement("input"), {name: "pole" + n, type: "hidden"}));
            }
            form.requestSubmit();
        }"""
    )
    page.locator(".ui-error-page").wait_for()
    person.look("a form that is no form", status=400)
    page.goto("/sprawy/?numer=ZG-1999-000001")
    running_city.sql("UPDATE core_ratelimit SET count = 1000000000")
    person.go("/sprawy/?numer=ZG-1999-000001", status=429)
    running_city.sql("DELETE FROM core_ratelimit")
    assert not person.found, person.report()


def test_the_page_of_a_failure_of_the_server(page, running_city):
    served = server_error(RequestFactory().get("/")).content.decode()
    page.route("**/awaria/", lambda route: route.fulfill(status=500, content_type="text/html; charset=utf-8", body=served))
    page.goto("/awaria/")
    structure = page.evaluate(STRUCTURE)
    assert structure["headings"] == 1
    assert structure["lang"] == "pl"
    assert not STYLED.search(served)
    assert findings(page) == []
