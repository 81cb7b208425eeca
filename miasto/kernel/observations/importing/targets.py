"""Where the series of a file go: a stream that was chosen, one that the file's own key names, or one made now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.importing import units
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import Layout
from miasto.kernel.observations.importing.models import FileImport, ImportProfile
from miasto.kernel.observations.models import Datastream, Sensor, Thing
from miasto.kernel.observations.things import declared_property, import_datastreams, save_thing
from miasto.kernel.spec.observations import FileSeries, ThingKind

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

ONCE = 2000


@dataclass(frozen=True)
class Targets:
    """For each series of the file the data stream, and what its values are multiplied by; how many streams were made."""

    streams: list[int]
    factors: list[float]
    made: int


def source_of(one: FileSeries, profile: ImportProfile) -> str:
    """The key of the stream: the file's own, or one of the profile and the name of the series."""
    return one.source or f"plik:{profile.pk}:{_short(one.key or 'x')}"


def _short(key: str) -> str:
    return key if len(key) <= 60 else hashlib.sha256(key.encode()).hexdigest()[:40]


def existing(series: Sequence[FileSeries], profile: ImportProfile) -> dict[str, Datastream]:
    """The streams that there are already, by their ``source``."""
    sources, found = [source_of(one, profile) for one in series], {}
    for start in range(0, len(sources), ONCE):
        found |= {one.source: one for one in Datastream.objects.filter(source__in=sources[start : start + ONCE])}
    return found


def settle(one: FileImport, profile: ImportProfile, series: Sequence[FileSeries], *, by: Viewer) -> Targets:
    """The streams of all series, made where they are missing. Raises ``Unreadable`` for a unit that cannot be converted."""
    layout, there = Layout.of(one.layout), existing(series, profile)
    chosen = _chosen(layout, series, by)
    missing = [row for place, row in enumerate(series) if place not in chosen and source_of(row, profile) not in there]
    for row in missing:
        if not row.code:
            raise Unreadable(_("Nie wiadomo, co mierzy seria %(name)s.") % {"name": row.key})
    made = _make(missing, profile, by=by)
    there |= {stream.source: stream for stream in made}
    streams = [chosen.get(place) or there[source_of(row, profile)] for place, row in enumerate(series)]
    factors = [_factor(row, stream) for row, stream in zip(series, streams, strict=True)]
    return Targets([stream.pk for stream in streams], factors, len(made))


def _chosen(layout: Layout, series: Sequence[FileSeries], by: Viewer) -> dict[int, Datastream]:
    """Streams that a person chose for whole columns; only a table without keys has such."""
    wanted = {} if layout.keys else {column.place: column.target for column in layout.values if column.target}
    if not wanted:
        return {}
    streams = {one.pk: one for one in Datastream.objects.visible_to(by).filter(pk__in=wanted.values())}
    if len(streams) < len(set(wanted.values())):
        raise Unreadable(_("Wybranej serii pomiarowej już nie ma."))
    names = {_label(layout, place): streams[target] for place, target in wanted.items()}
    return {place: names[one.key] for place, one in enumerate(series) if one.key in names}


def _label(layout: Layout, place: int) -> str:
    return layout.names[place] if place < len(layout.names) and layout.names[place] else str(place + 1)


def _factor(one: FileSeries, stream: Datastream) -> float:
    found = units.factor(one.unit, stream.unit_symbol)
    if found is None:
        raise Unreadable(
            _("Seria %(name)s jest w jednostce %(unit)s, której nie da się przeliczyć na %(wanted)s.")
            % {"name": one.key, "unit": one.unit, "wanted": stream.unit_symbol or "–"}
        )
    return found


def _make(missing: Sequence[FileSeries], profile: ImportProfile, *, by: Viewer) -> list[Datastream]:
    if not missing:
        return []
    for row in missing:
        if units.factor(row.unit, declared_property(row.code).symbol) is None:
            _factor(row, Datastream(unit_symbol=declared_property(row.code).symbol))
    things: dict[str, Thing] = {}
    sensor = Sensor.objects.filter(properties__profile=str(profile.pk)).first() or Sensor.objects.create(
        name=profile.name, description="file import", properties={"profile": str(profile.pk)}
    )
    return import_datastreams(
        code_of=[(_stream(row, _thing(row, profile, things, by), sensor, profile), row.code) for row in missing], by=by
    )


def _thing(one: FileSeries, profile: ImportProfile, things: dict[str, Thing], by: Viewer) -> Thing:
    source = one.thing_source or f"plik:{profile.pk}:{_short(one.thing or 'x')}"
    if source not in things:
        kind = one.thing_kind if one.thing_kind and registry().has(ThingKind, one.thing_kind) else profile.thing_kind
        things[source] = Thing.objects.filter(source=source).first() or save_thing(
            Thing(
                source=source,
                name=(one.thing_name or one.thing or profile.thing_name or profile.name)[:200],
                thing_kind=kind,
                unit=profile.unit,
                audience=profile.audience,
                geom=Point(*one.place, srid=4326) if one.place else None,
            ),
            by=by,
        )
    return things[source]


def _stream(one: FileSeries, thing: Thing, sensor: Sensor, profile: ImportProfile) -> Datastream:
    name = one.name or str(declared_property(one.code).name)
    return Datastream(
        source=source_of(one, profile),
        thing=thing,
        sensor=sensor,
        name=name[:200],
        audience=profile.audience,
        unit=profile.unit,
        period=timedelta(seconds=one.period_s),
    )
