"""The middleware and the gate, in synchronous and asynchronous views."""

import asyncio

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, JsonResponse
from django.test import AsyncClient
from django.urls import include, path

from miasto.kernel.accounts.access import login_required, panel
from miasto.kernel.accounts.middleware import ViewerMiddleware
from miasto.kernel.accounts.testing import make_person, make_staff
from miasto.kernel.accounts.viewer import Viewer

BACKEND = "django.contrib.auth.backends.ModelBackend"


def told(viewer) -> JsonResponse:
    return JsonResponse({"person": str(viewer.person_id), "viewer": isinstance(viewer, Viewer)})


def plain(request: HttpRequest):
    return JsonResponse({})


def sync_view(request: HttpRequest):
    return told(request.viewer)


async def async_view(request: HttpRequest):
    return told(await request.aviewer())


urlpatterns = [
    path("nic/", plain),
    path("sync/", sync_view),
    path("async/", async_view),
    path("own/", login_required(async_view)),
    path("staff/", panel("accounts.manage")(async_view)),
    path("", include("miasto.config.urls")),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_a_page_that_asks_for_no_viewer_makes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/nic/")


def test_a_visitor_without_a_session_makes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/sync/").json() == {"person": "None", "viewer": True}


def test_a_person_takes_three_queries_session_account_and_roles(client, django_assert_num_queries):
    person = make_person()
    client.force_login(person, backend=BACKEND)
    with django_assert_num_queries(3):
        assert client.get("/sync/").json()["person"] == str(person.id)


def test_the_middleware_is_asynchronous_where_the_next_one_is():
    async def following(request):
        return None

    assert iscoroutinefunction(ViewerMiddleware(following))
    assert not iscoroutinefunction(ViewerMiddleware(lambda request: None))


@pytest.mark.django_db(transaction=True)
def test_asynchronous_views_are_gated_like_the_others():
    admin, resident = make_staff("accounts.admin"), make_person()

    async def visit(person, url):
        client = AsyncClient()
        if person is not None:
            await client.aforce_login(person, backend=BACKEND)
        return await client.get(url)

    def status(person, url):
        return asyncio.run(visit(person, url)).status_code

    assert status(None, "/async/") == 200
    assert status(None, "/own/") == 302
    assert status(resident, "/own/") == 200
    assert status(None, "/staff/") == 302
    assert status(resident, "/staff/") == 403
    assert status(admin, "/staff/") == 200
