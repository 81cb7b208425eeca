"""Bytes of a file as they lie on disk, packed or not; its encoding."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from miasto.kernel.observations.importing import workbooks
from miasto.kernel.observations.importing.faults import Unreadable

HEAD = 262_144
MOST_UNPACKED = 4_000_000_000
POLISH = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"


class _Counted(io.RawIOBase):
    """A stream that ends with an error where a packed file grows beyond all measure."""

    def __init__(self, inner: BinaryIO) -> None:
        self.inner, self.left = inner, MOST_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            block = self.inner.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise Unreadable(_("Archiwum jest uszkodzone albo niepełne.")) from error
        self.left -= len(block)
        if self.left < 0:
            raise Unreadable(_("Plik po rozpakowaniu jest większy niż 4 GB. Podziel go na części."))
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def opened(path: Path, sheet: str = "") -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked: gzip, zip with one file in it (besides what macOS adds), a sheet of a workbook as text.

    Raises ``Unreadable``.
    """
    if workbooks.is_workbook(path):
        with workbooks.opened(path, sheet) as text:
            yield text
        return
    with path.open("rb") as raw:
        start = raw.read(4)
        raw.seek(0)
        if start[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=raw) as inner:
                yield io.BufferedReader(_Counted(inner), 1 << 16)
        elif start == b"PK\x03\x04":
            with _only(raw) as inner:
                yield io.BufferedReader(_Counted(inner), 1 << 16)
        else:
            yield raw


@contextmanager
def _only(raw: BinaryIO) -> Iterator[BinaryIO]:
    try:
        packed = zipfile.ZipFile(raw)
        names = [one for one in packed.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
        if len(names) != 1:
            raise Unreadable(_("W archiwum ZIP musi być dokładnie jeden plik. Rozpakuj je i wgraj pliki po kolei."))
        with packed.open(names[0]) as inner:
            yield inner
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise Unreadable(_("Archiwum jest uszkodzone, zaszyfrowane albo niepełne.")) from error


def head(path: Path, size: int = HEAD, sheet: str = "") -> bytes:
    """The first bytes, unpacked."""
    if workbooks.is_workbook(path):
        return workbooks.head(path, sheet, size)
    with opened(path) as file:
        return file.read(size)


@contextmanager
def beginning(path: Path, sheet: str = "") -> Iterator[BinaryIO]:
    """As ``opened``, for who looks at the first rows only: of a workbook what ``head`` kept."""
    if workbooks.is_workbook(path):
        yield io.BytesIO(workbooks.head(path, sheet))
    else:
        with opened(path) as file:
            yield file


def encoding_of(sample: bytes) -> str:
    """``utf-8-sig``, ``utf-16``, ``utf-8`` or, where that cannot be, CP1250 or ISO 8859-2: which gives more Polish letters."""
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        sample.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(sample) - 4 and error.reason == "unexpected end of data":
            return "utf-8"
    found = {one: sum(sample.decode(one, "replace").count(letter) for letter in POLISH) for one in ("cp1250", "iso8859-2")}
    return max(found, key=found.__getitem__)
