"""What happened to subscriptions. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class SubscriptionAsked(Event):
    """Somebody gave an address that its owner must confirm."""

    subscription_id: UUID
