"""Declarations of the engine of observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class ThingKind(Spec):
    """A kind of thing that measures (an air station, a water meter).

    ``url`` is the pattern of its page, with ``{slug}`` or ``{id}``; the default is the object's own page.
    """

    name: Any
    name_plural: Any
    icon: str = "radio"
    url: str = "/obiekty/{id}/"

    def problems(self, registry: Registry) -> Iterable[str]:
        if "{id}" not in self.url and "{slug}" not in self.url:
            yield "url holds neither {id} nor {slug}"


@dataclass(frozen=True, kw_only=True)
class Property(Spec):
    """A property that the city observes: what the code calls it, and its name, unit and definition for people and machines.

    ``code`` is unique ("pm10"); ``definition`` the address of the term in a public vocabulary; ``symbol`` the unit as it is
    written ("µg/m³"), ``unit`` its name; ``decimals`` how many are shown. ``model`` is its name in the Smart Data Models, the
    entity type and the attribute ("AirQualityObserved.pm10"), under which NGSI-LD exports it; empty: it does not. ``driven_by``
    are the codes of properties that make it move (a river follows the rain): its forecasts are made from their past too.
    ``cyclic``: a direction, of whose numbers no mean says anything (350° and 10° are no south), so nothing is foretold of it
    and no hour of it is unusual. ``still_hours``: after so many hours of one value a sensor is stuck; 0 where it may stand for
    days (a river in a drought, the meter of an empty flat).
    """

    code: str
    name: Any
    definition: str
    unit: str
    symbol: str
    unit_definition: str = ""
    decimals: int = 1
    model: str = ""
    driven_by: tuple[str, ...] = ()
    cyclic: bool = False
    still_hours: int = 12

    def problems(self, registry: Registry) -> Iterable[str]:
        known = {one.code for one in registry.all(Property)}
        for code in self.driven_by:
            if code not in known:
                yield f"driven_by names {code!r}, which is no declared Property's code"
        if any(one.code == self.code and one.key != self.key for one in registry.all(Property)):
            yield f"the code {self.code!r} is taken by another Property"


@dataclass(frozen=True, kw_only=True)
class FileSeries:
    """A series as a file describes it. ``key`` tells it from the others of the file; ``source`` is the key of the stream that a
    feed may have made already (``Datastream.source``), ``thing_source`` that of its thing; what is empty the file does not say.

    ``unit`` is the unit of the file's values; where it is another than that of the property, they are converted.
    """

    key: str
    name: str = ""
    code: str = ""
    unit: str = ""
    source: str = ""
    thing: str = ""
    thing_name: str = ""
    thing_source: str = ""
    thing_kind: str = ""
    place: tuple[float, float] | None = None
    period_s: int = 0


class FileReading(NamedTuple):
    """One reading of a file: its series, instant (aware), value, and the number of its line or place (from 1)."""

    series: FileSeries
    time: datetime
    value: float
    line: int


@dataclass(frozen=True, kw_only=True)
class ReadingsFormat(Spec):
    """A format of files with readings that is no table: an export of a public service, for example.

    ``recognises(head, name)`` looks at the first bytes and the file's name. ``read(body, zone)`` gives the readings of a whole
    file; it raises ``ValueError`` with words for the reader where the file is another one. ``name`` is shown to people.
    """

    name: Any
    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes, ZoneInfo], Iterable[FileReading]]
