"""What others may ask about files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from miasto.kernel.files import storage
from miasto.kernel.files.documents import kind_named
from miasto.kernel.files.films import STREAMED
from miasto.kernel.files.models import File
from miasto.kernel.files.signing import link

__all__ = ["bytes_of", "files_by_id", "files_of", "kind_of", "link"]


def kind_of(file: File) -> str:
    """The kind of a document, film or captions (``pdf``), which is also its variant's name in ``link``; empty for a picture."""
    return next((kind for kind, name in STREAMED.items() if name == file.media_type), "") or kind_named(file.media_type)


def bytes_of(file: File) -> bytes | None:
    """The bytes of a document, or of a picture's largest variant; None where they are gone."""
    return storage.read(file.pk, kind_of(file) or "large")


def files_by_id(ids: Iterable[UUID]) -> dict[UUID, File]:
    """Files by identifier; one query, none for no identifiers."""
    wanted = set(ids)
    return File.objects.in_bulk(wanted) if wanted else {}


def files_of(owner_ids: Iterable[UUID]) -> dict[UUID, list[File]]:
    """Files by the object they belong to, oldest first; one query, none for no objects."""
    wanted = set(owner_ids)
    found: dict[UUID, list[File]] = defaultdict(list)
    if wanted:
        for file in File.objects.filter(owner_id__in=wanted).order_by("id"):
            found[file.owner_id].append(file)
    return found
