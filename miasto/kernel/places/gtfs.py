"""Reads stops of a timetable: ``stops.txt`` of GTFS, alone or inside the feed's zip (gtfs.org, "stops.txt")."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from miasto.kernel.places.geojson import RawFeature, open_text
from miasto.kernel.places.problems import ImportRefused, Problem

LARGEST_STOPS = 200 * 1024 * 1024
NEEDED = ("stop_id", "stop_lat", "stop_lon")
BOARDED = ("", "0", "1")  # stops and stations; entrances, path nodes and boarding areas are no places of their own


def is_gtfs(path: Path) -> bool:
    """Whether a file looks like a feed or its stops, by its beginning."""
    try:
        with path.open("rb") as file:
            head = file.read(400)
    except OSError:
        return False
    return head.startswith(b"PK\x03\x04") or b"stop_lat" in head.split(b"\n", 1)[0]


def read_stops(path: Path, encoding: str | None = None) -> Iterator[RawFeature]:
    """The stops as GeoJSON features; raises ``ImportRefused`` for a file that holds none."""
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    if packed:
        try:
            with zipfile.ZipFile(path) as feed, _member(feed) as text:
                yield from _rows(text)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise ImportRefused([Problem(_("archiwum zip jest uszkodzone albo zaszyfrowane"))]) from error
    else:
        with open_text(path, encoding) as text:
            yield from _rows(text)


def _member(feed: zipfile.ZipFile) -> TextIO:
    found = next((info for info in feed.infolist() if info.filename.rsplit("/", 1)[-1] == "stops.txt"), None)
    if found is None:
        raise ImportRefused(
            [
                Problem(
                    _(
                        "w archiwum nie ma pliku stops.txt, więc to nie rozkład GTFS. Plik Shapefile zamień najpierw: "
                        "ogr2ogr -t_srs EPSG:4326 wynik.geojson plik.shp"
                    )
                )
            ]
        )
    if found.file_size > LARGEST_STOPS:
        raise ImportRefused([Problem(_("plik stops.txt jest zbyt duży"))])
    return io.TextIOWrapper(feed.open(found), encoding="utf-8-sig", newline="")


def _rows(text: TextIO) -> Iterator[RawFeature]:
    rows = csv.DictReader(text)
    try:
        missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
        if missing:
            raise ImportRefused([Problem(_("brakuje kolumn: %(names)s") % {"names": ", ".join(missing)}, line=1)])
        count = 0
        for row in rows:
            if (row.get("location_type") or "").strip() in BOARDED:
                count += 1
                yield RawFeature(count, rows.line_num, _feature(row))
    except UnicodeDecodeError as error:
        raise ImportRefused([Problem(_("plik nie jest zapisany w UTF-8"), line=rows.line_num + 1)]) from error
    except csv.Error as error:
        raise ImportRefused([Problem(_("wiersza nie da się odczytać jako CSV"), line=rows.line_num + 1)]) from error


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value.strip() for name, value in row.items() if name and isinstance(value, str) and value.strip()}
    position = [_number(kept.pop("stop_lon", "")), _number(kept.pop("stop_lat", ""))]
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": position}, "properties": kept}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
