"""Requests to other servers reach no network of our own, and neither length nor slowness is without a limit."""

import time

import pytest

from miasto.kernel.core import outbound
from miasto.kernel.core.testing import listening


def document(body=b"found", status=200, **headers):
    return lambda asked: (status, {"Content-Type": "text/plain", **headers}, body)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:5432/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.0.1/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/",
        "http://user:password@example.org/",
        "http:///nothing",
        "http://example.org/a b",
        "http://example.org/\r\nHost: other",
        "http://example.org:99999/",
        "http://zażółć.example.org:x/",
        "nonsense",
    ],
)
def test_addresses_of_our_own_network_and_of_other_kinds_are_refused(url):
    with pytest.raises(outbound.Forbidden):
        outbound.fetch(url, most=100, seconds=2)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address):
    assert outbound.is_public(address)


def test_a_document_is_read_from_a_server_that_may_be_asked():
    with listening(document(b"found")) as url:
        answer = outbound.fetch(url, most=100, seconds=5)
    assert (answer.status, answer.body, answer.media_type) == (200, b"found", "text/plain")


def test_a_redirect_into_our_own_network_is_refused():
    with listening(document(b"", 302, Location="http://127.0.0.1:1/secret")) as url:
        with pytest.raises(outbound.Forbidden):
            outbound.fetch(url, most=100, seconds=5)


def test_a_circle_of_redirects_ends():
    with listening(document(b"", 302, Location="/again")) as url:
        with pytest.raises(outbound.Unanswered):
            outbound.fetch(url, most=100, seconds=5)


def test_a_long_document_is_not_read_to_its_end():
    with listening(document(b"x" * 1000)) as url:
        with pytest.raises(outbound.Unanswered):
            outbound.fetch(url, most=999, seconds=5)


def test_a_slow_server_is_left():
    def slow(asked):
        time.sleep(1.5)
        return 200, {}, b"late"

    with listening(slow) as url:
        with pytest.raises(outbound.Unanswered):
            outbound.fetch(url, most=100, seconds=0.3)


def test_a_server_that_is_not_there_was_not_asked(monkeypatch):
    monkeypatch.setenv("MIASTO_OUTBOUND_HOSTS", "127.0.0.1:1")
    with pytest.raises(outbound.NotSent):
        outbound.send("http://127.0.0.1:1/", b"x", media_type="text/plain")


def test_a_post_carries_its_body_and_type_and_follows_no_redirect():
    seen = []

    def moved(asked):
        seen.append((asked.method, asked.path, asked.headers["Content-Type"], asked.body))
        return 307, {"Location": "/other"}, b""

    with listening(moved) as url:
        assert outbound.send(f"{url}/a?b=c", b"body", media_type="text/plain").status == 307
    assert seen == [("POST", "/a?b=c", "text/plain", b"body")]
