"""Where the archive's files lie, and how one is written so that a crash leaves either all of it or nothing."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

BLOCK = 1 << 20


def folder() -> Path:
    """``MIASTO_ARCHIVE``, a folder of a disk that all processes reach; ``var/archive`` where it is not set.

    Raises ``ImproperlyConfigured`` for an address: DuckDB reads object storage by its extension httpfs, which is no part of
    its package and is fetched from the network at run time, so the platform does not promise it. A bucket can be mounted.
    """
    named = os.environ.get("MIASTO_ARCHIVE", "")
    if "://" in named:
        raise ImproperlyConfigured("MIASTO_ARCHIVE names a folder; mount the bucket and give its folder (docs/observations.md)")
    return Path(named) if named else Path(settings.VAR) / "archive"


def path_of(name: str) -> Path:
    """Where the file of a row of the manifest lies."""
    return folder() / name


def part_name(day: date, least: int, most: int, revision: int) -> str:
    """A name that no file has had: a killed run may have left one that nobody knows of."""
    return f"day={day}/{least}-{most}-r{revision}-{os.urandom(4).hex()}.parquet"


def settle(temporary: Path, name: str) -> tuple[int, str]:
    """Make a finished temporary file durable under its name; ``(bytes, sha256)``.

    The file and its folder reach the disk before this returns, so that the manifest never names what a power cut took.
    """
    digest = hashlib.sha256()
    with temporary.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
        os.fchmod(file.fileno(), 0o640)  # meters of homes are among them
        os.fsync(file.fileno())
        size = file.tell()
    final = path_of(name)
    os.replace(temporary, final)
    for place in (final.parent, final.parent.parent):
        _sync_folder(place)
    return size, digest.hexdigest()


def _sync_folder(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
