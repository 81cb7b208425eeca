"""What happens to an idea. Identifiers and keys only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class IdeaMoved(Event):
    """A step of the public path was taken: its author, supporters and followers are told."""

    idea_id: UUID
    step_id: UUID
    step: str


@dataclass(frozen=True, kw_only=True)
class SupportAsked(Event):
    """Somebody without an account gave an address to support an idea: its owner is asked to confirm."""

    support_id: UUID


@dataclass(frozen=True, kw_only=True)
class IdeaFlagged(Event):
    """A reader says that an idea or a comment breaks a rule."""

    flag_id: UUID
