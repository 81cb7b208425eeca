"""No token of an address reaches the log."""

import logging

import pytest
from django.conf import settings

from miasto.kernel.accounts import links
from miasto.kernel.accounts.logs import HideTokens
from miasto.kernel.core.ids import uuid7


def logged(text: str, *args: object) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, text, args, None)
    assert HideTokens().filter(record)
    return record.getMessage()


def test_tokens_of_secret_links_passwords_and_addresses_are_hidden():
    for token in (
        links.new_token(),
        links.new_token()[:-3],
        "0192aabbccddeeff00112233-cr2x9k-5f1e2d3c4b5a69788766",
        "MQ:1wXyZ0:AbCdEfGhIj_-kLm",
    ):
        for text in (f"/sprawy/s/{token}/", f"/konto/haslo/nowe/{token}/?x=1", f"/x/{token}"):
            assert token not in logged("%s: %s", "Not Found", text)
            assert token not in logged(f"Internal Server Error: {text}")


def test_what_helps_to_find_an_error_stays():
    for path in (f"/obiekty/{uuid7()}/", "/sprawy/ZG-2026-000123/", "/panel/jednostki/", "/pliki/abc/thumb"):
        assert path in logged("%s: %s", "Not Found", path)
    assert logged("%d of %s", 3, None) == "3 of None"


def test_the_log_of_the_platform_uses_the_filter():
    handlers = settings.LOGGING["handlers"].values()
    assert all(settings.LOGGING["filters"][name]["()"].endswith("HideTokens") for one in handlers for name in one["filters"])


@pytest.mark.django_db
def test_a_link_to_confirm_an_address_that_is_wrong_leaves_no_trace(client, caplog):
    caplog.handler.addFilter(HideTokens())
    token = "MQ:1wXyZ0:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
    client.post(f"/konto/potwierdz-adres/{token}/")
    assert token not in caplog.text
    assert "Not Found" in caplog.text
