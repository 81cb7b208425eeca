"""Short secrets at rest: whoever reads the database or a backup of it does not learn them.

Encrypted with Fernet (AES-128-CBC and HMAC-SHA256) under a key derived by HKDF (RFC 5869) from the platform's secret key,
another for each purpose; ``MIASTO_SECRET_KEY_FALLBACKS`` still opens what a former key encrypted.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

MARK = "f1:"


class Unreadable(Exception):
    """No key of the platform opens this text."""


@dataclass(frozen=True)
class Sealer:
    """Encrypts for one ``purpose``: what another purpose encrypted does not open."""

    purpose: str

    def seal(self, text: str) -> str:
        """The text under the present key."""
        return MARK + self._box(_keys()).encrypt(text.encode()).decode()

    def unseal(self, stored: str) -> str:
        """What ``seal`` was given. Raises ``Unreadable``."""
        from cryptography.fernet import InvalidToken

        try:
            return self._box(_keys()).decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken as wrong:
            raise Unreadable from wrong

    def renewed(self, stored: str) -> str:
        """The same secret under the present key; what lies under it already, and what no key opens, as it is."""
        from cryptography.fernet import InvalidToken

        token = stored.removeprefix(MARK)
        try:
            self._box(_keys()[:1]).decrypt(token)
        except InvalidToken:
            try:
                return MARK + self._box(_keys()).rotate(token).decode()
            except InvalidToken:
                return stored
        return stored

    def _box(self, keys: tuple[str, ...]) -> Any:
        return _boxes(keys, self.purpose)


def lasting() -> bool:
    """Whether the present key outlives this process: nothing that lies in the database may be encrypted under any other."""
    return bool(os.environ.get("MIASTO_SECRET_KEY"))


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=16)
def _boxes(keys: tuple[str, ...], purpose: str) -> Any:
    from cryptography.fernet import Fernet, MultiFernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = [HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode()) for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
