"""Every public page of the platform in a real browser: accessible, narrow enough, of one structure, silent in the console.

The addresses are compared with the URL resolver, so a page that nobody looks at fails the first test by its route. The pages of
those who sign in are looked at in test_every_page_signed_in.py, the steps of longer paths in test_every_step.py.
"""

from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Page

from miasto.kernel.ui.views import server_error
from tests.browser.addresses import (
    ADMINISTRATOR,
    ADMINISTRATORS,
    CENTRE,
    CENTRES,
    CLERKS,
    COMMITTEES,
    CONSULTANTS,
    COORDINATORS,
    EDITORS,
    ENTRANCE,
    KEEPERS,
    NOWHERE,
    OFFICERS,
    OWN,
    PUBLIC,
    RESIDENT,
    SUPERVISORS,
    WALKED,
)
from tests.browser.axe import findings
from tests.browser.conftest import DEMO_PASSWORD
from tests.browser.no_pages import NOT_PAGES, PARTS_OF_PAGES
from tests.browser.visits import STRUCTURE, STYLED, look_at

pytestmark = pytest.mark.common_city


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
<h1>Jeden</h1><h1>Dwa</h1><img src="/logo.svg"><p style="color: red">Czerwone</p><font color="#ddd">Blade</font>
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
        "light: image-alt",
        "light: color-contrast",
        "dark, phone: color-contrast",
    )
    for fault in (*faults, "asks another server: http://127.0.0.2", "Content Security Policy"):
        assert fault in told, f"{fault} in {told}"
    person.go("/konto/")
    assert "leads to /konto/zaloguj/" in person.report()


def test_what_is_exempt_is_no_page(sign_in, running_city):
    """With the right to everything, or with none: none of the exempt addresses answers with a page."""
    asking = [sign_in(ADMINISTRATOR, DEMO_PASSWORD).request, sign_in(CENTRE, DEMO_PASSWORD).request]
    pages = []
    for address in NOT_PAGES:
        if "na-zywo" in address:
            continue
        for one in asking:
            answer = one.get(address, max_redirects=0)
            if answer.status == 200 and "text/html" in answer.headers.get("content-type", ""):
                pages.append(address)
    assert pages == []


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


def test_a_link_to_nothing_of_a_consultation(visitor):
    person = visitor()
    person.go("/idea/s/nie-ma-takiego/", status=404)
    person.go("/newsletter/s/nie-ma-takiego/", status=404)
    person.go("/newsletter/u/nie-ma-takiego/", status=404)
    assert not person.found, person.report()


def test_the_suggestions_of_the_search_while_they_are_open(visitor):
    person = visitor()

    def type_in(page: Page) -> None:
        page.locator("#szukaj[role=combobox]").fill("sienk")
        page.locator("[role=option]").first.wait_for()

    person.go("/szukaj/", then=type_in)
    assert not person.found, person.report()


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
