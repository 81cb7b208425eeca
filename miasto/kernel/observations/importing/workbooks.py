"""Workbooks of Excel (``.xlsx``, ``.xlsm``) as tables of text, so that all that reads a CSV reads them too.

A sheet is read row by row by openpyxl. Dates are written as ISO 8601 whatever the format of the cell, numbers with a point, the
number of a line is that of the sheet's row, and of a formula the value counts that the program saved with it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from miasto.kernel.observations.importing.faults import Unreadable

DELIMITER = "\t"
HEAD = 262_144
MOST_WORDS = 200_000_000  # bytes of the shared texts, which are held in memory
MOST_SHEET = 4_000_000_000
MOST_SHEETS = 20
SEEN_ROWS = 50
_OLD = b"\xd0\xcf\x11\xe0"


def is_workbook(path: Path) -> bool:
    """Whether it is one; raises ``Unreadable`` for formats of spreadsheets that are not read."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLD:
        raise Unreadable(_("To skoroszyt w dawnym formacie XLS. Zapisz go jako XLSX albo CSV i wgraj jeszcze raz."))
    if start != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as packed:
            names = {one.filename: one.file_size for one in packed.infolist()}
    except zipfile.BadZipFile:
        return False
    if "content.xml" in names and "mimetype" in names:
        raise Unreadable(_("To arkusz w formacie ODS. Zapisz go jako XLSX albo CSV i wgraj jeszcze raz."))
    if "xl/workbook.bin" in names:
        raise Unreadable(_("To skoroszyt w formacie XLSB. Zapisz go jako XLSX albo CSV i wgraj jeszcze raz."))
    if "[Content_Types].xml" not in names:
        return False
    if "xl/workbook.xml" not in names:
        raise Unreadable(_("To dokument biurowy, ale nie skoroszyt programu Excel."))
    if names.get("xl/sharedStrings.xml", 0) > MOST_WORDS or max(names.values()) > MOST_SHEET:
        raise Unreadable(_("Skoroszyt jest za duży. Zapisz arkusz jako CSV i wgraj go jeszcze raz."))
    return True


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook

    with path.open("rb") as file:  # by its name openpyxl refuses what does not end in xlsx
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # of zip, of XML, of openpyxl: a broken file ends in any of them
            raise _broken() from error
        try:
            yield book
        finally:
            book.close()


def _broken() -> Unreadable:
    return Unreadable(_("Skoroszyt jest uszkodzony albo zabezpieczony hasłem. Zapisz go jeszcze raz, bez hasła."))


def sheets(path: Path) -> list[str]:
    """Names of the visible sheets that hold a row, in their order; of the first twenty. Kept beside the workbook."""
    kept = path.with_name("sheets.json")
    if not kept.exists():
        with _book(path) as book:
            shown = [one for one in book.worksheets if one.sheet_state == "visible"]
            names = [one.title for one in shown[:MOST_SHEETS] if next(_rows(one), None) is not None]
        _remember(kept, json.dumps(names).encode())
        return names
    return json.loads(kept.read_text())


@contextmanager
def opened(path: Path, sheet: str = "") -> Iterator[BinaryIO]:
    """A sheet (the first one with a row where none is named) as UTF-8 text, parted by tabs. Raises ``Unreadable``."""
    with _book(path) as book:
        found = [one for one in book.worksheets if one.title == sheet]
        found = found or [one for one in book.worksheets if one.sheet_state == "visible" and next(_rows(one), None) is not None]
        if not found:
            raise Unreadable(_("W skoroszycie nie ma żadnych danych."))
        yield io.BufferedReader(_Text(_rows(found[0])), 1 << 16)


def head(path: Path, sheet: str = "", size: int = HEAD) -> bytes:
    """The beginning of a sheet, kept beside the workbook: the page of an import looks at it each time."""
    from hashlib import sha256

    kept = path.with_name(f"head-{sha256(sheet.encode()).hexdigest()[:16]}.txt")
    if not kept.exists():
        with opened(path, sheet) as file:
            found = file.read(HEAD)
        _remember(kept, found)
        return found[:size]
    return kept.read_bytes()[:size]


def _remember(kept: Path, data: bytes) -> None:
    """Keep for the next look what can be read again; half of it would be taken for the whole, so on a full disk nothing is."""
    part = kept.with_name(f".{kept.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        part.write_bytes(data)
        part.replace(kept)
    except OSError:
        part.unlink(missing_ok=True)


class _Text(io.RawIOBase):
    """Rows as bytes, made as they are asked for."""

    def __init__(self, rows: Iterator[list[str]]) -> None:
        self.rows, self.left = rows, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while len(self.left) < len(buffer) and (some := list(islice(self.rows, 500))):
            made = io.StringIO(newline="")
            csv.writer(made, delimiter=DELIMITER, lineterminator="\n").writerows(some)
            self.left += made.getvalue().encode()
        block, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Rows up to the last that holds something, empty ones between them kept, as wide as the widest of the first fifty."""
    blank = width = 0
    try:
        sheet.reset_dimensions()  # what other programs write there is often wrong
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            cells = [_text(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                blank += 1
                continue
            yield from ([] for _row in range(blank))
            blank = 0
            width = max(width, len(cells)) if number < SEEN_ROWS else width
            yield cells + [""] * (width - len(cells))
    except Unreadable:
        raise
    except Exception as error:
        raise _broken() from error


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, clock_time):
        return _moment(datetime.combine(date(2000, 1, 1), cell)).partition(" ")[2] or "00:00:00"
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return " ".join(str(cell).split()) if isinstance(cell, str) else str(cell)


def _moment(moment: datetime) -> str:
    """To the millisecond: a day's fraction in a workbook is a binary number. Midnight is the date alone."""
    near = moment + timedelta(microseconds=500)
    near = near.replace(microsecond=near.microsecond // 1000 * 1000)
    if near.time() == clock_time():
        return near.date().isoformat()
    return near.isoformat(sep=" ", timespec="milliseconds" if near.microsecond else "seconds")
