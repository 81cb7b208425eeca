"""The door to Wagtail: who may enter, which of its pages exist, under which policy, and what an edit tells the platform."""

import json

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.content.editor import OPEN, URLCONF
from miasto.kernel.content.models import Editor, Service, Term
from miasto.kernel.content.selectors import answers
from miasto.kernel.content.testing import make_service
from miasto.kernel.core import changes

pytestmark = pytest.mark.django_db
LIST = "/panel/tresci/karty/"


def client_of(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def editor():
    return client_of(make_staff("content.editor"))


@pytest.fixture
def service():
    return make_service(slug="dowod", title="Dowód osobisty", keywords=["nowy dowód"], steps=["Przyjdź", "Odbierz"])


def form_of(service, **changed):
    """What Wagtail's form sends for a page."""
    fields = ("title", "line", "who", "place", "when", "duration", "cost", "appeal")
    values = {name: getattr(service, name) for name in (*fields, *(f"{name}_en" for name in fields))}
    values |= {"topic": service.topic_id, "unit": service.unit_id or "", "slug": service.slug, "keywords": service.keywords}
    values |= {"legal": "", "online_url": "", "related": "", "reviewed_on": "", "next_review_on": ""}
    values |= {"body-count": "0", "body_en-count": "0"}
    return {**values, **changed}


@pytest.mark.parametrize(
    "address", ["/panel/tresci/", LIST, "/panel/tresci/karty/add/", "/panel/tresci/users/", "/panel/tresci/x/"]
)
def test_an_anonymous_visitor_is_led_to_our_log_in(address):
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/konto/zaloguj/")


@pytest.mark.parametrize("address", ["/panel/tresci/", LIST, "/panel/tresci/karty/add/", "/panel/tresci/pages/"])
@pytest.mark.parametrize("role", ["", "cases.clerk", "cases.supervisor", "accounts.admin"])
def test_nobody_without_the_permission_enters(address, role):
    person = make_staff(role, make_unit() if role.startswith("cases") else None) if role else make_person()
    assert client_of(person).get(address).status_code == 403
    assert client_of(person).post(address).status_code == 403


def wagtail_routes(patterns=None, prefix="", namespace=""):
    for entry in patterns if patterns is not None else get_resolver(URLCONF).url_patterns[:-1]:
        text = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from wagtail_routes(
                entry.url_patterns, text, f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            )
        elif isinstance(entry, URLPattern):
            yield text, f"{namespace}{entry.name}"


def test_every_page_of_wagtails_that_is_not_needed_answers_404_to_an_editor_too(editor, service):
    closed = [(route, name) for route, name in wagtail_routes() if name not in OPEN and "(?P" not in route and "^" not in route]
    assert len(closed) > 80
    assert any("workflows/" in route for route, _name in closed)
    for route, _name in closed:
        filled = "/" + "".join(
            part.split(">", 1)[-1] if index else part for index, part in enumerate(route.replace("<", "1<").split("<"))
        )
        for answer in (editor.get(filled), editor.post(filled)):
            assert answer.status_code == 404, filled


def test_wagtail_has_no_addresses_of_its_own_among_the_platforms():
    names = {str(entry.pattern) for entry in get_resolver().url_patterns}
    assert not {name for name in names if "wagtail" in name}
    with pytest.raises(Exception, match="not a valid view function"):
        reverse("wagtailadmin_home")


def test_the_editors_policy_allows_inline_script_and_every_other_page_keeps_the_strict_one(editor, service):
    inside = editor.get(LIST)["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline'" in inside
    assert "default-src 'none'" in inside
    assert "frame-ancestors 'self'" in inside
    for address in (
        "/",
        "/panel/",
        "/poradnik/",
        "/poradnik/dowod/",
        "/panel/godziny/",
        "/panel/poradnik/opinie/",
        "/konto/zaloguj/",
    ):
        outside = editor.get(address)["Content-Security-Policy"]
        assert "unsafe" not in outside, address
        assert "frame-ancestors 'none'" in outside
    assert "unsafe" not in Client().get(LIST)["Content-Security-Policy"]
    assert "unsafe" not in client_of(make_person()).get(LIST)["Content-Security-Policy"]


def test_the_editor_shows_its_pages_and_no_menu_of_users_groups_or_settings(editor, service):
    page = editor.get(LIST).content.decode()
    assert "Dowód osobisty" in page
    assert editor.get(f"/panel/tresci/karty/edit/{service.id}/").status_code == 200
    assert editor.get("/panel/tresci/karty/add/").status_code == 200
    assert "action-publish" in editor.get(f"/panel/tresci/karty/edit/{service.id}/").content.decode()
    assert editor.get(f"/panel/tresci/karty/history/{service.id}/").status_code == 200
    assert editor.get(f"/panel/tresci/karty/delete/{service.id}/").status_code == 404
    sidebar = page.split('id="wagtail-sidebar-props"')[1].split("</script>")[0]
    for closed in (
        "/panel/tresci/users",
        "/panel/tresci/groups",
        "/panel/tresci/pages/",
        "/panel/tresci/reports",
        "collections",
    ):
        assert closed not in sidebar
    assert "gravatar" not in page


def test_a_draft_is_for_editors_alone_and_publishing_reaches_page_answers_and_audit(editor, service, run_jobs):
    answer = editor.post(f"/panel/tresci/karty/edit/{service.id}/", form_of(service, title="Dowód i legitymacja"))
    assert answer.status_code == 302
    assert "Dowód i legitymacja" not in Client().get("/poradnik/dowod/").content.decode()
    assert answers("legitymacja") == []
    changed = form_of(service, title="Dowód i legitymacja", **{"action-publish": "1"})
    assert editor.post(f"/panel/tresci/karty/edit/{service.id}/", changed).status_code == 302
    assert "Dowód i legitymacja" in Client().get("/poradnik/dowod/").content.decode()
    assert answers("legitymacji")[0].url == "/poradnik/dowod/"
    actions = [one.action for one in changes.history(service.id)]
    assert actions == ["content.service_imported", "content.service_saved", "content.service_published"]
    run_jobs()
    assert "Dowód i legitymacja" in Client().get("/szukaj/?q=legitymacja").content.decode()


def test_a_new_page_is_a_draft_until_it_is_published_and_unpublishing_hides_it(editor, service):
    values = form_of(service, title="Nowa karta o hulajnogach", slug="hulajnogi")
    assert editor.post("/panel/tresci/karty/add/", values).status_code == 302
    made = Service.objects.get(slug="hulajnogi")
    assert not made.live
    assert Client().get("/poradnik/hulajnogi/").status_code == 404
    seen = editor.get("/poradnik/hulajnogi/")
    assert (seen.status_code, "podgląd szkicu" in seen.content.decode()) == (200, True)
    editor.post(f"/panel/tresci/karty/edit/{made.id}/", {**values, "action-publish": "1"})
    assert Client().get("/poradnik/hulajnogi/").status_code == 200
    assert editor.post(f"/panel/tresci/karty/unpublish/{made.id}/").status_code == 302
    assert Client().get("/poradnik/hulajnogi/").status_code == 404
    assert answers("hulajnoga") == []
    assert [one.action for one in changes.history(made.id)] == [
        "content.service_saved",
        "content.service_published",
        "content.service_unpublished",
    ]


def test_an_edit_that_the_audit_cannot_take_is_no_edit(editor, service, monkeypatch):
    from miasto.kernel.content import services

    def fail(**_values):
        raise RuntimeError("the audit is full")

    monkeypatch.setattr(services.changes, "record", fail)
    with pytest.raises(RuntimeError):
        editor.post(f"/panel/tresci/karty/edit/{service.id}/", form_of(service, title="Inny", **{"action-publish": "1"}))
    assert Service.objects.get(pk=service.pk).title == "Dowód osobisty"
    assert Term.objects.filter(service=service).exists()


def test_the_structured_body_is_edited_and_previewed(editor, service):
    steps = {"body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "steps", "body-0-id": ""}
    for number, name in enumerate(("Weź numerek", "Podejdź do okienka")):
        key = f"body-0-value-items-{number}"
        steps |= {
            f"{key}-deleted": "",
            f"{key}-order": str(number),
            f"{key}-value-name": name,
            f"{key}-value-text": "",
            f"{key}-id": "",
        }
    steps["body-0-value-items-count"] = "2"
    values = form_of(service, **steps)
    told = editor.post(f"/panel/tresci/karty/preview/{service.id}/", values)
    assert json.loads(told.content)["is_valid"] is True
    framed = editor.get(f"/panel/tresci/karty/preview/{service.id}/?mode=")
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert "unsafe" not in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    preview = framed.content.decode()
    assert "Weź numerek" in preview
    assert "podgląd szkicu" in preview
    editor.post(f"/panel/tresci/karty/edit/{service.id}/", {**values, "action-publish": "1"})
    assert "Podejdź do okienka" in Client().get("/poradnik/dowod/").content.decode()


@pytest.mark.parametrize("slug", ["gdzie", "odpowiedz"])
def test_an_address_that_the_platform_uses_is_refused(editor, service, slug):
    assert editor.post("/panel/tresci/karty/add/", form_of(service, slug=slug)).status_code == 200
    assert not Service.objects.filter(slug=slug).exists()


def test_script_in_a_text_is_shown_and_not_run(editor, service):
    bad = "<script>alert(1)</script>"
    editor.post(f"/panel/tresci/karty/edit/{service.id}/", form_of(service, line=bad, who=bad, **{"action-publish": "1"}))
    page = Client().get("/poradnik/dowod/").content.decode()
    assert bad not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_an_editor_holds_in_wagtail_is_service_pages_and_nothing_else():
    editor = Editor.objects.get(pk=make_staff("content.editor").pk)
    assert editor.has_perms(["wagtailadmin.access_admin"])
    assert editor.has_perm("content.publish_service")
    assert not editor.has_perm("content.delete_service")
    assert not editor.has_perm("wagtailcore.add_page")
    assert not editor.has_perm("auth.change_group")
    assert not editor.is_superuser


def test_the_form_is_guarded_against_forged_requests(service):
    person = make_staff("content.editor")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/panel/tresci/karty/edit/{service.id}/", form_of(service)).status_code == 403
