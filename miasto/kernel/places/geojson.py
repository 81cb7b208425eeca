"""Reads GeoJSON (RFC 7946, the older form with ``crs``, and one feature a line, RFC 8142) feature by feature.

Only one feature and a piece of the text around it are in memory. Every fault is raised as ``ImportRefused`` with its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

from django.utils.translation import gettext as _

from miasto.kernel.places.problems import ImportRefused, Problem

CHUNK = 1 << 20
SEPARATORS = " \t\r\n\x1e"
GEOMETRY_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class RawFeature:
    """A feature as it stands in the file: its number from 1, the line where it begins, its members."""

    number: int
    line: int | None
    value: Any


def open_text(path: Path, encoding: str | None = None) -> TextIO:
    """Open a text file, by its byte-order mark or else as UTF-8; raises ``ImportRefused`` where it cannot be opened."""
    try:
        with path.open("rb") as probe:
            head = probe.read(4)
        found = next((name for mark, name in BOMS if head.startswith(mark)), "utf-8")
        return path.open(encoding=encoding or found, newline="")
    except OSError as error:
        raise ImportRefused([Problem(_cannot_open(path, error))]) from error
    except LookupError as error:
        raise ImportRefused([Problem(_("nie ma kodowania o nazwie „%(name)s”") % {"name": encoding})]) from error


class FeatureReader:
    """Iterates over the features of an open text. ``crs`` is the name in the member ``crs``, None until one is met."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer, self._at, self._ended = "", 0, False
        self._counted = (0, 1, 1)
        self._decoder = json.JSONDecoder(parse_constant=self._constant)
        self._count = 0
        self.crs: str | None = None

    def __iter__(self) -> Iterator[RawFeature]:
        if not self._peek():
            self._fail(_("plik jest pusty"))
        while self._peek():
            yield from self._document()

    def _document(self) -> Iterator[RawFeature]:
        if self._peek() != "{":
            self._fail(_start_hint(self._peek()))
        line, members, collection = self._here()[0], {}, False
        for name in self._members():
            if name == "features" and self._peek() == "[":
                collection = True
                yield from self._array()
                continue
            members[name] = self._value()
            if name == "crs":
                self.crs = _crs_name(members[name])
        if collection:
            return
        self._count += 1
        yield RawFeature(self._count, line, self._single(members, line))

    def _single(self, members: dict[str, Any], line: int) -> dict[str, Any]:
        kind = members.get("type")
        if kind == "Feature":
            return members
        if kind in GEOMETRY_TYPES:
            return {"type": "Feature", "geometry": members, "properties": {}}
        raise ImportRefused([Problem(_kind_hint(members), line=line)])

    def _members(self) -> Iterator[str]:
        self._expect("{")
        if self._peek() == "}":
            self._expect("}")
            return
        while True:
            if not self._peek():
                self._fail(_("plik urywa się w środku zapisu"))
            if self._peek() != '"':
                self._fail(_("spodziewana nazwa w cudzysłowie"))
            name = self._value()
            self._expect(":")
            yield name
            if self._peek() != ",":
                break
            self._expect(",")
        self._expect("}")

    def _array(self) -> Iterator[RawFeature]:
        self._expect("[")
        if self._peek() == "]":
            self._expect("]")
            return
        while True:
            self._peek()
            line = self._here()[0]
            self._count += 1
            yield RawFeature(self._count, line, self._value())
            if self._peek() != ",":
                break
            self._expect(",")
        self._expect("]")

    def _expect(self, sign: str) -> None:
        found = self._peek()
        if not found:
            self._fail(_("plik urywa się: brakuje znaku „%(sign)s”") % {"sign": sign})
        if found != sign:
            self._fail(_("spodziewany znak „%(sign)s”, a jest „%(found)s”") % {"sign": sign, "found": found})
        self._at += 1

    def _peek(self) -> str:
        """The next sign that is no space, without taking it; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in SEPARATORS:
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill(CHUNK):
                return ""

    def _value(self) -> Any:
        self._peek()
        more = CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._fill(more):
                    more *= 2  # a value longer than the piece read is parsed anew: doubling keeps that linear
                    continue
                self._at = max(min(error.pos, len(self._buffer)), self._at)
                self._fail(_json_fault(error, ended=not self._buffer[error.pos :].strip()))
            except ValueError:  # an integer of thousands of digits
                self._fail(_("liczba w zapisie JSON jest zbyt długa"))
            except RecursionError:
                self._fail(_("zapis jest zagnieżdżony zbyt głęboko"))
            if end < len(self._buffer) or not self._fill(more):
                self._at = end
                return value

    def _fill(self, size: int) -> bool:
        """Read on, forgetting what was taken; False at the end of the file, and then nothing moves."""
        if self._ended:
            return False
        try:
            read = self._stream.read(size)
        except UnicodeDecodeError as error:
            line = self._here()[0] + self._buffer.count("\n", self._at) + error.object[: error.start].count(b"\n")
            text = _("plik nie jest zapisany w kodowaniu %(encoding)s") % {"encoding": error.encoding.upper()}
            mend = _("Zapisz plik w UTF-8 albo podaj jego kodowanie, na przykład --encoding cp1250.")
            raise ImportRefused([Problem(text, line=line, mend=mend)]) from error
        if not read:
            self._ended = True
            return False
        line, column = self._here()
        self._buffer, self._at, self._counted = self._buffer[self._at :] + read, 0, (0, line, column)
        return True

    def _here(self) -> tuple[int, int]:
        """Line and column, from 1; counts on from the last place that was asked for."""
        start, line, column = self._counted
        between = self._buffer[start : self._at]
        breaks = between.count("\n")
        column = len(between) - between.rfind("\n") if breaks else column + len(between)
        self._counted = (self._at, line + breaks, column)
        return line + breaks, column

    def _constant(self, name: str) -> NoReturn:
        self._fail(_("„%(name)s” nie jest liczbą w JSON") % {"name": name})

    def _fail(self, text: str) -> NoReturn:
        line, column = self._here()
        raise ImportRefused([Problem(text, line=line, column=column)])


def _cannot_open(path: Path, error: OSError) -> str:
    said = {
        FileNotFoundError: _("nie ma pliku %(path)s"),
        IsADirectoryError: _("%(path)s to folder, a nie plik"),
        PermissionError: _("brakuje uprawnień do pliku %(path)s"),
    }
    return said.get(type(error), _("pliku %(path)s nie da się otworzyć")) % {"path": path}


def _crs_name(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    properties = value.get("properties")
    name = properties.get("name", properties.get("code")) if isinstance(properties, dict) else None
    return str(name) if name else str(value.get("type"))


def _start_hint(sign: str) -> str:
    if sign == "<":
        return _(
            "to plik XML lub HTML, a nie GeoJSON. Plik GML lub KML zamień najpierw: ogr2ogr -t_srs EPSG:4326 wynik.geojson plik"
        )
    if sign == "[":
        return _("to lista, a nie GeoJSON: na początku powinien stać obiekt „FeatureCollection”")
    return _("to nie jest GeoJSON: na początku powinien stać znak „{”, a jest „%(sign)s”") % {"sign": sign}


def _kind_hint(members: dict[str, Any]) -> str:
    if members.get("type") == "Topology":
        return _("to TopoJSON, a nie GeoJSON. Zamień go najpierw, na przykład poleceniem topo2geo")
    if "geometryType" in members or "rings" in members:
        return _("to format firmy Esri, a nie GeoJSON. Pobierz dane z parametrem f=geojson")
    if "type" not in members:
        return _("to nie jest GeoJSON: brakuje pola „type”")
    return _("to nie jest GeoJSON: nieznany typ „%(type)s”") % {"type": members["type"]}


def _json_fault(error: json.JSONDecodeError, *, ended: bool) -> str:
    if ended or error.msg.startswith("Unterminated string"):
        return _("plik urywa się w środku zapisu – jest niepełny albo brakuje cudzysłowu")
    said = {
        "Expecting value": _("brakuje wartości"),
        "Expecting ',' delimiter": _("brakuje przecinka"),
        "Expecting ':' delimiter": _("brakuje dwukropka po nazwie"),
        "Expecting property name enclosed in double quotes": _("spodziewana nazwa w cudzysłowie"),
        "Illegal trailing comma before end of object": _("zbędny przecinek przed „}”"),
        "Illegal trailing comma before end of array": _("zbędny przecinek przed „]”"),
    }
    return _("błąd zapisu JSON: %(why)s") % {"why": said.get(error.msg, error.msg)}
