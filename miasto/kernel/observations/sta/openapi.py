"""The OpenAPI 3.0 description of SensorThings and of the NGSI-LD export, made from the entities that the code knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from miasto.kernel.core.city import city
from miasto.kernel.observations import ngsi
from miasto.kernel.observations.sta.inputs import fields_of
from miasto.kernel.observations.sta.options import LARGEST_OBSERVATIONS, LARGEST_PAGE, PAGE
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION, Entity

Document = dict[str, Any]
STA, NGSI = "/api/sta/v1.1", "/api/ngsi-ld/v1"
_OBJECTS = {"properties", "location", "feature", "unitOfMeasurement", "parameters", "observedArea"}
_ARRAYS = {"multiObservationDataTypes", "unitOfMeasurements"}
_ANYTHING = {"result", "resultQuality", "metadata"}
_TIMES = {"time", "resultTime", "phenomenonTime", "validTime"}
_MAINTAINED = {"Datastream", "MultiDatastream"}


def view(request: HttpRequest) -> JsonResponse:
    """GET /api/sta/openapi.json."""
    answer = JsonResponse(document(request.build_absolute_uri("/").rstrip("/")), json_dumps_params={"ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, max-age=0, must-revalidate"
    return answer


def document(server: str) -> Document:
    """The description, in the language of the reader."""
    return {
        "openapi": "3.0.3",
        "info": {"title": f"{city().platform_name}: SensorThings, NGSI-LD", "version": "1.1"},
        "servers": [{"url": server}],
        "paths": {**_sta_paths(), **_ngsi_paths()},
        "components": {
            "schemas": {entity.name: _schema(entity) for entity in ENTITIES.values()} | {"Error": _ERROR},
            "parameters": _PARAMETERS,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        },
    }


_ERROR: Document = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "integer"},
        "type": {"type": "string"},
        "message": {"type": "string"},
        "position": {"type": "integer"},
    },
}


def _option(name: str, schema: Document) -> Document:
    return {"name": name, "in": "query", "required": False, "schema": schema}


_TEXT: Document = {"type": "string"}
_WHOLE: Document = {"type": "integer", "minimum": 0}
_PARAMETERS: Document = {
    "select": _option("$select", _TEXT),
    "expand": _option("$expand", _TEXT),
    "filter": _option("$filter", _TEXT),
    "orderby": _option("$orderby", _TEXT),
    "top": _option("$top", {**_WHOLE, "default": PAGE}),
    "skip": _option("$skip", _WHOLE),
    "count": _option("$count", {"type": "boolean", "default": False}),
    "resultFormat": _option("$resultFormat", {"type": "string", "enum": ["dataArray", "GeoJSON"]}),
}
_OF_ONE = ("select", "expand")


def _schema(entity: Entity) -> Document:
    """An entity as it is read; what stands in ``required`` must be sent to make one."""
    names = [*fields_of(entity), *(("phenomenonTime", "resultTime", "observedArea") if entity.name in _MAINTAINED else ())]
    own = {name: _property(name) for name in names}
    key = _TEXT if entity is OBSERVATION else {"type": "integer"}
    control = {"@iot.id": {**key, "readOnly": True}, "@iot.selfLink": {**_TEXT, "readOnly": True}}
    links = {f"{name}@iot.navigationLink": {**_TEXT, "readOnly": True} for name in entity.links}
    required = ["result"] if entity is OBSERVATION else [name for name in fields_of(entity) if name != "properties"]
    return {"type": "object", "required": required, "properties": {**control, **own, **links}}


def _property(name: str) -> Document:
    if name in _OBJECTS:
        return {"type": "object"}
    if name in _ARRAYS:
        return {"type": "array", "items": {} if name == "unitOfMeasurements" else _TEXT}
    if name in _ANYTHING:
        return {"nullable": True}
    return {"type": "string", "nullable": True} if name in _TIMES else _TEXT


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: Document | None, kind: str = "application/json") -> Document:
    return {"description": description, **({"content": {kind: {"schema": schema}}} if schema else {})}


def _operation(name: str, summary: str, answers: Document, **more: Any) -> Document:
    wrong = {code: _answer(text, _ref("Error")) for code, text in (("400", _("błędne pytanie")), ("404", _("nie ma tego")))}
    return {"operationId": name, "summary": summary, "tags": ["SensorThings"], "responses": {**answers, **wrong}, **more}


def _parameters(*names: str) -> list[Document]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _sta_paths() -> Document:
    paths: Document = {f"{STA}/": {"get": _operation("root", _("Lista zbiorów"), {"200": _answer("", {"type": "object"})})}}
    for entity in ENTITIES.values():
        paths |= _paths_of(entity)
    arrays = {"type": "array", "items": {"type": "object"}}
    addresses = {"type": "array", "items": _TEXT}
    paths[f"{STA}/CreateObservations"] = {
        "post": _written("createObservations", _("Wiele obserwacji naraz (dataArray)"), arrays, "201", addresses)
    }
    paths[f"{STA}/$batch"] = {
        "post": _written(
            "batch", _("Wiele zapytań naraz: JSON albo multipart/mixed"), {"type": "object"}, "200", {"type": "object"}
        )
    }
    return paths


def _paths_of(entity: Entity) -> Document:
    page = {
        "type": "object",
        "required": ["value"],
        "properties": {
            "@iot.count": {"type": "integer"},
            "@iot.nextLink": _TEXT,
            "value": {"type": "array", "items": _ref(entity.name)},
        },
    }
    one, largest = _ref(entity.name), LARGEST_OBSERVATIONS if entity is OBSERVATION else LARGEST_PAGE
    key = {"name": "key", "in": "path", "required": True, "schema": _TEXT if entity is OBSERVATION else {"type": "integer"}}
    summary = _("Zbiór %(name)s, najwyżej %(most)d na stronę") % {"name": entity.plural, "most": largest}
    address = f"{STA}/{entity.plural}({{key}})" if entity is not OBSERVATION else f"{STA}/{entity.plural}('{{key}}')"
    done = {"200": _answer(_("zrobione"), None)}
    secured = {"security": [{"key": []}]}
    return {
        f"{STA}/{entity.plural}": {
            "get": _operation(
                f"list{entity.plural}", summary, {"200": _answer("", page)}, parameters=_parameters(*_PARAMETERS)
            ),
            "post": _written(f"create{entity.name}", _("Dodaj %(name)s") % {"name": entity.name}, one, "201", one),
        },
        address: {
            "parameters": [key],
            "get": _operation(f"get{entity.name}", entity.name, {"200": _answer("", one)}, parameters=_parameters(*_OF_ONE)),
            "patch": _written(
                f"update{entity.name}", _("Zmień %(name)s") % {"name": entity.name}, {"type": "object"}, "200", None
            ),
            "delete": _operation(f"delete{entity.name}", _("Usuń %(name)s") % {"name": entity.name}, done, **secured),
        },
    }


def _written(name: str, summary: str, body: Document, code: str, answer: Document | None) -> Document:
    taken = {"required": True, "content": {"application/json": {"schema": body}}}
    return _operation(name, summary, {code: _answer(_("zrobione"), answer)}, requestBody=taken, security=[{"key": []}])


def _ngsi_paths() -> Document:
    types = sorted(ngsi.models())
    chosen = [
        _option("type", {"type": "string", "enum": types} if types else _TEXT),
        *(_option(name, _TEXT) for name in ("id", "attrs", "options")),
        *(_option(name, _WHOLE) for name in ("limit", "offset")),
        _option("count", {"type": "boolean"}),
    ]
    span = [
        _option("timerel", {"type": "string", "enum": ["after", "before", "between"]}),
        *(_option(name, {"type": "string", "format": "date-time"}) for name in ("timeAt", "endTimeAt")),
        _option("lastN", _WHOLE),
    ]
    listed = {"type": "array", "items": {"type": "object"}}
    named = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
    made: Document = {}
    for end, more, words in (("entities", [], _("Najnowsze wartości")), ("temporal/entities", span, _("Wartości w czasie"))):
        for one in (False, True):
            answer = {"200": _answer("", {"type": "object"} if one else listed, "application/ld+json")}
            name = f"{end.replace('/', '_')}_{'one' if one else 'list'}"
            operation = _operation(name, words, answer, parameters=[named, *chosen[2:4], *more] if one else [*chosen, *more])
            made[f"{NGSI}/{end}" + ("/{id}" if one else "")] = {"get": {**operation, "tags": ["NGSI-LD"]}}
    return made
