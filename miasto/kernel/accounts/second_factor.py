"""Secrets of the second factor at rest: whoever reads the database or a backup of it cannot compute anybody's codes.

Encrypted with Fernet (AES-128-CBC and HMAC-SHA256) under a key derived by HKDF (RFC 5869) from the platform's secret key;
``MIASTO_SECRET_KEY_FALLBACKS`` still decrypts what a former key encrypted.
"""

from __future__ import annotations

import base64
import logging
import os
import secrets
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction

MARK = "f1:"
PURPOSE = b"miasto.accounts.second_factor"
logger = logging.getLogger(__name__)


def encrypt(text: str) -> str:
    """The text under the present key."""
    return MARK + _box(_keys()).encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """What ``encrypt`` was given; a text from before there was encryption comes back as it is.

    Where no key opens it, the answer is a new random secret: no code fits, and nobody gets in.
    """
    from cryptography.fernet import InvalidToken

    if not stored.startswith(MARK):
        return stored
    try:
        return _box(_keys()).decrypt(stored.removeprefix(MARK)).decode()
    except InvalidToken:
        logger.error("a second factor was encrypted with another MIASTO_SECRET_KEY; name that in MIASTO_SECRET_KEY_FALLBACKS")
        return base64.b32encode(secrets.token_bytes(20)).decode()


@transaction.atomic
def renew() -> int:
    """Encrypt what is plain or under a former key with the present one; returns how many rows changed.

    Run at each ``prepare``, so the rows from before this version and a change of the key need nothing else. Nothing is done
    without a lasting key: a key that ends with this process would lock everybody out.
    """
    from allauth.mfa.models import Authenticator

    if not os.environ.get("MIASTO_SECRET_KEY"):
        return 0
    changed = 0
    for row in Authenticator.objects.select_for_update().order_by("pk"):
        fresh = {name: _renewed(value) if name in ("secret", "seed") else value for name, value in row.data.items()}
        if fresh != row.data:
            row.data = fresh
            row.save(update_fields=["data"])
            changed += 1
    return changed


def _renewed(stored: str) -> str:
    from cryptography.fernet import InvalidToken

    try:
        if stored.startswith(MARK):
            _box(_keys()[:1]).decrypt(stored.removeprefix(MARK))
            return stored
    except InvalidToken:
        try:
            return MARK + _box(_keys()).rotate(stored.removeprefix(MARK)).decode()
        except InvalidToken:
            return stored
    return encrypt(stored)


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> Any:
    from cryptography.fernet import Fernet, MultiFernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = [HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode()) for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
