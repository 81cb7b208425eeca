"""Rows as the JSON of the standard (18-088 § 9.2 and 8.2)."""

from __future__ import annotations

import json
from typing import Any

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.schema import OBSERVATION, Entity
from miasto.kernel.observations.store import flags

Row = dict[str, Any]


def key_of(entity: Entity, row: Row) -> int | str:
    """The ``@iot.id``."""
    if entity is OBSERVATION:
        return times.observation_id(row["series"], row["time"], row["n"])
    return row["_id"]


def address(entity: Entity, key: int | str, base: str) -> str:
    """The ``@iot.selfLink``."""
    shown = f"'{key}'" if isinstance(key, str) else key
    return f"{base}{entity.plural}({shown})"


def properties_of(entity: Entity, row: Row) -> dict[str, Any]:
    """The properties of an entity, without its links."""
    return _MAKERS[entity.name](row)


def _named(row: Row) -> dict[str, Any]:
    return {"name": row["name"], "description": row["description"]}


def _document(text: Any) -> Any:
    """A jsonb column as it comes through a cursor without Django's converters."""
    return json.loads(text) if isinstance(text, str) else text


def _own(row: Row) -> dict[str, Any]:
    found = _document(row["properties"])
    return {"properties": found} if found else {}


def _thing(row: Row) -> dict[str, Any]:
    return {**_named(row), "properties": _document(row["properties"]) or {}}


def _encoded(name: str) -> Any:
    def made(row: Row) -> dict[str, Any]:
        return {**_named(row), "encodingType": row["encoding_type"], name: _document(row[name]), **_own(row)}

    return made


def _historical(row: Row) -> dict[str, Any]:
    return {"time": times.text_of(row["time"])}


def _property(row: Row) -> dict[str, Any]:
    return {**_named(row), "definition": row["definition"], **_own(row)}


def _datastream(row: Row) -> dict[str, Any]:
    return {
        **_named(row),
        "observationType": row["observation_type"],
        "unitOfMeasurement": {
            "name": row["unit_name"],
            "symbol": row["unit_symbol"],
            "definition": row["unit_definition"],
        },
        **_own(row),
        **_maintained(row),
    }


def _multi_datastream(row: Row) -> dict[str, Any]:
    multi = _document(row["multi"])
    return {
        **_named(row),
        "observationType": row["observation_type"],
        "multiObservationDataTypes": multi["types"],
        "unitOfMeasurements": multi["units"],
        **_own(row),
        **_maintained(row),
    }


def _maintained(row: Row) -> dict[str, Any]:
    period = times.span_text(row["first_at"], row["last_at"])
    made = {"observedArea": json.loads(row["observed_area"])} if row["observed_area"] else {}
    return made | ({"phenomenonTime": period, "resultTime": period} if period else {})


def _observation(row: Row) -> dict[str, Any]:
    made = {
        "phenomenonTime": times.span_text(row["time"], row["ends"]),
        "result": number(row["value"]) if row["value"] is not None else _document(row["result"]),
        "resultTime": _result_time(row),
    }
    if row["quality"] is not None:
        made["resultQuality"] = _document(row["quality"])
    if row["valid_from"] is not None:
        made["validTime"] = times.span_text(row["valid_from"], row["valid_to"])
    if row["parameters"] is not None:
        made["parameters"] = _document(row["parameters"])
    return made


def _result_time(row: Row) -> str | None:
    moment = row["time"] if row["flags"] & flags.RESULT_TIME else row["result_time"]
    return None if moment is None else times.text_of(moment)


def number(value: float) -> float | int:
    """A number as JSON writes it: whole ones without a point."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


_MAKERS = {
    "Thing": _thing,
    "Location": _encoded("location"),
    "HistoricalLocation": _historical,
    "Sensor": _encoded("metadata"),
    "ObservedProperty": _property,
    "FeatureOfInterest": _encoded("feature"),
    "Datastream": _datastream,
    "MultiDatastream": _multi_datastream,
    "Observation": _observation,
}
