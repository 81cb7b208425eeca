"""The entities of SensorThings 1.1 (18-088 § 8.2): their properties, links and columns.

``{t}`` in SQL stands for the alias of the entity's own row, ``{p}`` and ``{c}`` for those of a link's two ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from miasto.kernel.observations.sta.syntax import Kind


@dataclass(frozen=True)
class Field:
    """A property that may be filtered and sorted by: ``end`` closes an interval, ``number`` is what of a result is a number."""

    kind: Kind
    sql: str
    end: str = ""
    number: str = ""
    nullable: bool = True


@dataclass(frozen=True)
class Link:
    """A navigation property to ``target``. ``on`` joins both rows; ``key`` is the target's key where the link is to one."""

    target: str
    on: str
    many: bool = False
    key: str = ""


@dataclass(frozen=True)
class Entity:
    """An entity type: its singular and plural name, table, internal key, properties, links and the columns of its JSON."""

    name: str
    plural: str
    table: str
    fields: dict[str, Field]
    links: dict[str, Link]
    columns: dict[str, str] = field(default_factory=dict)
    key: str = "{t}.id"
    number: str = "{t}.id"


def _text(column: str) -> Field:
    return Field(Kind.TEXT, f"{{t}}.{column}", nullable=False)


def _json(column: str) -> Field:
    return Field(Kind.JSON, f"{{t}}.{column}")


def _described(*names: str) -> dict[str, str]:
    return {name: f"{{t}}.{name}" for name in ("name", "description", *names)}


ID = Field(Kind.NUMBER, "{t}.id", nullable=False)
_NAMED = {"id": ID, "name": _text("name"), "description": _text("description"), "properties": _json("properties")}
_PLACES_OF_THING = "{c}.id IN (SELECT at.location_id FROM observations_thing_locations at WHERE at.thing_id = {p}.id)"
_THINGS_AT_PLACE = "{c}.id IN (SELECT at.thing_id FROM observations_thing_locations at WHERE at.location_id = {p}.id)"
_PAST_OF_PLACE = """{c}.id IN (SELECT was.historicallocation_id FROM observations_historicallocation_locations was
    WHERE was.location_id = {p}.id)"""
_PLACES_OF_PAST = """{c}.id IN (SELECT was.location_id FROM observations_historicallocation_locations was
    WHERE was.historicallocation_id = {p}.id)"""
_PARTS = "SELECT part.observed_property_id FROM observations_datastreampart part WHERE part.datastream_id = {p}.id"
_WITH_PART = "SELECT part.datastream_id FROM observations_datastreampart part WHERE part.observed_property_id = {p}.id"
FEATURE = "COALESCE({t}.feature, (SELECT home.feature_id FROM observations_datastream home WHERE home.id = {t}.series))"

THING = Entity(
    name="Thing",
    plural="Things",
    table="observations_thing",
    number="{t}.number",
    fields={**_NAMED, "id": Field(Kind.NUMBER, "{t}.number", nullable=False)},
    links={
        "Locations": Link("Location", _PLACES_OF_THING, many=True),
        "HistoricalLocations": Link("HistoricalLocation", "{c}.thing_id = {p}.id", many=True),
        "Datastreams": Link("Datastream", "{c}.thing_id = {p}.id", many=True),
        "MultiDatastreams": Link("MultiDatastream", "{c}.thing_id = {p}.id", many=True),
    },
    columns={**_described("properties"), "audience": "{t}.audience", "unit": "{t}.unit_id"},
)
LOCATION = Entity(
    name="Location",
    plural="Locations",
    table="observations_location",
    fields={**_NAMED, "encodingType": _text("encoding_type"), "location": Field(Kind.GEOMETRY, "{t}.geom")},
    links={
        "Things": Link("Thing", _THINGS_AT_PLACE, many=True),
        "HistoricalLocations": Link(
            "HistoricalLocation",
            _PAST_OF_PLACE,
            many=True,
        ),
    },
    columns=_described("properties", "encoding_type", "location"),
)
HISTORICAL_LOCATION = Entity(
    name="HistoricalLocation",
    plural="HistoricalLocations",
    table="observations_historicallocation",
    fields={"id": ID, "time": Field(Kind.INSTANT, "{t}.time", nullable=False)},
    links={
        "Thing": Link("Thing", "{c}.id = {p}.thing_id", key="{p}.thing_id"),
        "Locations": Link(
            "Location",
            _PLACES_OF_PAST,
            many=True,
        ),
    },
    columns={"time": "{t}.time"},
)
SENSOR = Entity(
    name="Sensor",
    plural="Sensors",
    table="observations_sensor",
    fields={**_NAMED, "encodingType": _text("encoding_type"), "metadata": _json("metadata")},
    links={
        "Datastreams": Link("Datastream", "{c}.sensor_id = {p}.id", many=True),
        "MultiDatastreams": Link("MultiDatastream", "{c}.sensor_id = {p}.id", many=True),
    },
    columns=_described("properties", "encoding_type", "metadata"),
)
OBSERVED_PROPERTY = Entity(
    name="ObservedProperty",
    plural="ObservedProperties",
    table="observations_observedproperty",
    fields={**_NAMED, "definition": _text("definition")},
    links={
        "Datastreams": Link("Datastream", "{c}.observed_property_id = {p}.id", many=True),
        "MultiDatastreams": Link("MultiDatastream", f"{{c}}.id IN ({_WITH_PART})", many=True),
    },
    columns=_described("properties", "definition"),
)
FEATURE_OF_INTEREST = Entity(
    name="FeatureOfInterest",
    plural="FeaturesOfInterest",
    table="observations_featureofinterest",
    fields={**_NAMED, "encodingType": _text("encoding_type"), "feature": Field(Kind.GEOMETRY, "{t}.geom")},
    links={"Observations": Link("Observation", f"{FEATURE.replace('{t}', '{c}')} = {{p}}.id", many=True)},
    columns=_described("properties", "encoding_type", "feature"),
)
_SPAN = Field(Kind.INTERVAL, "{t}.first_at", end="{t}.last_at")
_NUMBERS = "(SELECT * FROM observations_datastream WHERE multi IS NULL)"
_ARRAYS = "(SELECT * FROM observations_datastream WHERE multi IS NOT NULL)"
DATASTREAM = Entity(
    name="Datastream",
    plural="Datastreams",
    table=_NUMBERS,
    fields={
        **_NAMED,
        "observationType": _text("observation_type"),
        "unitOfMeasurement/name": _text("unit_name"),
        "unitOfMeasurement/symbol": _text("unit_symbol"),
        "unitOfMeasurement/definition": _text("unit_definition"),
        "observedArea": Field(Kind.GEOMETRY, "{t}.observed_area"),
        "phenomenonTime": _SPAN,
        "resultTime": _SPAN,
    },
    links={
        "Thing": Link("Thing", "{c}.id = {p}.thing_id", key="{p}.thing_id"),
        "Sensor": Link("Sensor", "{c}.id = {p}.sensor_id", key="{p}.sensor_id"),
        "ObservedProperty": Link("ObservedProperty", "{c}.id = {p}.observed_property_id", key="{p}.observed_property_id"),
        "Observations": Link("Observation", "{c}.series = {p}.id", many=True),
    },
    columns={
        **_described("properties", "observation_type", "unit_name", "unit_symbol", "unit_definition", "first_at", "last_at"),
        "observed_area": "ST_AsGeoJSON({t}.observed_area)",
        "audience": "{t}.audience",
        "unit": "{t}.unit_id",
    },
)
MULTI_DATASTREAM = Entity(
    name="MultiDatastream",
    plural="MultiDatastreams",
    table=_ARRAYS,
    fields={
        **_NAMED,
        "observationType": _text("observation_type"),
        "multiObservationDataTypes": Field(Kind.JSON, "({t}.multi -> 'types')"),
        "unitOfMeasurements": Field(Kind.JSON, "({t}.multi -> 'units')"),
        "observedArea": Field(Kind.GEOMETRY, "{t}.observed_area"),
        "phenomenonTime": _SPAN,
        "resultTime": _SPAN,
    },
    links={
        "Thing": DATASTREAM.links["Thing"],
        "Sensor": DATASTREAM.links["Sensor"],
        "ObservedProperties": Link("ObservedProperty", f"{{c}}.id IN ({_PARTS})", many=True),
        "Observations": DATASTREAM.links["Observations"],
    },
    columns={
        **_described("properties", "observation_type", "first_at", "last_at", "multi"),
        "observed_area": "ST_AsGeoJSON({t}.observed_area)",
        "audience": "{t}.audience",
        "unit": "{t}.unit_id",
    },
)
OBSERVATION = Entity(
    name="Observation",
    plural="Observations",
    table="",  # two stores, see ``stores``
    key="ROW({t}.series, {t}.time, {t}.n)",
    fields={
        "id": Field(Kind.KEY, "{t}", nullable=False),
        "phenomenonTime": Field(Kind.INTERVAL, "{t}.time", end="{t}.ends", nullable=False),
        "result": Field(Kind.JSON, "{t}.result", number="{t}.value"),
        "resultTime": Field(Kind.INSTANT, "CASE WHEN ({t}.flags & 32) <> 0 THEN {t}.time ELSE {t}.result_time END"),
        "resultQuality": _json("quality"),
        "validTime": Field(Kind.INTERVAL, "{t}.valid_from", end="{t}.valid_to"),
        "parameters": _json("parameters"),
    },
    links={
        "Datastream": Link("Datastream", "{c}.id = {p}.series", key="{p}.series"),
        "MultiDatastream": Link("MultiDatastream", "{c}.id = {p}.series", key="{p}.series"),
        "FeatureOfInterest": Link(
            "FeatureOfInterest", f"{{c}}.id = {FEATURE.replace('{t}', '{p}')}", key=FEATURE.replace("{t}", "{p}")
        ),
    },
    columns={
        name: f"{{t}}.{name}"
        for name in (
            *("series", "time", "n", "value", "flags", "ends", "result"),
            *("result_time", "valid_from", "valid_to", "quality", "parameters"),
        )
    },
)
SERIES = (DATASTREAM, MULTI_DATASTREAM)  # whose number is the series of their observations
ENTITIES = {
    one.name: one
    for one in (
        THING,
        LOCATION,
        HISTORICAL_LOCATION,
        DATASTREAM,
        MULTI_DATASTREAM,
        SENSOR,
        OBSERVED_PROPERTY,
        FEATURE_OF_INTEREST,
        OBSERVATION,
    )
}
PLURALS = {one.plural: one for one in ENTITIES.values()}
_BESIDE = "x.result_time, x.valid_from, x.valid_to, x.quality, x.parameters, x.feature"
# Numbers with what few of them have beside (flag EXTRA is 1), and results that are no numbers. PostgreSQL drops the join
# where nothing of it is asked for.
NUMBERS = f"""SELECT r.series, r.time, 0::smallint AS n, r.value, r.flags, x.ends, NULL::jsonb AS result, {_BESIDE}
    FROM observations_reading r LEFT JOIN observations_extra x
    ON x.series = r.series AND x.time = r.time AND x.n = 0 AND (r.flags & 1) <> 0"""  # noqa: S608 - constants
OTHERS = f"""SELECT x.series, x.time, x.n, NULL::double precision AS value, 0::smallint AS flags, x.ends, x.result, {_BESIDE}
    FROM observations_extra x WHERE x.result IS NOT NULL"""  # noqa: S608 - constants
# Readings of days that are no longer hot, until the archive has taken them in (64 is the flag DELETED).
LATE = f"""SELECT l.series, l.time, 0::smallint AS n, l.value, l.flags, x.ends, NULL::jsonb AS result, {_BESIDE}
    FROM observations_late l LEFT JOIN observations_extra x
    ON x.series = l.series AND x.time = l.time AND x.n = 0 AND (l.flags & 1) <> 0
    WHERE (l.flags & 64) = 0"""  # noqa: S608 - constants
STORES = (NUMBERS, OTHERS, LATE)
