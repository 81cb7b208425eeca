"""What happens to people and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class PersonRegistered(Event):
    """Somebody has an account now."""

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Somebody's account and personal data are gone; the identifier stays in history."""

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class RolesChanged(Event):
    """Somebody got or lost a role, or was switched on or off."""

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class UnitChanged(Event):
    """A unit has another name, address or validity."""

    unit_id: UUID
