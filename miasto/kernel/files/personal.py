"""Personal data among files: what a person uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.files import services
from miasto.kernel.files.models import File
from miasto.kernel.files.selectors import bytes_of, kind_of


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The files a person uploaded, with an address valid for a day."""
    return [
        {
            "id": str(file.id),
            "uploaded": file.created_at.isoformat(),
            "belongs_to": str(file.owner_id) if file.owner_id else None,
            "address": services.link(file.id, kind_of(file) or "large", minutes=1440),
        }
        for file in File.objects.filter(uploaded_by_kind="person", uploaded_by_id=person_id).order_by("id")
    ]


def attachments(person_id: UUID) -> Iterator[tuple[str, bytes]]:
    """The photos and documents a person uploaded, as they were kept, one at a time."""
    kinds = (File.Kind.IMAGE, File.Kind.DOCUMENT)
    for file in File.objects.filter(uploaded_by_kind="person", uploaded_by_id=person_id, kind__in=kinds).order_by("id"):
        kind = kind_of(file)
        data = bytes_of(file)
        if data is not None:
            folder = "dokumenty" if kind else "zdjecia"
            yield f"{folder}/{file.created_at:%Y-%m-%d}-{file.id}.{kind or 'jpg'}", data


def erase(person_id: UUID) -> int:
    """Remove uploads that belong to nothing yet; those of an object go with it, by the object's own declaration."""
    files = list(File.objects.filter(uploaded_by_kind="person", uploaded_by_id=person_id, owner_id=None))
    for file in files:
        services.remove(file=file, by=SYSTEM)
    return len(files)
