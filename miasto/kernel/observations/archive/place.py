"""Where the archive's files lie, and how one is written so that a crash leaves either all of it or nothing.

A place is a folder (``Folder``) or a bucket of object storage (``bucket.Bucket``). No name is ever used twice, and no file is
changed: what the manifest names is there whole, what it does not name does not exist.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

BLOCK = 1 << 20


class Unreachable(Exception):
    """The archive's storage does not answer or refuses; the message is for the keeper, in the language of the page."""


SECONDS: ContextVar[float | None] = ContextVar("archive_seconds", default=20.0)


@contextmanager
def waiting(seconds: float | None) -> Iterator[None]:
    """For how long a read inside may wait for its bytes; None for a job, which has time. Elsewhere somebody waits: twenty."""
    token = SECONDS.set(seconds)
    try:
        yield
    finally:
        SECONDS.reset(token)


class Place(Protocol):
    """What holds the files of the archive by their names in the manifest (``day=2026-06-01/1-900-r1-0a1b2c3d.parquet``)."""

    stretch: int  # bytes of a read that are decoded together

    def address(self, name: str) -> str:
        """The name as DuckDB and Spark are told it."""
        ...

    def reading(self, name: str) -> str:
        """The same for DuckDB in this process, which fails soon where nobody is patient."""
        ...

    def scratch(self, name: str) -> Path:
        """Where on this machine's disk a file is made before it is kept; its folder exists."""
        ...

    def keep(self, temporary: Path, name: str, digest: str) -> None:
        """Make a finished file durable under its name, or raise; the temporary one is gone afterwards."""
        ...

    def digest(self, name: str) -> str:
        """SHA-256 of what lies under the name now; empty where nothing does."""
        ...

    def pieces(self, asked: Sequence[tuple[str, int, int]], cuts: Sequence[int]) -> Iterator[list[bytes]]:
        """The bytes of each ``(name, from which byte, how many)``, for a read: up to each of the ``cuts``, which end with all.

        Raises ``Unreachable``.
        """
        ...

    def remove(self, name: str) -> None:
        """Delete; nothing happens where there is nothing."""
        ...

    def listed(self) -> Iterator[tuple[str, float]]:
        """``(name, seconds since 1970 when it was written)`` of all that lies there, unfinished files too."""
        ...


def place() -> Place:
    """What ``MIASTO_ARCHIVE`` names: a folder that all processes reach, or ``s3://bucket/prefix``; ``var/archive`` without it.

    Raises ``ImproperlyConfigured`` for an address of another kind.
    """
    named = os.environ.get("MIASTO_ARCHIVE", "")
    if named.startswith("s3://"):
        from miasto.kernel.observations.archive.bucket import Bucket

        return Bucket.at(named)
    if "://" in named:
        raise ImproperlyConfigured("MIASTO_ARCHIVE names a folder or s3://bucket/prefix (docs/observations.md)")
    return Folder(Path(named) if named else Path(settings.VAR) / "archive")


def disk() -> Path | None:
    """The folder of the archive where it lies on a disk."""
    found = place()
    return found.root if isinstance(found, Folder) else None


class Folder:
    """Files on a disk."""

    stretch = 32 << 20

    def __init__(self, root: Path) -> None:
        self.root = root

    def address(self, name: str) -> str:
        return str(self.root / name)

    def reading(self, name: str) -> str:
        return self.address(name)

    def scratch(self, name: str) -> Path:
        made = self.root / f"{name}.tmp"
        made.parent.mkdir(parents=True, exist_ok=True)
        return made

    def keep(self, temporary: Path, name: str, digest: str) -> None:
        """The file and its folder reach the disk before this returns: the manifest never names what a power cut took."""
        with temporary.open("rb") as file:
            os.fchmod(file.fileno(), 0o640)  # meters of homes are among them
            os.fsync(file.fileno())
        final = self.root / name
        os.replace(temporary, final)
        for folder in (final.parent, final.parent.parent):
            _sync_folder(folder)

    def digest(self, name: str) -> str:
        path = self.root / name
        return digest_of(path)[1] if path.exists() else ""

    def pieces(self, asked: Sequence[tuple[str, int, int]], cuts: Sequence[int]) -> Iterator[list[bytes]]:
        for begin, end in pairwise([0, *cuts]):
            yield [self._piece(*one) for one in asked[begin:end]]

    def _piece(self, name: str, start: int, length: int) -> bytes:
        try:
            file = os.open(f"{self.root}/{name}", os.O_RDONLY)
            try:
                found = os.pread(file, length, start)
            finally:
                os.close(file)
        except OSError as error:
            raise Unreachable(_("Pliku archiwum %(name)s nie można odczytać.") % {"name": name}) from error
        if len(found) != length:
            raise Unreachable(_("Plik archiwum %(name)s jest uszkodzony.") % {"name": name})
        return found

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def listed(self) -> Iterator[tuple[str, float]]:
        for path in self.root.glob("*=*/**/*.parquet*"):
            yield str(path.relative_to(self.root)), path.stat().st_mtime


def part_name(day: date, least: int, most: int, revision: int) -> str:
    """A name that no file has had: a killed run may have left one that nobody knows of."""
    return f"day={day}/{least}-{most}-r{revision}-{os.urandom(4).hex()}.parquet"


def settle(temporary: Path, name: str) -> tuple[int, str]:
    """Keep a finished temporary file under its name; ``(bytes, sha256)``. Raises ``Unreachable``, ``OSError``."""
    size, digest = digest_of(temporary)
    place().keep(temporary, name, digest)
    return size, digest


def digest_of(path: Path) -> tuple[int, str]:
    """``(bytes, SHA-256)`` of a local file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
        return file.tell(), digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
