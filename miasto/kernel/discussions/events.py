"""What happened in a discussion."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class CommentPosted(Event):
    """A comment was written; ``state`` says whether it waits for approval. ``object_id`` is what is discussed."""

    comment_id: UUID
    object_id: UUID | None
    audience: str
    state: str


@dataclass(frozen=True, kw_only=True)
class CommentDecided(Event):
    """A waiting comment was published or withheld."""

    comment_id: UUID
    object_id: UUID | None
    published: bool
