"""Stations as pages show them: streams, latest readings, the index of the air; few queries whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream, Grade, Reading, Thing
from miasto.modules.environment.declared import AIR
from miasto.modules.environment.law.air_index import BORDERS, Index, polish_index
from miasto.modules.environment.models import StationNow
from miasto.modules.environment.words import COLOURS, NOTHING

if TYPE_CHECKING:
    from miasto.kernel.accounts.selectors import Viewer

HOUR = timedelta(hours=1)
BACK = 3  # GIOŚ shows the index of the last hour, else of one of the two before it
LISTED = ("thing_id", "grade", "period", "unit_symbol", "properties", "observed_property__code")
COUNTED = (Grade.REFERENCE, Grade.EQUIVALENT)


@dataclass(frozen=True)
class Station:
    """A thing with its streams and latest readings by code. ``hour`` (its beginning) is that of the index."""

    thing: Thing
    streams: Mapping[str, Datastream]
    latest: Mapping[str, Reading]
    values: Mapping[str, float] = field(default_factory=dict)
    hour: datetime | None = None

    @cached_property
    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude in degrees, read from the geometry once: pages measure the way to each station many times."""
        return self.thing.geom.coords if self.thing.geom else None

    @cached_property
    def url(self) -> str:
        return selectors.page_of(self.thing)

    @cached_property
    def counted(self) -> bool:
        """Whether its readings count by law: every stream of the index is of the reference or an equivalent method."""
        graded = [one.grade for code, one in self.streams.items() if code in BORDERS]
        return bool(graded) and all(grade in COUNTED for grade in graded)

    @cached_property
    def index(self) -> Index | None:
        return polish_index(self.values)

    @property
    def colour(self) -> str:
        """The colour of its dot on the map."""
        index = self.index
        return COLOURS[index.value] if index else NOTHING

    @property
    def ends(self) -> datetime | None:
        """The end of the hour of the index."""
        return self.hour + HOUR if self.hour else None

    def value(self, code: str) -> float | None:
        """The latest reading of a property, not older than three hours."""
        found = self.latest.get(code)
        return found.value if found and found.time > clock.now() - 3 * HOUR else None


def stations(viewer: Viewer, *kinds: str) -> list[Station]:
    """The stations of some kinds with their latest readings, by name; three queries."""
    return _with_streams(list(selectors.things(viewer, *kinds)), viewer)


def station(slug: str, viewer: Viewer) -> Station | None:
    """One station by the name in its address; the index where it measures the air."""
    found = _with_streams(list(selectors.things(viewer).filter(slug=slug)[:1]), viewer, whole=True)
    return _indexed(found)[0] if found and found[0].thing.thing_kind == AIR else found[0] if found else None


def air_stations(viewer: Viewer) -> list[Station]:
    """The stations of the air with the index of their last hour: those that count by law first; four queries."""
    return sorted(_indexed(stations(viewer, AIR)), key=lambda one: (not one.counted, one.thing.name))


def _with_streams(things: list[Thing], viewer: Viewer, *, whole: bool = False) -> list[Station]:
    """``whole``: every column of the streams and their sensors; lists of hundreds do without."""
    by_thing: dict[Any, dict[str, Datastream]] = {thing.pk: {} for thing in things}
    streams = selectors.streams(viewer, by_thing)
    for stream in streams.select_related("observed_property", "sensor") if whole else streams.only(*LISTED):
        by_thing[stream.thing_id].setdefault(stream.observed_property.code or str(stream.pk), stream)
    latest = selectors.latest(stream.pk for streams in by_thing.values() for stream in streams.values())
    return [
        Station(
            thing,
            by_thing[thing.pk],
            {code: latest[one.pk] for code, one in by_thing[thing.pk].items() if one.pk in latest},
        )
        for thing in things
    ]


def _indexed(found: Iterable[Station]) -> list[Station]:
    """With the hourly means of the last whole hour that has any; one query."""
    found = list(found)
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    codes = {one.pk: (number, code) for number, row in enumerate(found) for code, one in row.streams.items() if code in BORDERS}
    means: dict[int, dict[datetime, dict[str, float]]] = {}
    for hour in selectors.hours(codes, now - BACK * HOUR, now):
        number, code = codes[hour.series]
        means.setdefault(number, {}).setdefault(hour.start, {})[code] = hour.mean
    return [_at_hour(row, means.get(number, {})) for number, row in enumerate(found)]


def _at_hour(row: Station, by_hour: Mapping[datetime, Mapping[str, float]]) -> Station:
    if not by_hour:
        return row
    newest = max(by_hour)
    return Station(row.thing, row.streams, row.latest, by_hour[newest], newest)


def worst(found: Iterable[Station]) -> Station | None:
    """The station with the worst index."""
    indexed = [one for one in found if one.index]
    return max(indexed, key=lambda one: one.index.value, default=None)


def keep_classes() -> int:
    """Write down the class of every public station of the air where it has changed; returns how many have."""
    kept = {one.thing_id: one for one in StationNow.objects.all()}
    changed = []
    for one in air_stations(ANONYMOUS):
        if one.thing.geom is None:
            continue
        index = one.index
        made = StationNow(
            thing=one.thing,
            geom=one.thing.geom,
            station=one.thing.name,
            air_class=int(index.value) if index else None,
            name=str(index.name) if index else "",
        )
        held = kept.pop(one.thing.pk, None)
        if held is None or any(getattr(held, name) != getattr(made, name) for name in ("geom", "station", "air_class")):
            changed.append(made)
    StationNow.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["thing"], update_fields=["geom", "station", "air_class", "name"]
    )
    StationNow.objects.filter(thing__in=kept).delete()  # no longer public
    return len(changed)
