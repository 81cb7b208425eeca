import errno
import json
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from miasto.kernel.core import marks
from miasto.kernel.core.city import city
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.ui import AccountPage, HomeTask, NavItem, PanelPage
from miasto.kernel.ui import views
from miasto.kernel.ui.context import panel_pages
from miasto.kernel.ui.reader import COOKIE, Reader

PUBLIC = ["/", "/dostepnosc/", "/prywatnosc/", "/ustawienia/", "/robots.txt", "/manifest.webmanifest", "/barwy.css"]


@dataclass(frozen=True)
class Somebody:
    """A viewer as this layer knows one: the engine of accounts stands above it."""

    is_anonymous: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)
    person_id: UUID | None = None

    def holds(self, permission):
        return permission in self.permissions


def ask(path, viewer, view):
    request = RequestFactory().get(path)
    request.viewer = viewer
    request.session = {}
    return view(request)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
def test_everybody_may_open_the_common_pages(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_the_home_page_asks_the_database_little(client, django_assert_max_num_queries):
    client.get("/")
    with django_assert_max_num_queries(12):
        client.get("/")


@pytest.mark.django_db
def test_a_page_says_that_its_data_are_made_up_only_where_they_are(client):
    assert "zmyślone" not in client.get("/dostepnosc/").content.decode()
    marks.put("demo", True)
    assert "zmyślone" in client.get("/dostepnosc/").content.decode()


@pytest.mark.django_db
def test_a_statement_of_accessibility_has_the_parts_that_the_law_names(client):
    html = client.get("/dostepnosc/").content.decode()
    parts = (
        "a11y-deklaracja",
        "a11y-podmiot",
        "a11y-url",
        "a11y-status",
        "a11y-kontakt",
        "a11y-email",
        "a11y-telefon",
        "a11y-procedura",
        "a11y-architektura",
    )
    assert [part for part in parts if f'id="{part}"' not in html] == []


@pytest.mark.django_db
def test_the_readers_choice_is_remembered_without_javascript(client):
    answer = client.post("/ustawienia/", {"text": "150", "theme": "dark", "contrast": "high", "next": "/dostepnosc/"})
    assert (answer.status_code, answer["Location"]) == (302, "/dostepnosc/")
    html = client.get("/dostepnosc/").content.decode()
    assert 'data-theme="dark" data-contrast="high" data-text="150"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", "zielony.x.9", "dark", '"><script>', "dark.high.150.wiecej"])
def test_a_broken_cookie_of_the_reader_does_no_harm(value):
    client = Client()
    client.cookies[COOKIE] = value
    answer = client.get("/dostepnosc/")
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


@pytest.mark.django_db
def test_a_wrong_choice_is_refused_with_a_summary(client):
    answer = client.post("/ustawienia/", {"text": "900", "theme": "dark", "contrast": "high"})
    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    assert "<title>Błąd:" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_the_way_back_never_leaves_the_site(client, target):
    answer = client.post("/ustawienia/", {"text": "100", "theme": "system", "contrast": "system", "next": target})
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_the_language_changes_by_a_plain_form(client):
    answer = client.post("/jezyk/", {"language": "en", "next": "/dostepnosc/"})
    assert answer.status_code == 302
    assert '<html lang="en"' in client.get("/dostepnosc/").content.decode()


@pytest.mark.django_db
def test_a_visitor_of_the_panel_is_asked_to_sign_in(client):
    answer = client.get("/panel/")
    assert answer.status_code == 302
    assert "next=/panel/" in answer["Location"]


@pytest.mark.parametrize(("path", "view"), [("/panel/", views.panel), ("/panel/wzornik/", views.styleguide)])
def test_a_resident_is_refused_in_the_panel(path, view):
    with pytest.raises(PermissionDenied):
        ask(path, Somebody(), view)


def test_a_menu_of_staff_holds_only_what_the_person_may_open():
    assert panel_pages(Somebody(is_anonymous=True, permissions=frozenset({"ui.styleguide"}))) == []
    assert [page.key for page in panel_pages(Somebody(permissions=frozenset({"ui.styleguide"})))] == ["ui.styleguide"]


@pytest.mark.django_db
def test_the_style_guide_draws_every_part():
    html = ask("/panel/wzornik/", Somebody(permissions=frozenset({"ui.styleguide"})), views.styleguide).content.decode()
    parts = (
        "ui-card",
        "ui-task",
        "ui-timeline",
        "ui-table--cards",
        "ui-pagination",
        "ui-empty",
        "ui-skeleton",
        "ui-combo",
        "data-map",
        "govuk-error-summary",
    )
    assert [part for part in parts if part not in html] == []


def test_every_address_of_a_menu_exists():
    items = [item for kind in (NavItem, HomeTask, PanelPage, AccountPage) for item in registry().all(kind)]
    assert all(reverse(item.url_name).startswith("/") for item in items)


def test_the_style_sheet_of_the_city_changes_its_address_with_its_colours(client):
    answer = client.get("/barwy.css")
    assert answer["Content-Type"].startswith("text/css")
    assert "immutable" in answer["Cache-Control"]
    assert "--city-brand:#" in answer.content.decode()


def test_crawlers_are_told_to_leave_private_pages_alone(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert {"Disallow: /panel/", "Disallow: /konto/", "Disallow: /sprawy/s/"} <= set(lines)


def test_the_manifest_names_the_platform_and_its_mark(client):
    body = json.loads(client.get("/manifest.webmanifest").content)
    assert body["name"] == city().platform_name
    assert client.get(body["icons"][0]["src"]).status_code in (200, 302)


@pytest.mark.django_db
def test_an_unknown_address_gets_a_page_of_our_own(client):
    answer = client.get("/nie-ma-takiej-strony/")
    assert answer.status_code == 404
    assert "Nie ma takiej strony" in answer.content.decode()


def test_the_page_of_a_fault_needs_neither_database_nor_request():
    html = render_to_string("500.html", {"platform": city().platform_name})
    assert "Coś się zepsuło" in html
    assert views.server_error(RequestFactory().get("/")).status_code == 500


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("server closed the connection"), 503, "przez chwilę nie odpowiada"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "skończyło się miejsce"),
        (OSError(errno.ENOENT, "No such file"), 500, "Coś się zepsuło"),
    ],
)
def test_what_passes_by_itself_is_said_to_pass(error, status, words):
    try:
        raise error
    except (OSError, OperationalError):
        answer = views.server_error(RequestFactory().get("/"))
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert ("Retry-After" in answer) == (status != 500)


@pytest.mark.django_db
def test_the_pages_of_refusals_say_what_can_be_done():
    request = RequestFactory().get("/")
    request.viewer = Somebody(is_anonymous=True)
    request.session = {}
    assert "Zaloguj się" in views.forbidden(request).content.decode()
    assert views.bad_request(request).status_code == 400
    assert "za 3 min" in render_to_string("429.html", {"minutes": 3}, request)


def test_an_unknown_value_of_the_cookie_falls_back_alone():
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = "dark.zly.200"
    assert Reader.of(request) == Reader("dark", "system", "200")


def test_pages_are_polish_unless_the_reader_wants_otherwise():
    assert settings.LANGUAGE_CODE == "pl"
