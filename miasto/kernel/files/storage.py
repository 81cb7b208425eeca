"""Where the bytes lie: ``<last two characters of the identifier>/<identifier>/<variant>.jpg`` under the default storage.

A document has one variant, named by its kind (``pdf``), which lies as ``document.bin``.

A file is written whole under another name, flushed to the disk, and only then takes its place. Bytes are written before
the row that speaks of them and removed after it; what a kill leaves between the two the periodic job takes away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage

from miasto.kernel.files.documents import KINDS

SUFFIX = ".jpg"
DOCUMENT = "document.bin"


def folder_name(file_id: UUID) -> str:
    """The folder of one file, relative to the storage."""
    return f"{str(file_id)[-2:]}/{file_id}"


def _folder(file_id: UUID) -> Path:
    return Path(default_storage.path(folder_name(file_id)))


def _file_name(variant: str) -> str:
    return DOCUMENT if variant in KINDS else f"{variant}{SUFFIX}"


def write(file_id: UUID, variants: dict[str, bytes]) -> None:
    """Store the variants of a file."""
    folder = _folder(file_id)
    folder.mkdir(parents=True, exist_ok=True)
    for variant, data in variants.items():
        part = folder / f".{variant}.part"
        with part.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.chmod(settings.FILE_UPLOAD_PERMISSIONS or 0o640)
        part.replace(folder / _file_name(variant))


def read(file_id: UUID, variant: str) -> bytes | None:
    """The bytes of a variant; None where there are none."""
    try:
        return (_folder(file_id) / _file_name(variant)).read_bytes()
    except OSError:
        return None


def delete(file_id: UUID) -> None:
    """Remove all variants; nothing happens where there are none."""
    shutil.rmtree(_folder(file_id), ignore_errors=True)


def stored() -> Iterator[tuple[UUID, float]]:
    """``(file, time of the last write in seconds)`` of everything in the storage."""
    root = Path(default_storage.path(""))
    for folder in root.glob("*/*"):
        try:
            yield UUID(folder.name), folder.stat().st_mtime
        except (ValueError, OSError):
            continue
