"""Things as entities of the Smart Data Models: their latest values, or those of a time.

Names and units were compared with the schemas at their source (dataModel.Environment, dataModel.Weather): humidity is a
fraction there, a noise level has an interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.observations.sta.output import number
from miasto.kernel.observations.sta.times import text_of
from miasto.kernel.observations.store.reading import Reading, latest, readings
from miasto.kernel.spec.observations import Property

CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"
DOMAINS = {"WeatherObserved": "Weather"}
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
UNITS = {  # UN/CEFACT recommendation 20
    "µg/m³": "GQ",
    "°C": "CEL",
    "%": "P1",
    "m/s": "MTS",
    "°": "DD",
    "mm": "MMT",
    "hPa": "A97",
    "cm": "CMT",
    "m³/s": "MQS",
    "dB": "2N",
}
FRACTIONS = {"relativeHumidity"}
INTERVALS = {"NoiseLevelObserved"}
Values = dict[str, Any]


def models() -> dict[str, dict[str, str]]:
    """For each data model the attribute of each declared code: ``{"AirQualityObserved": {"pm10": "pm10"}}``."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in registry().all(Property):
        model, _dot, attribute = one.model.partition(".")
        if attribute:
            found[model][one.code] = attribute
    return dict(found)


def context_of(model: str) -> list[str]:
    """Where the terms of a model are defined."""
    domain = DOMAINS.get(model, "Environment")
    return [f"https://raw.githubusercontent.com/smart-data-models/dataModel.{domain}/master/context.jsonld", CORE]


def latest_values(model: str, codes: dict[str, str], things: list[Thing], streams: list[Datastream]) -> list[Values]:
    """The things as entities, with the newest value of each attribute."""
    newest = latest([stream.pk for stream in streams])
    values: dict[Any, Values] = defaultdict(dict)
    times: dict[Any, list[tuple[datetime, timedelta]]] = defaultdict(list)
    for stream in streams:
        reading = newest.get(stream.pk)
        if reading is not None:
            attribute = codes[str(stream.observed_property.code)]
            values[stream.thing_id][attribute] = _property(stream, attribute, reading)
            times[stream.thing_id].append((reading.time, stream.period))
    return [_entity(model, thing, _observed(model, times[thing.pk]) | values[thing.pk]) for thing in things]


def values_between(
    model: str,
    codes: dict[str, str],
    things: list[Thing],
    streams: list[Datastream],
    span: tuple[datetime, datetime],
    most: int,
    newest: bool,
) -> list[Values]:
    """The things as entities, with all values of each attribute from ``start`` until before ``end``; at most ``most`` each.

    ``newest``: the last of them instead of the first.
    """
    values: dict[Any, Values] = defaultdict(dict)
    for stream in streams:
        attribute = codes[str(stream.observed_property.code)]
        found = _last(stream, span, most) if newest else readings([stream.pk], *span, most=most)
        instances = [_property(stream, attribute, one) for one in found]
        values[stream.thing_id].setdefault(attribute, []).extend(instances)
    return [_entity(model, thing, values[thing.pk]) for thing in things]


def _last(stream: Datastream, span: tuple[datetime, datetime], most: int) -> list[Reading]:
    """The newest readings of an interval: looked for backwards, in windows each four times as long."""
    start, end = max(span[0], stream.first_at or span[0]), min(span[1], (stream.last_at or span[0]) + timedelta(seconds=1))
    length, found = timedelta(days=1), list[Reading]()
    while start < end and len(found) < most:
        begin = max(start, end - length)
        found = [*readings([stream.pk], begin, end, most=2**40), *found]
        end, length = begin, length * 4
    return found[-most:] if most else []


def _property(stream: Datastream, attribute: str, reading: Reading) -> Values:
    value, unit = float(reading.value), UNITS.get(stream.unit_symbol)
    if attribute in FRACTIONS and stream.unit_symbol == "%":
        value, unit = value / 100, "C62"
    made = {"type": "Property", "value": number(value), "observedAt": text_of(reading.time)}
    return {**made, "unitCode": unit} if unit else made


def _observed(model: str, times: Iterable[tuple[datetime, timedelta]]) -> Values:
    """The time of the newest value; of a model that asks for an interval the one that the value is about."""
    found = max(times, default=None)
    if found is None:
        return {}
    moment, period = found
    made = {"dateObserved": _text(moment)}
    if model in INTERVALS:
        made |= {"dateObservedFrom": _text(moment), "dateObservedTo": _text(moment + period)}
    return made


def _text(moment: datetime) -> Values:
    return {"type": "Property", "value": {"@type": "DateTime", "@value": text_of(moment)}}


def _entity(model: str, thing: Thing, values: Values) -> Values:
    made: Values = {
        "id": f"urn:ngsi-ld:{model}:{thing.number}",
        "type": model,
        "name": {"type": "Property", "value": thing.name},
    }
    if thing.geom is not None and thing.geom.geom_type == "Point":
        made["location"] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(thing.geom.coords[:2])}}
    return {**made, **values}


def simple(entity: Values) -> Values:
    """The entity as names and values only (§ 4.5.4)."""
    return {name: _bare(one) for name, one in entity.items()}


def _bare(one: Any) -> Any:
    value = one["value"] if isinstance(one, dict) and "value" in one else one
    return value["@value"] if isinstance(value, dict) and "@value" in value else value


def arrays(entity: Values) -> Values:
    """Each attribute as pairs of value and time (§ 4.5.9)."""
    return {
        name: {"type": "Property", "values": [[part["value"], part["observedAt"]] for part in one]}
        if isinstance(one, list)
        else one
        for name, one in entity.items()
    }
