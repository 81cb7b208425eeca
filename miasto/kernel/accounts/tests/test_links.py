"""Secret links: what is stored, how they open, how they end."""

import logging
from datetime import timedelta

import pytest
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_safe

from miasto.kernel.accounts import access, links, services
from miasto.kernel.accounts.models import SecretLink
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import PASSWORD, make_person, make_viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.core.ids import uuid7

pytestmark = pytest.mark.django_db


@require_safe
def enter(request: HttpRequest, token: str):
    return access.enter_by_link(request, token, lambda link: "/kto/")


@require_safe
def who(request: HttpRequest):
    viewer = request.viewer
    return JsonResponse(
        {
            "links": sorted(str(one) for one in viewer.links),
            "actor": [viewer.actor.kind, str(viewer.actor.id)],
            "anonymous": viewer.is_anonymous,
            "person": str(viewer.person_id),
        }
    )


urlpatterns = [path("s/<str:token>/", enter), path("kto/", who), path("", include("miasto.config.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_a_token_has_192_random_bits_and_only_its_digest_is_stored():
    tokens = {services.make_link(object_id=uuid7(), purpose="tests", by=SYSTEM) for _number in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {32}
    stored = SecretLink.objects.values_list("digest", flat=True)
    assert {links.digest(token) for token in tokens} == set(stored)
    assert not tokens & set(stored)


def test_a_link_opens_its_object_and_the_token_leaves_the_address(client):
    object_id = uuid7()
    token = services.make_link(object_id=object_id, purpose="tests", by=SYSTEM)
    answer = client.get(f"/s/{token}/")
    assert (answer.status_code, answer["Location"]) == (302, "/kto/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    seen = client.get("/kto/").json()
    assert seen["links"] == [str(object_id)]
    assert seen["anonymous"] is True
    assert seen["actor"] == ["link", str(SecretLink.objects.get().id)]
    assert token not in client.session.serializer().dumps(dict(client.session)).decode()


def test_another_browser_sees_nothing(client, django_assert_num_queries):
    services.make_link(object_id=uuid7(), purpose="tests", by=SYSTEM)
    with django_assert_num_queries(0):
        assert client.get("/kto/").json() == {"links": [], "actor": ["anonymous", "None"], "anonymous": True, "person": "None"}


def test_a_viewer_with_a_link_takes_two_queries(client, django_assert_num_queries):
    client.get(f"/s/{services.make_link(object_id=uuid7(), purpose='tests', by=SYSTEM)}/")
    with django_assert_num_queries(2):
        client.get("/kto/")


def test_a_revoked_link_closes_at_once_also_where_it_is_open(client):
    object_id = uuid7()
    token = services.make_link(object_id=object_id, purpose="tests", by=SYSTEM)
    client.get(f"/s/{token}/")
    assert services.revoke_links(object_id=object_id, purpose="tests", by=SYSTEM) == 1
    assert client.get("/kto/").json()["links"] == []
    assert client.get(f"/s/{token}/").status_code == 404
    assert services.open_link(token) is None
    assert services.revoke_link(link_id=SecretLink.objects.get().id, by=SYSTEM) is False


def test_an_expired_link_is_closed(client):
    until = clock.now() + timedelta(days=1)
    token = services.make_link(object_id=uuid7(), purpose="tests", by=SYSTEM, expires_at=until)
    client.get(f"/s/{token}/")
    with clock.at(until + timedelta(seconds=1)):
        assert services.open_link(token) is None
        assert client.get("/kto/").json()["links"] == []


def test_a_wrong_token_gets_a_page_and_leaves_no_trace_in_the_log(client, caplog):
    token = services.make_link(object_id=uuid7(), purpose="tests", by=SYSTEM)
    with caplog.at_level(logging.DEBUG):
        answer = client.get(f"/s/{token[:-1]}/")
    assert answer.status_code == 404
    assert "Odsyłacz nie działa" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert token[:-1] not in caplog.text


def test_an_open_link_stays_after_the_log_in_of_the_same_browser(client):
    object_id = uuid7()
    person = make_person(password=PASSWORD)
    client.get(f"/s/{services.make_link(object_id=object_id, purpose='tests', by=SYSTEM)}/")
    client.post("/konto/zaloguj/", {"login": person.email, "password": PASSWORD})
    seen = client.get("/kto/").json()
    assert seen["links"] == [str(object_id)]
    assert seen["actor"] == ["person", str(person.id)]
    client.post("/konto/wyloguj/")
    assert client.get("/kto/").json()["links"] == []


def test_an_opened_link_gives_the_session_a_new_key_so_that_a_planted_one_opens_nothing(client):
    client.get(f"/s/{services.make_link(object_id=uuid7(), purpose='tests', by=SYSTEM)}/")
    planted = client.session.session_key
    token = services.make_link(object_id=uuid7(), purpose="tests", by=SYSTEM)
    client.get(f"/s/{token}/")
    kept = client.session.session_key
    assert kept != planted
    assert not client.session.exists(planted)
    client.get(f"/s/{token}/")
    assert client.session.session_key == kept
    assert len(client.get("/kto/").json()["links"]) == 2


def test_a_link_whose_object_is_gone_says_so_and_opens_nothing(rf, client):
    token = services.make_link(object_id=uuid7(), purpose="tests", by=SYSTEM)
    request = rf.get("/")
    request.session = client.session
    assert access.enter_by_link(request, token, lambda link: None).status_code == 404
    assert not links.opened_in(request.session)


def test_several_open_links_are_told_apart(client):
    first, second = uuid7(), uuid7()
    for object_id in (first, second):
        client.get(f"/s/{services.make_link(object_id=object_id, purpose='tests', by=SYSTEM)}/")
    assert set(client.get("/kto/").json()["links"]) == {str(first), str(second)}
    by_object = dict(SecretLink.objects.values_list("object_id", "id"))
    viewer = links_viewer([(first, by_object[first]), (second, by_object[second])])
    assert viewer.actor_for(second) == changes.Actor("link", by_object[second])
    assert viewer.actor == changes.Actor("link", None)


def links_viewer(pairs):
    from miasto.kernel.accounts.viewer import ANONYMOUS, with_links

    return with_links(ANONYMOUS, pairs)


def test_a_session_keeps_at_most_fifty_links():
    session = {}
    for _number in range(60):
        links.remember(session, SecretLink(id=uuid7()))
    assert len(session[links.SESSION_KEY]) == 50


def test_making_and_revoking_is_in_the_audit_of_the_object_without_the_token():
    viewer, object_id = make_viewer(), uuid7()
    token = services.make_link(object_id=object_id, purpose="tests", by=viewer)
    services.revoke_links(object_id=object_id, purpose="tests", by=viewer)
    history = changes.history(object_id)
    assert [row.action for row in history] == ["accounts.link_made", "accounts.link_revoked"]
    assert all(token not in str(row.data) and links.digest(token) not in str(row.data) for row in history)
