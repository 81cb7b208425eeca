"""Personal data among files: what a person uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.files import services, storage
from miasto.kernel.files.models import File


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The files a person uploaded, with an address valid for a day."""
    return [
        {
            "id": str(file.id),
            "uploaded": file.created_at.isoformat(),
            "belongs_to": str(file.owner_id) if file.owner_id else None,
            "address": services.link(file.id, "large", minutes=1440),
        }
        for file in File.objects.filter(uploaded_by_kind="person", uploaded_by_id=person_id).order_by("id")
    ]


def attachments(person_id: UUID) -> Iterator[tuple[str, bytes]]:
    """The photos a person uploaded, as they were kept, one at a time."""
    for file in File.objects.filter(uploaded_by_kind="person", uploaded_by_id=person_id, kind=File.Kind.IMAGE).order_by("id"):
        data = storage.read(file.id, "large")
        if data is not None:
            yield f"zdjecia/{file.created_at:%Y-%m-%d}-{file.id}.jpg", data


def erase(person_id: UUID) -> int:
    """Remove uploads that belong to nothing yet; those of an object go with it, by the object's own declaration."""
    files = list(File.objects.filter(uploaded_by_kind="person", uploaded_by_id=person_id, owner_id=None))
    for file in files:
        services.remove(file=file, by=SYSTEM)
    return len(files)
