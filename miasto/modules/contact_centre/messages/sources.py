"""The sources of messages: named in the profile (``messages.toml``), their secrets in the environment.

For a source ``facebook``: ``MIASTO_MESSAGES_FACEBOOK_SECRET`` (signs what comes in), ``_VERIFY`` (Meta's verification of the
address), ``_TOKEN`` (lets us send), ``_URL`` (where to send; for Meta the Graph API).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.city import city

META, SIGNED = "meta", "signed"
GRAPH = "https://graph.facebook.com/v21.0"


@dataclass(frozen=True)
class Source:
    """A place from which messages come. ``kind`` is the protocol: "meta" or "signed" (Standard Webhooks)."""

    slug: str
    name: str
    kind: str

    @property
    def secret(self) -> str:
        return self._set("SECRET")

    @property
    def verify(self) -> str:
        return self._set("VERIFY")

    @property
    def token(self) -> str:
        return self._set("TOKEN")

    @property
    def url(self) -> str:
        return (self._set("URL") or (GRAPH if self.kind == META else "")).rstrip("/")

    @property
    def can_send(self) -> bool:
        """Whether everything needed to answer is set."""
        return bool(self.url and (self.token if self.kind == META else self.secret))

    def _set(self, name: str) -> str:
        return os.environ.get(f"MIASTO_MESSAGES_{self.slug.upper().replace('-', '_')}_{name}", "").strip()


def sources() -> list[Source]:
    """The sources of the profile, in their order."""
    rows: list[dict[str, Any]] = city().toml("messages.toml").get("sources", [])
    return [Source(row["slug"], row["name"], row["kind"]) for row in rows if row["kind"] in (META, SIGNED)]


def source(slug: str) -> Source | None:
    """The source of that name; None for one that the profile does not have."""
    return next((one for one in sources() if one.slug == slug), None)


def name_of(slug: str) -> str:
    """How a source is called; its slug where the profile has lost it since."""
    found = source(slug)
    return found.name if found else slug
