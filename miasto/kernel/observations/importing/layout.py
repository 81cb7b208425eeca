"""What a file is made of: the declaration that a keeper confirms and an import profile keeps, as plain JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from miasto.kernel.observations.importing.moments import local_micros

TABLE, MBUS, EPANET, EPANET_RESULTS = "table", "mbus", "epanet", "epanet_out"
LOCAL, FIXED, UTC_ZONE, OFFSET = "local", "winter", "utc", "offset"
BY_ORDER, FIRST, SECOND = "order", "first", "second"
WINTER = "Etc/GMT-1"  # Central European Time the whole year, as the law counts the air


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of values: its place (from 0), what it measures (``Property.code``), the unit in which the file writes it."""

    place: int
    code: str = ""
    unit: str = ""
    target: int | None = None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How to read a file.

    A table has columns of ``keys`` (what tells series apart, none where all rows are of one thing), of ``date`` and maybe
    ``clock`` (places from 0; ``date`` None: rows follow each other by ``step_s`` from ``start``), and of values. ``code`` and
    ``unit`` hold for every series that says none itself. ``zone``: ``local`` (the city's), ``winter`` (UTC+1 all the year),
    ``utc``, ``offset`` (each time says its own). ``double``: which hour an ambiguous autumn time means. ``sheet``: of a
    workbook, the first one where none is named; ``parts``: of the results of a simulation.
    """

    format: str = TABLE
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    skip: int = 0
    header: bool = True
    keys: tuple[int, ...] = ()
    date: int | None = None
    clock: int | None = None
    order: str = "ymd"
    zone: str = LOCAL
    double: str = BY_ORDER
    start: str = ""
    step_s: float = 0
    values: tuple[Column, ...] = ()
    code: str = ""
    unit: str = ""
    names: tuple[str, ...] = field(default=())
    sheet: str = ""
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Layout:
        """From what ``as_json`` gave; names that this version does not know are left out."""
        known = {one.name for one in fields(cls)}
        found = {name: value for name, value in kept.items() if name in known}
        found["values"] = tuple(Column(**one) for one in found.get("values", ()))
        for name in ("keys", "names", "parts"):
            found[name] = tuple(found.get(name, ()))
        return cls(**found)

    def as_json(self) -> dict[str, Any]:
        """Plain values for a column of JSON."""
        return asdict(self)

    @property
    def tz(self) -> ZoneInfo | None:
        """The zone of local times; None where they are instants already."""
        return {LOCAL: ZoneInfo(settings.TIME_ZONE), FIXED: ZoneInfo(WINTER)}.get(self.zone)

    @property
    def start_us(self) -> int:
        """The local time of the first row, in microseconds; 0 where it is not said. Raises ``ValueError``."""
        return local_micros(datetime.fromisoformat(self.start)) if self.start else 0
