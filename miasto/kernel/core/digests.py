"""Keyed digests: what is stored instead of a name, an address or a code. They tell repetitions, and nothing without the
server's secret key. Stored values exist: neither the way of counting nor a purpose may change."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac

LENGTH = 32


def keyed(purpose: str, text: str, *, length: int = LENGTH) -> str:
    """So many hexadecimal digits of a text's digest for one purpose (``miasto.<part>``); another purpose gives others."""
    return salted_hmac(purpose, text, algorithm="sha256").hexdigest()[:length]


def plain(text: str) -> bytes:
    """The 32 bytes of a text's HMAC by the secret key itself; the text begins with its purpose (``part|…``)."""
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
