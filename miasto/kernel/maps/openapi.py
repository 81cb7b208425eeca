"""The OpenAPI 3.0 description of the OGC API, with one path for each collection."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.core.city import city
from miasto.kernel.maps import ogc
from miasto.kernel.spec.maps import Layer

Document = dict[str, Any]

_LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "hreflang", "title")},
}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_SCHEMAS: Document = {
    "link": _LINK,
    "landingPage": {
        "type": "object",
        "required": ["links"],
        "properties": {"title": {"type": "string"}, "description": {"type": "string"}, "links": _LINKS},
    },
    "confClasses": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "description": {"type": "string"},
            "links": _LINKS,
            "extent": {"type": "object"},
            "itemType": {"type": "string", "default": "feature"},
            "crs": {"type": "array", "items": {"type": "string"}},
        },
    },
    "collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": _LINKS,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        },
    },
    "featureGeoJSON": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": _LINKS,
        },
    },
    "featureCollectionGeoJSON": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
            "links": _LINKS,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
}


def _parameter(name: str, schema: Document, text: str, **more: Any) -> Document:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema, **more}


_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}


def _parameters() -> Document:
    flat = {"style": "form", "explode": False}
    return {
        "f": _parameter("f", {"type": "string", "enum": ["json", "html"]}, _("Postać odpowiedzi")),
        "limit": _parameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": ogc.LIMIT_MOST, "default": ogc.LIMIT_DEFAULT},
            _("Liczba obiektów na stronie"),
            **flat,
        ),
        "bbox": _parameter("bbox", _NUMBERS, _("Prostokąt: zachód, południe, wschód, północ w stopniach"), **flat),
        "datetime": _parameter("datetime", {"type": "string"}, _("Chwila albo przedział czasu (RFC 3339)"), **flat),
        "cursor": _parameter("cursor", {"type": "string"}, _("Miejsce w kolekcji, z odsyłacza „next”")),
        "featureId": {
            "name": "featureId",
            "in": "path",
            "required": True,
            "description": _("Identyfikator obiektu"),
            "schema": {"type": "string"},
        },
    }


def _answer(text: str, kind: str, schema: str) -> Document:
    return {
        "description": text,
        "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}, ogc.HTML: {"schema": {"type": "string"}}},
    }


def _get(identifier: str, summary: str, kind: str, schema: str, parameters: list[Document], missing: bool = False) -> Document:
    answers = {"200": _answer(summary, kind, schema), "400": {"$ref": "#/components/responses/InvalidParameter"}}
    if missing:
        answers["404"] = {"$ref": "#/components/responses/NotFound"}
    return {
        "get": {"operationId": identifier, "summary": summary, "tags": ["OGC"], "parameters": parameters, "responses": answers}
    }


def _reference(name: str) -> Document:
    return {"$ref": f"#/components/parameters/{name}"}


def _collection_paths(spec: Layer) -> Document:
    name = str(spec.name)
    code = spec.key.replace(".", "_")
    filters = [_parameter(one, {"type": "string"}, _("Równość z podaną wartością")) for one in ogc.queryables(spec)]
    common = [_reference(one) for one in ogc.RESERVED]
    path = f"/collections/{spec.key}"
    features = "featureCollectionGeoJSON"
    return {
        path: _get(f"describe_{code}", name, ogc.JSON, "collection", [_reference("f")]),
        f"{path}/items": _get(f"items_{code}", _("%s – obiekty") % name, ogc.GEOJSON, features, [*common, *filters]),
        f"{path}/items/{{featureId}}": _get(
            f"item_{code}",
            _("%s – jeden obiekt") % name,
            ogc.GEOJSON,
            "featureGeoJSON",
            [_reference("featureId"), _reference("f")],
            missing=True,
        ),
    }


def document(base: str) -> Document:
    """The description of the service at ``base`` (an address that ends with a slash)."""
    plain = [_reference("f")]
    paths: Document = {
        "/": _get("landing", _("Strona początkowa"), ogc.JSON, "landingPage", plain),
        "/conformance": _get("conformance", _("Zgodność ze standardem"), ogc.JSON, "confClasses", plain),
        "/collections": _get("collections", _("Kolekcje"), ogc.JSON, "collections", plain),
    }
    for spec in ogc.collections():
        paths |= _collection_paths(spec)
    problem = {"content": {ogc.PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": ogc.landing(base)["title"], "description": city().platform_name, "version": "1.0.1"},
        "servers": [{"url": base.rstrip("/")}],
        "tags": [{"name": "OGC", "description": "OGC API – Features – Part 1: Core"}],
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "parameters": _parameters(),
            "responses": {
                "InvalidParameter": {"description": _("Parametr nieznany albo błędny"), **problem},
                "NotFound": {"description": _("Nie ma takiego obiektu"), **problem},
            },
        },
    }
