"""Answers of the service of GIOŚ ``pjp-api`` v1 (JSON-LD with Polish names of fields), read into plain values.

``station/findAll``, ``station/sensors/{id}``, ``data/getData/{id}``, ``aqindex/getIndex/{id}``: pages of ``size`` rows. Times
are local civil time and name the **end** of the averaged hour; here an hour is named by its beginning, in UTC.
Concentrations are in µg/m³. Raises ``Unreadable`` for an answer of another shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from miasto.modules.environment.feeds.answers import Unreadable, number

CODES = {
    "PM10": "pm10",
    "PM2.5": "pm25",
    "NO2": "no2",
    "O3": "o3",
    "SO2": "so2",
    "CO": "co",
    "C6H6": "c6h6",
    "NO": "no",
}
HOUR = timedelta(hours=1)


class NotOnline(Exception):
    """The stand is a manual one: its results come weeks later by another service (API-ERR-100003)."""


@dataclass(frozen=True)
class Station:
    """A station of the state monitoring; ``code`` such as "MzWarKondrat"."""

    id: int
    code: str
    name: str
    lat: float
    lon: float
    town: str


@dataclass(frozen=True)
class Stand:
    """One measuring stand of a station. ``code`` is ours ("pm10"); empty for a pollutant that we do not read."""

    id: int
    station_id: int
    code: str
    name: str


@dataclass(frozen=True)
class Value:
    """The mean of the hour that begins at ``start`` (UTC)."""

    start: datetime
    value: float


def stations(answer: Mapping[str, Any]) -> list[Station]:
    """The stations of one page of ``station/findAll``; one without a position is left out."""
    found = []
    for row in _rows(answer, "Lista stacji pomiarowych"):
        lat, lon = number(row.get("WGS84 φ N")), number(row.get("WGS84 λ E"))
        if lat is not None and lon is not None:
            found.append(
                Station(
                    int(row["Identyfikator stacji"]),
                    str(row["Kod stacji"]),
                    str(row["Nazwa stacji"]),
                    lat,
                    lon,
                    str(row.get("Nazwa miasta") or ""),
                )
            )
    return found


def stands(answer: Mapping[str, Any]) -> list[Stand]:
    """The stands of ``station/sensors/{id}``."""
    return [
        Stand(
            int(row["Identyfikator stanowiska"]),
            int(row["Identyfikator stacji"]),
            CODES.get(str(row["Wskaźnik - kod"]), ""),
            str(row["Wskaźnik"]),
        )
        for row in _rows(answer, "Lista stanowisk pomiarowych dla podanej stacji")
    ]


def values(answer: Mapping[str, Any], zone: ZoneInfo) -> list[Value]:
    """The hours of ``data/getData/{id}``, oldest first, without those that have no value yet. Raises ``NotOnline``.

    The list is newest first, so the first of two equal labels on the autumn night is the later hour.
    """
    if answer.get("error_code") == "API-ERR-100003":
        raise NotOnline(str(answer.get("error_reason", "")))
    found: dict[datetime, float] = {}
    seen: dict[str, int] = {}
    rows = _rows(answer, "Lista danych pomiarowych")
    for row in rows:
        seen[row["Data"]] = seen.get(row["Data"], 0) + 1
    for row in rows:
        seen[row["Data"]] -= 1
        value = number(row.get("Wartość"))
        if value is not None:
            found[_instant(row["Data"], zone, fold=seen[row["Data"]])] = value
    return [Value(ends - HOUR, value) for ends, value in sorted(found.items())]


def index(answer: Mapping[str, Any]) -> int | None:
    """The class (0 very good to 5) that ``aqindex/getIndex/{id}`` gives; None where it gives none (-1, null)."""
    table = answer.get("AqIndex")
    if not isinstance(table, Mapping):
        raise Unreadable("no AqIndex")
    value = table.get("Wartość indeksu")
    return int(value) if isinstance(value, int) and value >= 0 else None


def pages(answer: Mapping[str, Any]) -> int:
    """How many pages the list has."""
    return int(answer.get("totalPages") or 1)


def _rows(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Unreadable(f"no list {name!r}")
    return rows


def _instant(text: str, zone: ZoneInfo, *, fold: int) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"no time: {text!r}") from error
