"""Reading an export of the register: CSV (UTF-8, UTF-16 or Windows-1250) or XLSX, columns by names, every error with its place.

The register publishes no layout of its exports; the columns stand here under the words of the declaration and the profile
(``environment.toml``, ``[heating.columns]``) renames them. The same row twice is one; a retracted declaration is
none. Columns that are not named here (owner, telephone) are not read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.core.city import city
from miasto.kernel.core.polish import fold
from miasto.modules.environment.heating.kinds import BOILERS, class_of, group_of, kind_of

COLUMNS: Mapping[str, str] = {
    "declaration": "Numer deklaracji",
    "number": "Lp. źródła",
    "form": "Typ deklaracji",
    "town": "Miejscowość",
    "street": "Ulica",
    "house": "Numer budynku",
    "kind": "Rodzaj źródła ciepła",
    "class": "Klasa kotła",
    "fuel": "Rodzaj paliwa",
    "count": "Liczba urządzeń",
    "started": "Data uruchomienia",
    "status": "Status deklaracji",
}
NEEDED = ("declaration", "form", "street", "house", "kind")
PROBLEMS_MOST = 200
ROWS_MOST = 500_000
HEAD_WITHIN = 20  # lines: an export may begin with its title and the day it was made
_RETRACTED = ("wycofan", "anulowan", "usuniet", "nieaktualn", "odrzucon")
_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\b|(?P<d2>\d\d?)[.-](?P<m2>\d\d?)[.-](?P<y2>\d{4})\b")


@dataclass(frozen=True)
class Row:
    """One source as the file has it, checked."""

    declaration: str
    number: int
    form: str
    kind: str
    boiler_class: str
    group: str
    fuels: str
    count: int
    started_on: date | None
    address: str


class Unreadable(ValueError):
    """The file as a whole cannot be read; the words are for the reader."""


def columns() -> dict[str, str]:
    """The names of the columns, those of the profile over the usual ones."""
    own = city().toml("environment.toml").get("heating", {}).get("columns", {})
    return {key: str(own.get(key, name)) for key, name in COLUMNS.items()}


def read(data: bytes, file_name: str) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows of a file and its problems (line, column, text). Raises ``Unreadable``."""
    lines = enumerate(_sheet(data) if file_name.lower().endswith(".xlsx") else _csv(data), start=1)
    names = columns()
    places = _head(lines, names)
    rows: list[Row] = []
    problems: list[dict[str, Any]] = []
    seen: dict[tuple[str, int], tuple[int, Row]] = {}
    for line, cells in lines:
        if line > ROWS_MOST:
            raise Unreadable(_("Plik ma więcej niż %(most)d wierszy. Podziel go.") % {"most": ROWS_MOST})
        values = {
            key: str(cells[at] if at < len(cells) and cells[at] is not None else "").strip() for key, at in places.items()
        }
        if not any(values.values()) or any(word in fold(values.get("status", "")) for word in _RETRACTED):
            continue
        row, wrong = _row(values)
        problems += [{"line": line, "column": names[key], "text": text} for key, text in wrong]
        if row is not None:
            first, held = seen.setdefault((row.declaration, row.number), (line, row))
            if first == line:
                rows.append(row)
            elif held != row:
                text = _("ta sama deklaracja i numer źródła co w wierszu %(line)d, a inne dane") % {"line": first}
                problems.append({"line": line, "column": names["declaration"], "text": text})
        if len(problems) >= PROBLEMS_MOST:
            break
    return rows, problems[:PROBLEMS_MOST]


def _head(lines: Iterator[tuple[int, list[Any]]], names: Mapping[str, str]) -> dict[str, int]:
    """The places of the columns by the first line that names all that are needed. Raises ``Unreadable``."""
    fewest = [names[key] for key in NEEDED]
    for line, cells in lines:
        heads = [" ".join(fold(str(cell or "")).split()) for cell in cells]
        places = {key: heads.index(fold(name)) for key, name in names.items() if fold(name) in heads}
        missing = [names[key] for key in NEEDED if key not in places]
        if not missing:
            return places
        fewest = min(fewest, missing, key=len)
        if line == HEAD_WITHIN:
            break
    raise Unreadable(_("W nagłówku brakuje kolumn: %(names)s.") % {"names": ", ".join(fewest)})


def _row(values: Mapping[str, str]) -> tuple[Row | None, list[tuple[str, str]]]:
    wrong = [(key, _("brakuje wartości")) for key in NEEDED if not values.get(key) and key != "street"]
    form = values.get("form", "").upper()[-1:]
    if values.get("form") and form not in ("A", "B"):
        wrong.append(("form", _("dopuszczamy tylko A albo B")))
    kind = kind_of(values.get("kind", ""))
    if values.get("kind") and not kind:
        wrong.append(("kind", _("nie ma takiego rodzaju źródła w deklaracji")))
    number, count = _whole(values, "number", wrong), _whole(values, "count", wrong)
    started = _date(values.get("started", ""))
    if values.get("started") and started is None:
        wrong.append(("started", _("to nie jest data (RRRR-MM-DD albo DD.MM.RRRR)")))
    if wrong:
        return None, wrong
    boiler = class_of(values.get("class", "")) if kind in BOILERS else ""
    place = " ".join(part for part in (values.get("street") or values.get("town", ""), values["house"]) if part)
    return (
        Row(
            declaration=values["declaration"][:60],
            number=number,
            form=form,
            kind=kind,
            boiler_class=boiler,
            group=group_of(kind, boiler),
            fuels=values.get("fuel", "")[:200],
            count=count,
            started_on=started,
            address=place[:200],
        ),
        [],
    )


def _whole(values: Mapping[str, str], key: str, wrong: list[tuple[str, str]]) -> int:
    text = values.get(key, "").removesuffix(".0")
    if not text:
        return 1
    if not text.isdecimal() or not 1 <= int(text) <= 999:
        wrong.append((key, _("to nie jest liczba od 1 do 999")))
        return 1
    return int(text)


def _date(text: str) -> date | None:
    """A day as 2021-07-31, 31.07.2021 or 31-07-2021; what follows it (an hour) is not read."""
    found = _DAY.match(text)
    if found is None:
        return None
    year, month, day = found.group("y", "m", "d") if found["y"] else found.group("y2", "m2", "d2")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _csv(data: bytes) -> Iterator[list[Any]]:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1250", errors="replace")
    first = "\n".join(text.splitlines()[:HEAD_WITHIN])
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))


def _sheet(data: bytes) -> Iterable[list[Any]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError):
        raise Unreadable(_("To nie jest plik XLSX.")) from None
    for row in book.worksheets[0].iter_rows(values_only=True):
        yield [f"{cell:%Y-%m-%d}" if isinstance(cell, date) else cell for cell in row]
