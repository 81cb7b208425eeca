"""What happens to things. Readings are no events: they come by the thousand (see ``live``)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ThingSaved(Event):
    """A thing or one of its data streams was made or changed."""

    thing_id: UUID
    thing_kind: str


@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """The condition of a rule began to hold for a thing."""

    alert_id: UUID
    thing_id: UUID
    severity: int
    life: bool


@dataclass(frozen=True, kw_only=True)
class AlertCleared(Event):
    """It holds no longer."""

    alert_id: UUID
    thing_id: UUID


@dataclass(frozen=True, kw_only=True)
class FileImported(Event):
    """Readings of a file were written; ``readings`` is how many."""

    import_id: UUID
    readings: int


@dataclass(frozen=True, kw_only=True)
class FileUndone(Event):
    """The readings of a file were taken back; ``readings`` is how many are gone or are again what they were before."""

    import_id: UUID
    readings: int


@dataclass(frozen=True, kw_only=True)
class RetentionChanged(Event):
    """A rule of how long readings are kept was saved or ended."""

    rule_id: int
    removed: bool
