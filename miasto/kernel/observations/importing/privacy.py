"""What is held of the people who import files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.observations.importing.models import FileImport


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The files that a person took in."""
    rows = FileImport.objects.filter(person_id=person_id).order_by("started_at")
    return [{"at": one.started_at.isoformat(), "file": one.name, "readings": one.written} for one in rows]


def erase(person_id: UUID) -> int:
    """Forget who it was; the import stays."""
    return FileImport.objects.filter(person_id=person_id).update(person=None)
