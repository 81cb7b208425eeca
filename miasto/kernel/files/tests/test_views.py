"""Signed links: who gets a file, and that a browser never runs it."""

from datetime import timedelta

import pytest
from django.template import Context, Template

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.files import services, signing
from miasto.kernel.files.testing import make_file

pytestmark = pytest.mark.django_db


def test_a_signed_link_gives_the_picture_without_a_query(client, django_assert_num_queries):
    url = services.link(make_file().id, "thumb")
    with django_assert_num_queries(0):
        answer = client.get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")


def test_a_picture_is_never_served_as_active_content(client):
    answer = client.get(services.link(make_file().id, "large"))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer


def test_the_cache_is_private_and_ends_with_the_link(client, tuesday_noon):
    answer = client.get(services.link(make_file().id))
    assert answer["Cache-Control"] == "private, max-age=7200, immutable"


def test_a_known_picture_is_not_sent_again_and_head_sends_no_body(client):
    url = services.link(make_file().id)
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head["Content-Length"]) == len(first.content)
    assert client.post(url).status_code == 405


def test_the_link_stays_the_same_within_its_window_and_expires_after_it(client, tuesday_noon):
    file = make_file()
    url = services.link(file.id)
    with clock.at(tuesday_noon + timedelta(minutes=59)):
        assert services.link(file.id) == url
        assert client.get(url).status_code == 200
    with clock.at(tuesday_noon + timedelta(minutes=121)):
        assert client.get(url).status_code == 404


def test_a_changed_link_of_any_part_is_not_found(client):
    file, other = make_file(), make_file()
    _empty, _files, file_id, variant, expiry, signature = services.link(file.id, "thumb").split("/")
    for parts in (
        (str(other.id), variant, expiry, signature),
        (file_id, "large", expiry, signature),
        (file_id, variant, str(int(expiry) + 3600), signature),
        (file_id, variant, expiry, signature[:-1] + ("A" if signature[-1] != "A" else "B")),
        (file_id, variant, expiry, "ł"),
        (file_id, "original", expiry, signing.signature(file_id, "original", int(expiry))),
        (str(uuid7()), variant, expiry, signature),
    ):
        assert client.get("/pliki/" + "/".join(parts)).status_code == 404, parts


def test_a_removed_file_is_not_found_though_the_link_is_right(client, django_capture_on_commit_callbacks):
    file = make_file()
    url = services.link(file.id)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove(file=file, by=services.SYSTEM)
    assert client.get(url).status_code == 404


def test_an_unknown_variant_is_an_error_of_the_programmer():
    with pytest.raises(ValueError, match="thumb or large"):
        services.link(uuid7(), "original")


def test_the_template_tag_gives_the_same_address():
    file_id = uuid7()
    shown = Template('{% load files %}{% file_url id "large" %}').render(Context({"id": file_id}))
    assert shown == services.link(file_id, "large")
