"""What happens to city objects."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ObjectSaved(Event):
    """An object was made (``created``) or changed."""

    object_id: UUID
    kind: str
    created: bool


@dataclass(frozen=True, kw_only=True)
class ObjectRetired(Event):
    """An object is no longer valid; its row stays as history."""

    object_id: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class ObjectsImported(Event):
    """Many objects of one kind were written at once; there is no ``ObjectSaved`` for each of them."""

    import_id: UUID
    kind: str
    count: int
