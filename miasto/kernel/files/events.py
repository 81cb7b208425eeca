"""What happens to files."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class FileStored(Event):
    """A file arrived and is harmless."""

    file_id: UUID


@dataclass(frozen=True, kw_only=True)
class FileRemoved(Event):
    """A file is gone, with its bytes."""

    file_id: UUID


@dataclass(frozen=True, kw_only=True)
class FileLookedAt(Event):
    """A machine looked for faces and plates and suggests ``found`` boxes; the file belongs to ``owner_id``."""

    file_id: UUID
    owner_id: UUID | None
    found: int
