"""Secrets of the second factor at rest: whoever reads the database or a backup of it cannot compute anybody's codes."""

from __future__ import annotations

import base64
import logging
import secrets

from django.db import transaction

from miasto.kernel.core.sealed import MARK, Sealer, Unreadable, lasting

SEALER = Sealer("miasto.accounts.second_factor")
logger = logging.getLogger(__name__)


def encrypt(text: str) -> str:
    """The text under the present key."""
    return SEALER.seal(text)


def decrypt(stored: str) -> str:
    """What ``encrypt`` was given; a text from before there was encryption comes back as it is.

    Where no key opens it, the answer is a new random secret: no code fits, and nobody gets in.
    """
    if not stored.startswith(MARK):
        return stored
    try:
        return SEALER.unseal(stored)
    except Unreadable:
        logger.error("a second factor was encrypted with another MIASTO_SECRET_KEY; name that in MIASTO_SECRET_KEY_FALLBACKS")
        return base64.b32encode(secrets.token_bytes(20)).decode()


@transaction.atomic
def renew() -> int:
    """Encrypt what is plain or under a former key with the present one; returns how many rows changed.

    Run at each ``prepare``, so the rows from before this version and a change of the key need nothing else. Nothing is done
    without a lasting key: a key that ends with this process would lock everybody out.
    """
    from allauth.mfa.models import Authenticator

    if not lasting():
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
    return SEALER.renewed(stored) if stored.startswith(MARK) else encrypt(stored)
