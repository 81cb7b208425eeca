"""Where the bytes lie: ``<last two characters of the identifier>/<identifier>/<variant>.jpg`` under the default storage.

A document has one variant, named by its kind (``pdf``), which lies as ``document.bin``; a film or its captions as ``film.bin``.

A file is written whole under another name, flushed to the disk, and only then takes its place. Bytes are written before
the row that speaks of them and removed after it; what a kill leaves between the two the periodic job takes away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage

from miasto.kernel.files.documents import KINDS
from miasto.kernel.files.films import STREAMED

SUFFIX = ".jpg"
DOCUMENT = "document.bin"
FILM = "film.bin"


def folder_name(file_id: UUID) -> str:
    """The folder of one file, relative to the storage."""
    return f"{str(file_id)[-2:]}/{file_id}"


def _folder(file_id: UUID) -> Path:
    return Path(default_storage.path(folder_name(file_id)))


def _file_name(variant: str) -> str:
    if variant in STREAMED:
        return FILM
    return DOCUMENT if variant in KINDS else f"{variant}{SUFFIX}"


def write(file_id: UUID, variants: dict[str, bytes]) -> None:
    """Store the variants of a file; nothing is left of it where one of them cannot be written."""
    folder = _folder(file_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for variant, data in variants.items():
            _put(folder, variant, [data])
    except BaseException:
        delete(file_id)
        raise


def _put(folder: Path, variant: str, pieces: Iterable[bytes], check: Callable[[BinaryIO], None] | None = None) -> None:
    part = folder / f".{variant}.part"
    with part.open("w+b") as out:
        for piece in pieces:
            out.write(piece)
        if check is not None:
            check(out)
        out.flush()
        os.fsync(out.fileno())
    part.chmod(settings.FILE_UPLOAD_PERMISSIONS or 0o640)
    part.replace(folder / _file_name(variant))


def take(file_id: UUID, variant: str, pieces: Iterable[bytes], check: Callable[[BinaryIO], None]) -> Path:
    """Store a large file piece by piece; ``check`` may change what was written before it takes its place, or raise."""
    folder = _folder(file_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _put(folder, variant, pieces, check)
    except BaseException:
        delete(file_id)
        raise
    return folder / _file_name(variant)


def path(file_id: UUID, variant: str) -> Path | None:
    """Where a variant lies; None where there is none."""
    found = _folder(file_id) / _file_name(variant)
    return found if found.is_file() else None


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
