"""The periodic questions to GIOŚ and IMGW-PIB: what the profile's ``environment.toml`` switches on, station after station.

One station that does not answer stops no other; a repeated answer is harmless (the store keeps one reading for an instant), and
what was missed comes with the next answer, which holds the last three days (GIOŚ).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils.text import slugify

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock, marks, outbound
from miasto.kernel.core.city import city
from miasto.kernel.observations.selectors import Datastream, Grade, Reading, Sensor, Thing
from miasto.kernel.observations.services import declared_property, ingest, save_datastream, save_thing
from miasto.modules.environment.declared import AIR, RIVER, WEATHER
from miasto.modules.environment.feeds import gios, imgw
from miasto.modules.environment.feeds.answers import Unreadable, document
from miasto.modules.environment.river_warnings import take_in

MOST_BYTES, SECONDS = 8_000_000, 30
KNOWN = "environment.gios_known"
ASK_AGAIN = timedelta(hours=24)  # for new stations and stands
PAGES_MOST = 20
HOUR = timedelta(hours=1)
SERVICE = "IMGW-PIB, danepubliczne.imgw.pl/api/data/hydro"
POLISH = str.maketrans("łŁ", "lL")
DUST = ("pm10", "pm25")
_log = logging.getLogger(__name__)
Profile = Mapping[str, Any]


class NoAnswer(Exception):
    """The service did not answer, or with an error."""


def poll_gios(profile: Profile | None = None) -> int:
    """Readings of the stations that the profile chooses; returns how many were taken in. Nothing where it is switched off."""
    profile = profile if profile is not None else city().toml("environment.toml").get("gios", {})
    if not profile.get("enabled"):
        return 0
    _each("gios stations", lambda: _learn(profile))
    taken = 0
    for stream in Datastream.objects.filter(source__startswith="gios:").order_by("pk"):
        taken += _each(stream.source, lambda stream=stream: _take_hours(profile["url"], stream))
    return taken


def poll_imgw(profile: Profile | None = None) -> int:
    """Gauges, synoptic stations and hydrological warnings that the profile chooses; returns how many readings were taken in."""
    profile = profile if profile is not None else city().toml("environment.toml").get("imgw", {})
    if not profile.get("enabled"):
        return 0
    url = profile["url"]
    taken = _each("imgw hydro", lambda: _take_gauges(_ask(f"{url}/hydro"), profile)) if profile.get("gauges") else 0
    for one in profile.get("synop", []):
        taken += _each(f"imgw synop {one['id']}", lambda one=one: _take_weather(_ask(f"{url}/synop/id/{one['id']}"), one))
    if profile.get("catchments"):
        _each("imgw warnings", lambda: _take_warnings(url, profile["catchments"]))
    return taken


def _each(what: str, act: Callable[[], int]) -> int:
    """What one question brings; a failure is logged and counts as nothing."""
    try:
        return act()
    except (NoAnswer, Unreadable, gios.NotOnline) as error:
        _log.warning("%s: %s", what, error)
        return 0


def _ask(url: str) -> Any:
    try:
        answer = outbound.fetch(url, most=MOST_BYTES, seconds=SECONDS, headers={"Accept": "application/json"})
    except (outbound.Forbidden, outbound.NotSent, outbound.Unanswered) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    found = document(answer.body)
    refused = isinstance(found, Mapping) and "error_code" in found
    if answer.status >= 300 and not refused:
        raise NoAnswer(f"status {answer.status}")
    return found


def _learn(profile: Profile) -> int:
    """Once a day: the stations and stands that the profile chooses become things and data streams."""
    known = marks.get(KNOWN)
    if known and clock.now().timestamp() - float(known) < ASK_AGAIN.total_seconds():
        return 0
    url, towns, ids = profile["url"], set(profile.get("towns", [])), set(profile.get("stations", []))
    page, pages = 0, 1
    while page < min(pages, PAGES_MOST):
        answer = _ask(f"{url}/station/findAll?page={page}&size=500")
        for one in gios.stations(answer):
            if one.id in ids or one.town in towns:
                _each(f"gios station {one.id}", lambda one=one: _learn_station(url, one))
        page, pages = page + 1, gios.pages(answer)
    marks.put(KNOWN, clock.now().timestamp())
    return 0


def _learn_station(url: str, one: gios.Station) -> int:
    thing = _thing(f"gios:{one.id}", AIR, one.name, Point(one.lon, one.lat, srid=4326))
    for stand in gios.stands(_ask(f"{url}/station/sensors/{one.id}?size=100")):
        if stand.code and not Datastream.objects.filter(source=f"gios:{stand.id}").exists():
            grade = Grade.EQUIVALENT if stand.code in DUST else Grade.REFERENCE
            _stream(thing, stand.code, f"gios:{stand.id}", grade, HOUR)
    return 0


def _take_hours(url: str, stream: Datastream) -> int:
    number = (stream.source or "").split(":")[1]
    found = gios.values(_ask(f"{url}/data/getData/{number}?size=500"), clock.zone())
    return ingest([Reading(stream.pk, one.start, one.value) for one in found], by=SYSTEM).accepted


def _take_gauges(answer: Any, profile: Profile) -> int:
    wanted, levels = set(profile["gauges"]), profile.get("levels", {})
    readings = []
    for one in imgw.gauges(answer):
        if one.id not in wanted or one.lat is None or one.lon is None:
            continue
        place = Point(one.lon, one.lat, srid=4326)
        thing = _thing(f"imgw:{one.id}", RIVER, f"{one.river} – {one.name}", place, {"river": one.river})
        marked = _marked(one, levels.get(one.id))
        for code, timed in (("water_level", one.level), ("water_flow", one.flow), ("water_temperature", one.temperature)):
            if timed is not None:
                source, held = f"imgw:{one.id}:{code}", marked if code == "water_level" else {}
                stream = _stream(thing, code, source, Grade.REFERENCE, timedelta(minutes=10), held)
                readings.append(Reading(stream.pk, *timed))
    return ingest(readings, by=SYSTEM).accepted


def _marked(one: imgw.Gauge, own: Mapping[str, Any] | None) -> dict[str, Any]:
    """The levels of a gauge: those that the service gives with it, else those of the profile, which says whose they are."""
    if one.warning is not None or one.alarm is not None:
        return {"warning": one.warning, "alarm": one.alarm, "official": True, "source": SERVICE}
    return {"official": True, **own} if own else {}


def _take_weather(answer: Any, row: Mapping[str, Any]) -> int:
    readings = []
    for report in imgw.weather(answer):
        name = str(row.get("name") or f"IMGW – {report.name}")
        thing = _thing(f"imgw:{report.id}", WEATHER, name, Point(*row["at"], srid=4326))
        for code, value in report.values.items():
            stream = _stream(thing, code, f"imgw:{report.id}:{code}", Grade.REFERENCE, HOUR)
            readings.append(Reading(stream.pk, report.time, value))
    return ingest(readings, by=SYSTEM).accepted


def _take_warnings(url: str, catchments: list[str]) -> int:
    take_in(imgw.warnings(_ask(f"{url}/warningshydro"), clock.zone()), catchments)
    return 0


def _thing(source: str, kind: str, name: str, geom: Point, properties: dict[str, Any] | None = None) -> Thing:
    """The thing of a feed, made or changed only where its name or place is another."""
    thing = Thing.objects.filter(source=source).first()
    if thing is not None and thing.name == name and thing.geom and thing.geom.equals_exact(geom, 1e-6):
        return thing
    if thing is None:
        slug = f"{slugify(name.translate(POLISH))[:50]}-{slugify(source)}"
        thing = Thing(source=source, thing_kind=kind, slug=slug, properties=properties or {})
    thing.name, thing.geom = name[:200], geom
    return save_thing(thing, by=SYSTEM)


def _stream(
    thing: Thing, code: str, source: str, grade: str, period: timedelta, properties: dict[str, Any] | None = None
) -> Datastream:
    """The data stream of a feed, made at its first reading, changed only where its levels are others."""
    found = Datastream.objects.filter(source=source).first()
    if found is not None and (properties is None or found.properties == properties):
        return found
    return save_datastream(
        thing=thing,
        code=code,
        sensor=Sensor.objects.get_or_create(name="sieć państwowa")[0],
        name=str(declared_property(code).name),
        by=SYSTEM,
        source=source,
        grade=grade,
        period=period,
        properties=properties or {},
    )
