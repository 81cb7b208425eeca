"""A first look at a file: its format, and for a table what each column is likely to be. A person confirms or mends it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext as _

from miasto.kernel.core.polish import fold
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.importing import epanet, epanet_results, numerals, opening, telegrams, workbooks
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import EPANET, EPANET_RESULTS, LOCAL, MBUS, OFFSET, UTC_ZONE, Column, Layout
from miasto.kernel.observations.importing.moments import EXCEL, NAT, Reader, parts_order
from miasto.kernel.spec.observations import Property, ReadingsFormat

DELIMITERS = ";\t,|"
SEEN_ROWS = 2000
MOST_COLUMNS = 900  # a form holds a thousand fields
_DATE_LIKE = re.compile(r"[\d./-]{6,10}")
_TIMES = re.compile(r"czas|data|date|time|godzin|hour|dzien|day|timestamp|kiedy|chwila|moment|seconds")
_KEYS = re.compile(
    r"^(v1)$|serie?s?|sensor|czujnik|stacj|station|licznik|meter[._]?id|serial|numer|(^|[._ ])(id|nr|key|kod|code|uuid|device)"
)
_VALUES = re.compile(r"wart|value|odczyt|reading|pomiar|stan|zuzyc|usage|consumption|volume|objetos|przeplyw|flow")
_ASIDE = re.compile(r"^(diff|year|rok|month|miesiac|index|lp|weekday|flaga?s?|status|jakosc|quality)\.?$")
_UNITS = re.compile(r"[\[(]\s*([^\])]{1,12})\s*[\])]|[\s_](kWh|MWh|Wh|kW|m3|m³|l|°C|C|cm|m3/s|m³/s|m3s|GJ)$")


def guess(path: Path, name: str = "") -> Layout:
    """The layout that a file seems to have. Raises ``Unreadable`` with what the keeper should know."""
    return guesses(path, name)[0]


def guesses(path: Path, name: str = "") -> list[Layout]:
    """As ``guess``; of a workbook one for each sheet that can be read, the first to be shown first."""
    if not workbooks.is_workbook(path):
        return [_guess(path, name)]
    found, problem = [], Unreadable(_("W skoroszycie nie ma żadnych danych."))
    for sheet in workbooks.sheets(path):
        try:
            found.append(of_sheet(path, sheet))
        except Unreadable as error:
            problem = error
    if not found:
        raise problem
    return sorted(found, key=lambda one: one.date is None)


def of_sheet(path: Path, sheet: str) -> Layout:
    """The layout of one sheet of a workbook. Raises ``Unreadable``."""
    sample = workbooks.head(path, sheet)
    text = sample.decode("utf-8", "replace")
    return replace(_table(text, "utf-8", len(sample) < opening.HEAD, workbooks.DELIMITER), sheet=sheet)


def _guess(path: Path, name: str) -> Layout:
    sample = opening.head(path)
    if not sample.strip():
        raise Unreadable(_("Plik jest pusty."))
    if epanet_results.recognises(sample):
        return Layout(format=EPANET_RESULTS)
    for one in registry().all(ReadingsFormat):
        if one.recognises(sample, name):
            return Layout(format=one.key)
    encoding = opening.encoding_of(sample)
    text = sample.decode(encoding, "replace")
    if "\x00" in text:
        raise Unreadable(_("Nie znamy plików tego rodzaju. Czytamy CSV, XLSX, JSON, telegramy M-Bus, modele i wyniki EPANET."))
    if epanet.recognises(text):
        return Layout(format=EPANET, encoding=encoding)
    if telegrams.recognises(text):
        return Layout(format=MBUS, encoding=encoding)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        raise Unreadable(_("To plik JSON o nieznanej budowie. Umiemy czytać odpowiedzi serwisów GIOŚ i IMGW."))
    return _table(text, encoding, whole=len(sample) < opening.HEAD)


def _table(text: str, encoding: str, whole: bool, delimiters: str = DELIMITERS) -> Layout:
    lines = text.splitlines() if whole else text.splitlines()[:-1]
    delimiter, skip = _delimiter(lines, delimiters)
    rows = list(csv.reader(io.StringIO("\n".join(lines[skip : skip + SEEN_ROWS])), delimiter=delimiter))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if rows and len(rows[0]) > MOST_COLUMNS:
        raise Unreadable(
            _("Tabela ma więcej niż 900 kolumn. Podziel ją albo zapisz tak, by każdy odczyt był w osobnym wierszu.")
        )
    if len(rows) < 2:
        raise Unreadable(_("Nie widać tu tabeli: potrzebny jest nagłówek albo wiersz z danymi i co najmniej dwa wiersze."))
    first, body = rows[0], [row for row in rows[1:] if len(row) >= len(rows[0])]
    header = _is_header(first, body)
    body = body if header else rows
    if not any(_numeric(cell) for row in body[:200] for cell in row):
        raise Unreadable(_("Nie widać tu kolumn z liczbami. Kolumny może dzielić średnik, przecinek, tabulator albo kreska |."))
    base = Layout(encoding=encoding, delimiter=delimiter, skip=skip, header=header)
    return _roles(base, [cell.strip() for cell in first] if header else [""] * len(first), body)


def _delimiter(lines: Sequence[str], delimiters: str) -> tuple[str, int]:
    """The sign that parts most rows into the same number of columns, and how many lines stand before the table."""
    best = (0.0, "," if "," in delimiters else delimiters, 0)
    for sign in delimiters:
        widths = [len(row) for row in csv.reader(lines[:200], delimiter=sign)]
        if not widths:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = widths.count(usual) / len(widths) * (1 if usual > 1 else 0)
        if usual > 1 and score > best[0] + 1e-9:
            best = (score, sign, next((place for place, width in enumerate(widths) if width == usual), 0))
    return best[1], min(best[2], 50)


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """The first row names columns: words over numbers, or whole numbers of sensors over speeds."""
    second = body[0] if body else first
    words = [place for place, cell in enumerate(first) if cell.strip() and not _numeric(cell) and not _dated(cell)]
    if any(_numeric(second[place]) or _dated(second[place]) for place in words if place < len(second)):
        return True
    if words:
        return not any(_numeric(cell) or _dated(cell) for cell in first)
    whole = all(re.fullmatch(r"\d{4,}", cell.strip()) for cell in first)
    return whole and len(set(first)) == len(first) > 2 and any("." in cell or "," in cell for cell in second)


def _numeric(cell: str) -> bool:
    return _as_number(cell, ".") or _as_number(cell, ",")


def _as_number(cell: str, decimal: str) -> bool:
    try:
        return numerals.number(cell, decimal) is not None
    except ValueError:
        return False


def _dated(cell: str) -> bool:
    order, _sure = parts_order([re.split(r"[ T]", cell.strip())[0]])
    return _reads(cell, order, False) or _reads(cell, order, True)


def _reads(cell: str, order: str, offset: bool) -> bool:
    return bool(Reader(order, offset=offset)([cell])[0] > NAT // 2)


def _roles(base: Layout, names: list[str], body: Sequence[Sequence[str]]) -> Layout:
    columns = [[row[place] for row in body if place < len(row) and row[place].strip()] for place in range(len(names))]
    date, order, zone = _date_column(names, columns)
    clock = _clock_column(names, columns, date) if date is not None else None
    taken = {one for one in (date, clock) if one is not None}
    decimal = _decimal([cell for place, column in enumerate(columns) if place not in taken for cell in column[:100]])
    numeric = [
        place
        for place, column in enumerate(columns)
        if place not in taken and column and _mostly(_as_number(cell, decimal) or _empty(cell) for cell in column[:300])
    ]
    keys = _key_columns(names, columns, taken, numeric)
    values = [place for place in numeric if place not in keys and not _ASIDE.search(fold(names[place]))]
    if names and not names[0] and 0 in values and len(values) > 1 and _counts_up(columns[0]):
        values.remove(0)
    if keys and len(values) > 1:
        told = [place for place in values if _VALUES.search(fold(names[place]))]
        values = told[:1] if len(told) == 1 else values
    if keys and not any(names) and len(values) > 1:
        values = values[:1]
    return replace(
        base,
        date=date,
        clock=clock,
        order=order,
        zone=zone,
        decimal=decimal,
        keys=tuple(keys),
        values=tuple(_column(place, names[place]) for place in values),
        names=tuple(names),
    )


def _empty(cell: str) -> bool:
    return cell.strip().casefold() in numerals.NOTHING


def _mostly(found: Iterable[bool]) -> bool:
    """Four of five: a few wrong places do not hide what a column is."""
    seen = list(found)
    return sum(seen) * 5 >= len(seen) * 4


def _counts_up(column: Sequence[str]) -> bool:
    return [cell.strip() for cell in column[:20]] == [str(one) for one in range(len(column[:20]))]


def _date_column(names: list[str], columns: Sequence[Sequence[str]]) -> tuple[int | None, str, str]:
    """The first column of dates, then one of epoch seconds or of elapsed seconds by its name."""
    for place, column in enumerate(columns):
        cells = [cell.strip() for cell in column[:SEEN_ROWS]]
        if not cells or re.fullmatch(r"-?\d{1,7}([.,]\d*)?", cells[0]):
            continue
        order, _sure = parts_order([one for one in {re.split(r"[ T]", cell)[0] for cell in cells} if _DATE_LIKE.fullmatch(one)])
        for offset in (False, True):
            if _mostly(_reads(cell, order, offset) for cell in cells[:100]):
                return place, order, OFFSET if offset else LOCAL
    for place, column in enumerate(columns):
        if column and _TIMES.search(fold(names[place])) and all(re.fullmatch(r"\d{9,13}(\.\d+)?", one) for one in column[:100]):
            return place, "unix", UTC_ZONE
        if column and _TIMES.search(fold(names[place])) and all(_serial(one) for one in column[:100]):
            return place, EXCEL, LOCAL
    return None, "ymd", LOCAL


def _serial(cell: str) -> bool:
    """A day between 1954 and 2119 as Excel counts them."""
    return bool(re.fullmatch(r"[2-7]\d{4}([.,]\d+)?", cell.strip()))


def _clock_column(names: list[str], columns: Sequence[Sequence[str]], date: int) -> int | None:
    """A column of hours beside dates that have none."""
    if any(" " in cell.strip() or "T" in cell for cell in columns[date][:5]):
        return None
    for place, column in enumerate(columns):
        cells = column[:50]
        told = _TIMES.search(fold(names[place]))
        if place == date or not cells or not (told or all(":" in cell for cell in cells)):
            continue
        if all(Reader("ymd")(["2000-01-01"], [cell])[0] > NAT // 2 for cell in cells):
            return place
    return None


def _decimal(cells: Sequence[str]) -> str:
    commas = sum(1 for cell in cells if re.fullmatch(r"\s*-?[\d\u00a0 ]+,\d+\s*", cell))
    points = sum(1 for cell in cells if re.fullmatch(r"\s*-?\d+\.\d+\s*", cell))
    return "," if commas > points else "."


def _key_columns(names: list[str], columns: Sequence[Sequence[str]], taken: set[int], numeric: list[int]) -> list[int]:
    """Columns that tell series apart: named so, or words that come again and again."""
    found = []
    for place, column in enumerate(columns):
        if place in taken or not column or len(columns) - len(taken) < 2:
            continue
        named = bool(_KEYS.search(fold(names[place]))) and not _VALUES.search(fold(names[place]))
        different = len(set(column))
        again = different * 3 <= len(column) or different == 1
        if place in numeric:
            whole = all(re.fullmatch(r"\d+", cell.strip()) for cell in column[:50])
            if named and whole and again and not _ASIDE.search(fold(names[place])):
                found.append(place)
        elif again and (named or max(len(cell) for cell in column[:50]) >= 20):
            found.append(place)
    return found[:3]


def _column(place: int, name: str) -> Column:
    """A column of values with the unit and the property that its name tells of."""
    match = _UNITS.search(name)
    unit = (match[1] or match[2]).strip() if match else ""
    plain = f" {re.sub('[^a-z0-9.,]+', ' ', fold(name))} "
    for one in registry().all(Property):
        words = {fold(one.code).replace("_", " "), re.sub("[^a-z0-9.,]+", " ", fold(str(one.name))).strip()}
        if any(f" {word} " in plain for word in words):
            return Column(place=place, code=one.code, unit=unit)
    return Column(place=place, unit=unit)
