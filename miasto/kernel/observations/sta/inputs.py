"""Bodies of requests: what an entity must have, of which kind (18-088 § 8.2 and 10.2), and what is let pass.

Leniently taken, because the examples of the standard's own test suite write so: ``id`` beside ``@iot.id``; a missing ``name``,
which is then the beginning of the description (SensorThings 1.0 had no names); a polygon written as its one ring; an offset
followed by Z.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, WKBWriter
from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import Entity
from miasto.kernel.observations.store import flags
from miasto.kernel.observations.store.reading import Reading

DEEPEST = 30
KEYS = ("@iot.id", "id")
PASSED_OVER = ("@iot.selfLink", "selfLink", *KEYS)
AUDIENCE, UNIT, CODE = "@miasto.audience", "@miasto.unit", "@miasto.code"
OWN = {  # see ``city``
    "Thing": ("@miasto.kind", "@miasto.slug"),
    "Datastream": tuple(f"@miasto.{one}" for one in ("source", "grade", "period", "resolution", "least", "most", "jump")),
    "ObservedProperty": (CODE,),
}
MULTI = ("observationType", "multiObservationDataTypes", "unitOfMeasurements")
COLUMNS = {
    "encodingType": "encoding_type",
    "observationType": "observation_type",
}
_MAINTAINED = dict.fromkeys(("Datastream", "MultiDatastream"), ("phenomenonTime", "resultTime", "observedArea"))
_KINDS = {
    "Thing": ("name", "description", "properties"),
    "Location": ("name", "description", "encodingType", "location", "properties"),
    "HistoricalLocation": ("time",),
    "Sensor": ("name", "description", "encodingType", "metadata", "properties"),
    "ObservedProperty": ("name", "description", "definition", "properties"),
    "FeatureOfInterest": ("name", "description", "encodingType", "feature", "properties"),
    "Datastream": ("name", "description", "observationType", "unitOfMeasurement", "properties"),
    "MultiDatastream": ("name", "description", *MULTI, "properties"),
}


def fields_of(entity: Entity) -> tuple[str, ...]:
    """The properties that a body may give an entity."""
    return _KINDS.get(entity.name, _OBSERVATION)


def decode(raw: bytes) -> Any:
    """JSON of a body. Raises ``Problem`` for what is none, or could not be stored: NUL, half a surrogate, NaN, a thicket."""
    try:
        found = _JSON.decode(raw.decode("utf-8-sig"))
        if b"\\u0000" in raw or b"\\ud" in raw.lower():
            text = json.dumps(found, ensure_ascii=False)
            text.encode()
            if "\\u0000" in text:
                raise ValueError("NUL")
    except (ValueError, RecursionError):
        raise Problem(400, _("Treść zapytania nie jest poprawnym JSON-em.")) from None
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _deep(found) > DEEPEST:
        raise Problem(400, _("Treść zapytania jest zbyt zagnieżdżona."))
    return found


def _no_number(word: str) -> Any:
    raise ValueError(word)


_JSON = json.JSONDecoder(parse_constant=_no_number)


def _deep(found: Any) -> int:
    level, depth = [found], 0
    while level and depth <= DEEPEST + 1:
        depth += 1
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
            if isinstance(child, dict | list)
        ]
    return depth


def key_in(body: Any) -> int | str | None:
    """The key of a link to an existing entity: what names ``@iot.id`` (clients send the rest of it along), or ``id`` alone."""
    if not isinstance(body, dict):
        return None
    if "@iot.id" in body:
        return body["@iot.id"]
    return body.get("id") if set(body) <= set(PASSED_OVER) else None


def wrong(name: str, message: str) -> Problem:
    """A problem with one property."""
    return Problem(400, f"{name}: {message}")


def columns_of(entity: Entity, body: Any, *, partial: bool = False) -> dict[str, Any]:
    """The columns that a body gives for an entity. ``partial``: only those it names (PATCH). Raises ``Problem``."""
    if not isinstance(body, dict):
        raise Problem(400, _("%(entity)s: potrzebny jest obiekt JSON.") % {"entity": entity.name})
    known = (*_KINDS[entity.name], *_MAINTAINED.get(entity.name, ()), *entity.links, *PASSED_OVER, AUDIENCE, UNIT)
    known += OWN.get(entity.name, ())
    for name in body:
        if name not in known and "@iot." not in name:
            raise Problem(400, _("%(entity)s nie ma własności „%(name)s”.") % {"name": name[:60], "entity": entity.name})
    if entity.name != "HistoricalLocation" and not partial:
        body = _named(body)
    if entity.name == "MultiDatastream" and not partial:
        body = {"observationType": COMPLEX, **body}
    made: dict[str, Any] = {}
    for name in _KINDS[entity.name]:
        if name in body:
            made |= _READ[name](name, body[name])
        elif not partial:
            if name != "properties":
                raise wrong(name, _("brakuje tej własności"))
            made["properties"] = {}
    return _multi(made) if entity.name == "MultiDatastream" else _with_geometry(entity, made)


def _multi(made: dict[str, Any]) -> dict[str, Any]:
    """Types and units as one column; a part that is not named (PATCH) is left to who knows the row."""
    if made.get("observation_type", COMPLEX) != COMPLEX:
        raise wrong("observationType", _("MultiDatastream ma typ %(kind)s") % {"kind": COMPLEX})
    types, units = made.pop("multiObservationDataTypes", None), made.pop("unitOfMeasurements", None)
    parts = {name: one for name, one in (("types", types), ("units", units)) if one is not None}
    return {**made, "multi": parts} if parts else made


def _named(body: dict[str, Any]) -> dict[str, Any]:
    if "name" in body or not isinstance(body.get("description"), str):
        return body
    return {**body, "name": body["description"].strip()[:200]}


def _short(most: int) -> Any:
    def read(name: str, found: Any) -> dict[str, Any]:
        if not isinstance(found, str) or (name != "description" and not found.strip() and name != "definition"):
            raise wrong(name, _("potrzebny jest tekst"))
        if len(found) > most:
            raise wrong(name, _("tekst może mieć najwyżej %(most)d znaków") % {"most": most})
        return {COLUMNS.get(name, name): found}

    return read


def _document(name: str, found: Any) -> dict[str, Any]:
    if found is not None and not isinstance(found, dict):
        raise wrong(name, _("potrzebny jest obiekt JSON"))
    return {name: found or {}}


def _anything(name: str, found: Any) -> dict[str, Any]:
    if found is None:
        raise wrong(name, _("brakuje tej własności"))
    return {name: found}


def _unit(name: str, found: Any) -> dict[str, Any]:
    parts = ("name", "symbol", "definition")
    if not isinstance(found, dict) or any(not isinstance(found.get(part, 0), str | None) for part in parts):
        raise wrong(name, _("potrzebny jest obiekt z własnościami name, symbol i definition (tekst albo null)"))
    for part, most in zip(parts, (100, 40, 500), strict=True):
        if len(found[part] or "") > most:
            raise wrong(f"{name}/{part}", _("tekst może mieć najwyżej %(most)d znaków") % {"most": most})
    return {f"unit_{part}": found[part] or "" for part in parts}


def _list_of(one: Any) -> Any:
    def read(name: str, found: Any) -> dict[str, Any]:
        if not isinstance(found, list) or not 1 <= len(found) <= MOST_PARTS:
            raise wrong(name, _("potrzebna jest tablica, najwyżej %(most)d elementów") % {"most": MOST_PARTS})
        return {name: [one(f"{name}/{place}", part) for place, part in enumerate(found)]}

    return read


def _type(name: str, found: Any) -> str:
    if found not in RESULT_TYPES:
        raise wrong(name, _("nieznany rodzaj wyniku"))
    return str(found)


def _unit_document(name: str, found: Any) -> dict[str, Any]:
    _unit(name, found)
    return {part: found.get(part) for part in ("name", "symbol", "definition")}


def _time(name: str, found: Any) -> dict[str, Any]:
    return {name: instant(name, found)}


_READ = {
    "name": _short(200),
    "description": _short(20_000),
    "encodingType": _short(100),
    "observationType": _short(200),
    "definition": _short(500),
    "properties": _document,
    "metadata": _anything,
    "location": _anything,
    "feature": _anything,
    "unitOfMeasurement": _unit,
    "multiObservationDataTypes": _list_of(_type),
    "unitOfMeasurements": _list_of(_unit_document),
    "time": _time,
}


def _with_geometry(entity: Entity, made: dict[str, Any]) -> dict[str, Any]:
    name = {"Location": "location", "FeatureOfInterest": "feature"}.get(entity.name)
    if name is None or name not in made:
        return made
    return {**made, "geom": geometry(name, made[name], str(made.get("encoding_type", "geojson")))}


def geometry(name: str, found: Any, encoding: str) -> GEOSGeometry | None:
    """What of a location can be searched: GeoJSON (a geometry or a feature) on the Earth; None for another encoding.

    Raises ``Problem`` where the encoding is GeoJSON's media type and the location is none; under another name of GeoJSON it
    is stored as it came and not searched.
    """
    if "json" not in encoding.lower():
        return None
    made = _geometry(found)
    if made is None and encoding.lower().startswith("application/"):
        raise wrong(name, _("to nie jest poprawny GeoJSON"))
    return made


def _geometry(found: Any) -> GEOSGeometry | None:
    shape = found.get("geometry") if isinstance(found, dict) and found.get("type") == "Feature" else found
    if not isinstance(shape, dict) or not _finite(shape.get("coordinates", shape.get("geometries"))):
        return None
    try:
        made = GEOSGeometry(json.dumps(_with_rings(shape)), srid=4326)
    except (GEOSException, GDALException, ValueError, TypeError, IndexError, KeyError):
        return None
    if made.empty:
        return None
    if made.hasz:  # heights stay in the document; the city's geometries are flat
        made = GEOSGeometry(WKBWriter().write(made), srid=4326)
    west, south, east, north = made.extent
    return made if west >= -180 and east <= 180 and south >= -90 and north <= 90 else None


def _with_rings(shape: dict[str, Any]) -> dict[str, Any]:
    """A polygon written as its one ring, which the examples do, with the ring in an array, as RFC 7946 has it."""
    if shape.get("type") == "Polygon" and not isinstance(shape["coordinates"][0][0], list):
        return {**shape, "coordinates": [shape["coordinates"]]}
    return shape


def _finite(found: Any) -> bool:
    if isinstance(found, dict):
        return _finite(found.get("coordinates", found.get("geometries")))
    if isinstance(found, list):
        return all(_finite(one) for one in found)
    return isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e9


def instant(name: str, found: Any) -> datetime:
    """An instant of a body. Raises ``Problem``."""
    try:
        return times.instant(found)
    except (ValueError, TypeError):
        raise wrong(name, _("to nie jest czas ISO 8601")) from None


def span(name: str, found: Any) -> tuple[datetime, datetime | None]:
    """An instant or a period of a body. Raises ``Problem``."""
    try:
        return times.span(found)
    except (ValueError, TypeError, AttributeError):
        raise wrong(name, _("to nie jest czas ani okres ISO 8601")) from None


def check_result(types: list[str], result: Any) -> None:
    """Raise ``Problem`` where a result has not one value of each type of its MultiDatastream, in their order (§ 8.3.3)."""
    if not isinstance(result, list) or len(result) != len(types):
        raise wrong("result", _("potrzebna jest tablica; liczba elementów: %(count)d") % {"count": len(types)})
    for place, (kind, one) in enumerate(zip(types, result, strict=True)):
        if one is not None and not RESULT_TYPES[kind](one):
            raise wrong(f"result/{place}", _("potrzebna jest tu wartość rodzaju %(kind)s") % {"kind": kind.rpartition("/")[2]})


def _whole(one: Any) -> bool:
    return isinstance(one, int) and not isinstance(one, bool)


_TYPE = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_"
RESULT_TYPES = {
    f"{_TYPE}CategoryObservation": lambda one: isinstance(one, str),
    f"{_TYPE}CountObservation": _whole,
    f"{_TYPE}Measurement": lambda one: _whole(one) or isinstance(one, float),
    f"{_TYPE}Observation": lambda one: True,
    f"{_TYPE}TruthObservation": lambda one: isinstance(one, bool),
}
MOST_PARTS = 100
COMPLEX = f"{_TYPE}ComplexObservation"


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One observation as it was sent: a number in ``value``, or another ``result``; what it has beside."""

    series: int
    time: datetime
    value: float | None = None
    result: Any = None
    ends: datetime | None = None
    result_time: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    quality: Any = None
    parameters: Any = None
    feature: int | None = None

    @property
    def beside(self) -> bool:
        """Whether the table of extras must hold something of a number."""
        return (
            (self.result_time is not None and self.result_time != self.time)
            or self.ends is not None
            or self.valid_from is not None
            or self.quality is not None
            or self.parameters is not None
            or self.feature is not None
        )

    @property
    def reading(self) -> Reading:
        """The number as the store takes it."""
        bits = (flags.EXTRA if self.beside else 0) | (flags.RESULT_TIME if self.result_time == self.time else 0)
        return Reading(self.series, self.time, float(self.value or 0), bits)


_OBSERVATION = ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters")
OF_OBSERVATION = ("Datastream", "MultiDatastream", "FeatureOfInterest")  # its links


def observed(body: Any, series: int, now: datetime, feature: int | None = None) -> Observed:
    """The observation of a body, its links apart. Without a time it is of now (§ 8.2.7). Raises ``Problem``."""
    if not isinstance(body, dict):
        raise Problem(400, _("%(entity)s: potrzebny jest obiekt JSON.") % {"entity": "Observation"})
    for name in body:
        if name not in (*_OBSERVATION, *OF_OBSERVATION, *PASSED_OVER) and "@iot." not in name:
            raise Problem(400, _("%(entity)s nie ma własności „%(name)s”.") % {"name": name[:60], "entity": "Observation"})
    if "result" not in body:
        raise wrong("result", _("brakuje tej własności"))
    time, ends = (now, None) if body.get("phenomenonTime") is None else span("phenomenonTime", body["phenomenonTime"])
    value, result = split_result(body["result"])
    valid = (None, None) if body.get("validTime") is None else span("validTime", body["validTime"])
    if body.get("parameters") is not None and not isinstance(body["parameters"], dict):
        raise wrong("parameters", _("potrzebny jest obiekt JSON"))
    return Observed(
        series=series,
        time=time,
        ends=ends,
        value=value,
        result=result,
        result_time=None if body.get("resultTime") is None else instant("resultTime", body["resultTime"]),
        valid_from=valid[0],
        valid_to=valid[1],
        quality=body.get("resultQuality"),
        parameters=body.get("parameters"),
        feature=feature,
    )


def split_result(found: Any) -> tuple[float | None, Any]:
    """``(number, None)`` or ``(None, what is no number)``. Raises ``Problem`` for a number beyond all bounds."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None, found
    try:
        value = float(found)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise wrong("result", _("to nie jest liczba"))
    return value, None
