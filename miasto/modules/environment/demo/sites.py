"""The stations of the demo city: from the profile's ``demo_environment.toml`` to things and data streams."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils.text import slugify

from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.core.city import city
from miasto.kernel.observations.selectors import Datastream, Grade, Sensor, Thing
from miasto.kernel.observations.services import declared_property, save_thing
from miasto.modules.environment.air_map.sources import bearing
from miasto.modules.environment.demo.signals import Array

COMPETENCE = "environment.monitoring"
POLISH = str.maketrans("łŁ", "lL")
HARDWARE = {
    "reference": "analizator metodą referencyjną",
    "equivalent": "miernik o udowodnionej równoważności",
    "indicative": "czujnik optyczny",
}
INSTRUMENT = {
    "weather": "stacja automatyczna",
    "river": "sonda radarowa",
    "noise": "mikrofon klasy 1",
    "water": "sonda wieloparametrowa",
    "light": "fotometr nieba",
}
LEVELS = {"river": ("warning", "alarm", "official", "source"), "noise": ("area",)}
LIMITS = {
    "pm10": (0, 2000),
    "pm25": (0, 1500),
    "no2": (0, 1000),
    "o3": (0, 500),
    "so2": (0, 2000),
    "laeq": (20, 130),
    "water_level": (-50, 1500),
    "air_temperature": (-45, 50),
}


def rows() -> list[dict[str, Any]]:
    """Every station of the profile: those that stand alone, then the groups; each with its place as a ``Point``."""
    profile = city().toml("demo_environment.toml")
    found = [{**row, "geom": Point(*row["at"], srid=4326)} for row in profile.get("stations", [])]
    for group in profile.get("groups", []):
        found += _group(group)
    troubles = profile.get("troubles", {})
    for number, row in enumerate(found):
        if row["slug"] in troubles:
            row["trouble"] = troubles[row["slug"]]
        row |= {"salt": 11.0 * number + 3, "city": float(profile.get("seed", 1))}
        if row["kind"] == "air":
            row["plumes"] = [_plume(row["geom"], one) for one in profile.get("sources", [])]
    return found


def _group(group: dict[str, Any]) -> list[dict[str, Any]]:
    places = _places(group["places"]) if "places" in group else _streets(group["streets"])
    found = []
    for number, (name, point) in enumerate(places):
        if number >= group["count"]:
            break
        slug = slugify(name.translate(POLISH))[:60]
        found.append(
            {
                **group,
                "name": group["name"].format(place=name)[:200],
                "slug": group["slug"].format(slug=slug),
                "geom": point,
                "traffic": 0.5 + 0.9 * _share(number, 1),
                "stoves": 0.2 * _share(number, 2) + _stoves(point),
                "bias": 0.85 + 0.35 * _share(number, 3),
                "base": 58 + 9 * _share(number, 4),
                "offset": 1.6 * _share(number, 5) - 0.8,
            }
        )
    return found


def _plume(point: Point, source: dict[str, Any]) -> tuple[float, float]:
    """(bearing in degrees, strength) of a made-up source as a station sees it."""
    lon, lat = source["at"]
    distance = math.hypot((lon - point.x) * 71, (lat - point.y) * 111)
    return bearing(point.x, point.y, lon, lat), source["strength"] * math.exp(-distance / source["reach_km"])


def _stoves(point: Point) -> float:
    """How much is burned around a place: smooth over kilometres, most in the valley south-west of the centre."""
    lon, lat = city().centre
    east, north = (point.x - lon) * 71, (point.y - lat) * 111
    return (
        0.55
        + 0.95 * math.exp(-((east + 4) ** 2 + (north + 3.5) ** 2) / 18)
        + 0.25 * math.sin(east / 2.2) * math.sin(north / 2.6)
    )


def _share(number: int, salt: int) -> float:
    """A number in 0..1 that spreads evenly (multiples of the golden ratio)."""
    return (number * 0.61803398875 + salt * 0.317) % 1


def _features(file: str) -> list[dict[str, Any]]:
    path = city().path(file)
    return json.loads(path.read_text("utf-8"))["features"] if path else []


def _places(kinds: list[str]) -> Iterator[tuple[str, Point]]:
    """Places of the kinds, kind after kind, each name once."""
    seen = set()
    for kind in kinds:
        for one in _features("places.geojson"):
            name = one["properties"]["name"]
            if one["properties"]["kind"] == kind and name not in seen and one["geometry"]["type"] == "Point":
                seen.add(name)
                yield name, Point(*one["geometry"]["coordinates"], srid=4326)


def streets() -> Iterator[tuple[str, Point]]:
    """Every street of the profile with a point of it."""
    return _streets(list(dict.fromkeys(one["properties"].get("kind") for one in _features("streets.geojson"))))


def _streets(kinds: list[str]) -> Iterator[tuple[str, Point]]:
    """The middle of the streets of the kinds."""
    for kind in kinds:
        for one in _features("streets.geojson"):
            if one["properties"].get("kind") == kind:
                geometry = one["geometry"]
                lines = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
                longest = max(lines, key=len)
                yield one["properties"]["name"], Point(*longest[len(longest) // 2], srid=4326)


def make(row: dict[str, Any], sensors: dict[str, Sensor]) -> list[tuple[Datastream, str]]:
    """The saved thing of a row, and its data streams, not yet saved, with their codes."""
    properties = {key: row[key] for key in ("river",) if key in row}
    thing = save_thing(
        Thing(
            name=row["name"],
            slug=row["slug"],
            thing_kind=f"environment.{row['kind']}",
            source=f"demo:{row['slug']}",
            description=row.get("description", ""),
            geom=row["geom"],
            unit=unit_for(COMPETENCE),
            properties=properties,
        ),
        by=SYSTEM,
    )
    return [(_stream(thing, code, row, sensors), code) for code in row["codes"]]


def _stream(thing: Thing, code: str, row: dict[str, Any], sensors: dict[str, Sensor]) -> Datastream:
    grade = row.get("grade", Grade.INDICATIVE)
    hardware = "laboratorium" if row.get("lab") else INSTRUMENT.get(row["kind"]) or HARDWARE[grade]
    if hardware not in sensors:
        sensors[hardware] = Sensor.objects.create(name=hardware)
    least, most = LIMITS.get(code, (None, None))
    held = {key: row[key] for key in LEVELS.get(row["kind"], ()) if key in row and code in ("water_level", "laeq")}
    return Datastream(
        thing=thing,
        sensor=sensors[hardware],
        name=str(declared_property(code).name),
        source=f"demo:{row['slug']}:{code}",
        grade=grade,
        period=_period(row, grade),
        least=least,
        most=most,
        properties=held,
    )


def _period(row: dict[str, Any], grade: str) -> timedelta:
    """A laboratory takes a sample a week, a station that counts gives an hour, cheap sensors a minute."""
    if row.get("lab"):
        return timedelta(days=7)
    return timedelta(minutes=1) if grade == Grade.INDICATIVE else timedelta(hours=1)


def seen(code: str, row: dict[str, Any], value: Array) -> Array:
    """What the instrument makes of the true value: cheap sensors read too high or too low. Rounded as they report."""
    if code in ("pm10", "pm25"):
        value = value * row.get("bias", 1.0)
    decimals = declared_property(code).decimals
    return value.round(decimals)
