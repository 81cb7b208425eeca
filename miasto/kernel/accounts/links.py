"""Secret links: a token of 192 random bits of which only a digest is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from miasto.kernel.accounts.models import SecretLink
from miasto.kernel.core import clock

SESSION_KEY = "links"
MOST_OPEN = 50
TOKEN_BYTES = 24


def new_token() -> str:
    """A token for an address: 32 URL-safe characters, 192 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is stored. The look-up compares digests, so its time tells nothing of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def usable() -> Q:
    """Links neither revoked nor out of date."""
    return Q(revoked=False) & (Q(expires_at=None) | Q(expires_at__gt=clock.now()))


def find(token: str) -> SecretLink | None:
    """The link of a token, or None where it is wrong, revoked or out of date."""
    return SecretLink.objects.filter(usable(), digest=digest(token)).first()


def opened_in(session: Mapping[str, Any]) -> list[UUID]:
    """The links that were opened in a session, whether still valid or not."""
    return [UUID(value) for value in session.get(SESSION_KEY, ())]


def still_valid(ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(object, link) of those links that may still be used; one query."""
    return list(SecretLink.objects.filter(usable(), id__in=list(ids)).values_list("object_id", "id"))


def remember(session: MutableMapping[str, Any], link: SecretLink) -> None:
    """Keep an opened link in the session; the oldest go when there are too many."""
    kept = [value for value in session.get(SESSION_KEY, ()) if value != str(link.id)]
    session[SESSION_KEY] = [*kept, str(link.id)][-MOST_OPEN:]
