"""What happened to the knowledge base. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ServiceChanged(Event):
    """The public text of a service page changed, appeared or disappeared."""

    service_id: UUID


@dataclass(frozen=True, kw_only=True)
class ServicesImported(Event):
    """Many service pages were written at once."""

    count: int


@dataclass(frozen=True, kw_only=True)
class HoursChanged(Event):
    """The opening hours of a unit changed; ``unit_id`` None: a day that concerns all units."""

    unit_id: UUID | None
