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
