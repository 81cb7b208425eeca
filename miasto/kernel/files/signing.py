"""Signed addresses of files: whoever was shown the link may fetch the file until it expires."""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from miasto.kernel.core import clock
from miasto.kernel.files.documents import KINDS
from miasto.kernel.files.films import STREAMED
from miasto.kernel.files.pictures import VARIANTS


def link(file_id: UUID | str, variant: str = "thumb", *, minutes: int = 60) -> str:
    """The address of a variant, valid for at least ``minutes`` and at most twice as long.

    It stays the same for ``minutes``, so that a browser may use its cache. No query is made: whoever asks for the link has
    decided already that the reader may see the file.
    """
    if variant not in VARIANTS and variant not in KINDS and variant not in STREAMED:
        raise ValueError(f"a variant is {' or '.join(VARIANTS)} or a kind of document or film, not {variant!r}")
    window = minutes * 60
    expiry = (int(clock.now().timestamp()) // window + 2) * window
    return reverse("files:file", args=[file_id, variant, expiry, signature(file_id, variant, expiry)])


def signature(file_id: UUID | str, variant: str, expiry: int) -> str:
    """128 bits of a keyed digest, URL-safe."""
    text = f"files|{file_id}|{variant}|{expiry}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_valid(file_id: UUID, variant: str, expiry: int, given: str) -> bool:
    """Whether the signature is right and the link has not expired."""
    right = hmac.compare_digest(given.encode(), signature(file_id, variant, expiry).encode())
    return right and expiry > clock.now().timestamp()
