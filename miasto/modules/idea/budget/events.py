"""What happened in the participatory budget. Identifiers and keys only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ProjectMoved(Event):
    """A step was added to a project's path; ``step`` is its ``states.StepKind``, ``state`` the state after it."""

    project_id: UUID
    step_id: UUID
    step: str
    state: str


@dataclass(frozen=True, kw_only=True)
class SupportAsked(Event):
    """Somebody signed a support list with an e-mail address that is to be confirmed."""

    supporter_id: UUID


@dataclass(frozen=True, kw_only=True)
class ConsentAsked(Event):
    """A guardian is to confirm a child's proposal."""

    consent_id: UUID
