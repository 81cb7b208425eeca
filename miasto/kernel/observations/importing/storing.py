"""Where the files of imports lie: ``var/imports/<import>/``, for a month, on a disk that all processes reach."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

SOURCE = "source.bin"
KEPT = timedelta(days=30)


def root() -> Path:
    """The folder of all (``MIASTO_IMPORTS`` names another place than ``var/imports``)."""
    return Path(os.environ.get("MIASTO_IMPORTS") or Path(settings.VAR) / "imports")


def folder(import_id: UUID) -> Path:
    """The folder of one import."""
    return root() / str(import_id)


def keep(import_id: UUID, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write an uploaded file; ``(bytes, sha256)``. Nothing is left where it fails."""
    place = folder(import_id)
    place.mkdir(parents=True, mode=0o750)
    digest, size = hashlib.sha256(), 0
    try:
        with (place / SOURCE).open("wb") as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                size += len(piece)
            os.fchmod(out.fileno(), 0o640)  # meters of homes are among them
            os.fsync(out.fileno())
    except BaseException:
        forget(import_id)
        raise
    return size, digest.hexdigest()


def forget(import_id: UUID) -> None:
    """Remove all of one import."""
    shutil.rmtree(folder(import_id), ignore_errors=True)
