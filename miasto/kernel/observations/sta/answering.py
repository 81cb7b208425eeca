"""Answers to reads: documents of entities, pages, properties, references, data arrays, GeoJSON."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.options import Options, read_options
from miasto.kernel.observations.sta.output import Row, address, key_of, properties_of
from miasto.kernel.observations.sta.paths import Resource, Step, read_path
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.reading import Page, Parents, Reader, next_token
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION, PLURALS, Entity

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

SENSING = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
_KINDS = ("thing", "location", "historical-location", "datastream", "sensor", "observed-property", "observation")
_REQUEST = ("status-code", "query-status-code", "order", "expand", "select", "orderby", "top", "skip", "count", "filter")
_CREATE = ("create-entity", "link-to-existing-entities", "deep-insert", "deep-insert-status-code", "update-entity")
_CREATE += ("update-entity-put", "update-entity-jsonpatch", "historical-location-auto-creation")
# Each is proved in tests/test_conformance.py. Not named: delete-entity, since a feature that observations are about stays.
CONFORMANCE = tuple(
    SENSING + name
    for name in (
        *(f"datamodel/{kind}/{part}" for kind in (*_KINDS, "feature-of-interest") for part in ("properties", "relations")),
        "datamodel/entity-control-information/common-control-information",
        "resource-path/resource-path-to-entities",
        *(f"request-data/{one}" for one in (*_REQUEST, "built-in-filter-operations", "built-in-query-functions", "pagination")),
        *(f"create-update-delete/{one}" for one in (*_CREATE, "historical-location-manual-creation")),
        "batch-request/batch-request",
        "data-array/data-array",
        *(f"multi-datastream/{one}" for one in ("properties", "relations", "constraints")),
    )
)
# Proved in tests/exchange/test_mqtt*.py; named where there is a door for devices (``MIASTO_MQTT_ENDPOINTS``).
MQTT = tuple(
    SENSING + name
    for name in ("create-observations-via-mqtt/observations-creation", "receive-updates-via-mqtt/receive-updates")
)
_COMPONENTS = {
    "phenomenonTime": lambda row, made: made["phenomenonTime"],
    "result": lambda row, made: made["result"],
    "resultTime": lambda row, made: made["resultTime"],
    "resultQuality": lambda row, made: made.get("resultQuality"),
    "validTime": lambda row, made: made.get("validTime"),
    "parameters": lambda row, made: made.get("parameters"),
}


def root(base: str) -> dict[str, Any]:
    """The service's own document (18-088 § 9.2.1 and 7.1)."""
    endpoints = os.environ.get("MIASTO_MQTT_ENDPOINTS", "").split()
    served = MQTT if endpoints else ()
    return {
        "value": [{"name": name, "url": base + name} for name in PLURALS],
        "serverSettings": {
            "conformance": [*CONFORMANCE, *served],
            **{one: {"endpoints": endpoints} for one in served},
        },
    }


class Answer:
    """Reads resources for one viewer; ``base`` is the service's address with a slash at its end."""

    def __init__(self, viewer: Viewer, base: str) -> None:
        self.reader, self.base = Reader(viewer), base

    def read(self, path: str, pairs: list[tuple[str, str]]) -> Any:
        """The document at a path: JSON, or a text for ``$value``. Raises ``Problem``."""
        resource = read_path(path)
        options = read_options(pairs, resource.last.entity)
        parent = self.found(resource.steps[:-1]) if len(resource.steps) > 1 else None
        if resource.last.is_set:
            return self._set(resource, options, parent)
        row = self.step(resource.last, parent, Options() if resource.part else options)
        if resource.part:
            return self._property(resource, row)
        if resource.ref:
            return {"@iot.selfLink": self.address(resource.last.entity, row)}
        return self.document(resource.last.entity, row, options)

    def found(self, steps: tuple[Step, ...]) -> tuple[Entity, Row]:
        """The entity at the end of a chain of steps. Raises ``Problem`` 404."""
        before: tuple[Entity, Row] | None = None
        for step in steps:
            before = (step.entity, self.step(step, before, Options()))
        if before is None:
            raise ValueError("no steps")
        return before

    def step(self, step: Step, before: tuple[Entity, Row] | None, options: Options) -> Row:
        """The row of one step. Raises ``Problem`` 404, for what is hidden as for what is not there."""
        row = self.reader.one(step, options, before)
        if row is None:
            shown = step.link if step.key is None else f"{step.link}({step.key})"
            raise Problem(404, _("Nie ma obiektu %(name)s.") % {"name": shown})
        return row

    def address(self, entity: Entity, row: Row) -> str:
        """The selfLink of a row."""
        return address(entity, key_of(entity, row), self.base)

    def _set(self, resource: Resource, options: Options, parent: tuple[Entity, Row] | None) -> dict[str, Any]:
        entity = resource.last.entity
        place = resource.last.link
        parents = None
        if parent is not None:
            owner, row = parent
            parents = Parents(owner, owner.links[resource.last.link], (row["_pk"],))
            place = f"{address(owner, key_of(owner, row), '')}/{place}"
        page = self.reader.page(entity, options, parents)
        if options.form:
            return self._formed(entity, options, page, place)
        made = self._page(entity, options, page, self.base + place + ("/$ref" if resource.ref else ""))
        if resource.ref:
            made["value"] = [{"@iot.selfLink": self.address(entity, row)} for row in page.rows]
        return made

    def _page(self, entity: Entity, options: Options, page: Page, place: str) -> dict[str, Any]:
        made: dict[str, Any] = {} if page.count is None else {"@iot.count": page.count}
        if page.more:
            made["@iot.nextLink"] = f"{place}?{options.onwards(**next_token(entity, options, page))}"
        return {**made, "value": [self.document(entity, row, options) for row in page.rows]}

    def document(self, entity: Entity, row: Row, options: Options) -> dict[str, Any]:
        """An entity as JSON, what was expanded inside."""
        key, link = key_of(entity, row), self.address(entity, row)
        chosen = options.select
        made: dict[str, Any] = {}
        if not chosen or {"id", "@iot.id"} & set(chosen):
            made["@iot.id"] = key
        if not chosen or {"selfLink", "@iot.selfLink"} & set(chosen):
            made["@iot.selfLink"] = link
        own = properties_of(entity, row)
        made |= {name: one for name, one in own.items() if not chosen or name in chosen}
        expands = {one.name: one.options for one in options.expand}
        for name in entity.links:
            if name in expands:
                made |= self._expanded(entity, name, row["_expanded"][name], expands[name], link)
            elif (not chosen or name in chosen) and row.get(f"_{name}", "") is not None:
                made[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        return made

    def _expanded(self, entity: Entity, name: str, found: Any, options: Options, link: str) -> dict[str, Any]:
        target = ENTITIES[entity.links[name].target]
        if not isinstance(found, Page):
            return {name: None if found is None else self.document(target, found, options)}
        inner = self._page(target, options, found, f"{link}/{name}")
        annotations = {f"{name}{key}": one for key, one in inner.items() if key != "value"}
        return {**annotations, name: inner["value"]}

    def _property(self, resource: Resource, row: Row) -> Any:
        entity = resource.last.entity
        own = properties_of(entity, row) | {"id": key_of(entity, row), "@iot.id": key_of(entity, row)}
        own["selfLink"] = self.address(entity, row)
        name, *rest = resource.part
        found: Any = own.get(name)
        for part in rest:
            if not isinstance(found, dict) or part not in found:
                raise Problem(404, _("Nie ma takiego adresu: %(text)s.") % {"text": "/".join(resource.part)[:100]})
            found = found[part]
        return Value(found) if resource.raw else {resource.part[-1]: found}

    def _formed(self, entity: Entity, options: Options, page: Page, place: str) -> dict[str, Any]:
        if options.form == "GeoJSON":
            return self._features(entity, options, page, place)
        if entity is not OBSERVATION:
            raise Problem(400, _("Postać dataArray mają tylko zbiory Observations."))
        made = self._page(entity, options, Page([], page.more, page.count), self.base + place)
        if page.more:
            made["@iot.nextLink"] = f"{self.base}{place}?{options.onwards(**next_token(entity, options, page))}"
        names = [name for name in _COMPONENTS if name in options.select] or list(_COMPONENTS)
        if not options.select or "id" in options.select:
            names.insert(0, "id")
        made["value"] = [self._array(list(rows), names) for _series, rows in groupby(page.rows, key=lambda row: row["series"])]
        return made

    def _array(self, rows: list[Row], names: list[str]) -> dict[str, Any]:
        kind = "Datastream" if rows[0]["_MultiDatastream"] is None else "MultiDatastream"
        return {
            f"{kind}@iot.navigationLink": f"{self.base}{kind}s({rows[0]['series']})",
            "components": names,
            "dataArray@iot.count": len(rows),
            "dataArray": [_values(row, names) for row in rows],
        }

    def _features(self, entity: Entity, options: Options, page: Page, place: str) -> dict[str, Any]:
        """RFC 7946: each entity a feature; its geometry that of its location, feature or area, or none."""
        paged = self._page(entity, options, page, self.base + place)
        features = []
        for row, made in zip(page.rows, paged.pop("value"), strict=True):
            geometry = next((made.pop(name) for name in ("location", "feature", "observedArea") if name in made), None)
            if isinstance(geometry, dict) and geometry.get("type") == "Feature":
                geometry = geometry.get("geometry")
            shape = geometry if isinstance(geometry, dict) and "type" in geometry else None
            features.append({"type": "Feature", "id": key_of(entity, row), "geometry": shape, "properties": made})
        return {"type": "FeatureCollection", **paged, "features": features}


class Value:
    """A property's bare value, for ``$value``."""

    def __init__(self, found: Any) -> None:
        self.found = found


def _values(row: Row, names: list[str]) -> list[Any]:
    own = properties_of(OBSERVATION, row)
    key = times.observation_id(row["series"], row["time"], row["n"])
    return [key if name == "id" else _COMPONENTS[name](row, own) for name in names]
