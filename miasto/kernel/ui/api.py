"""The platform's own JSON API: the routers which engines and modules declare, and their description for people."""

from contextlib import suppress
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI

from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import TooMany
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.ui import Api

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def api() -> NinjaAPI:
    """One API for the process; ``/api/openapi.json`` describes it (OpenAPI 3.1)."""
    made = NinjaAPI(title=city().platform_name, version="1", urls_namespace="api", docs_url=None)
    for spec in registry().all(Api):
        made.add_router(f"/{spec.prefix}/", spec.router, tags=[spec.prefix])
    made.add_exception_handler(TooMany, lambda request, error: _too_many(made, request, error))
    return made


def _too_many(made: NinjaAPI, request: HttpRequest, error: TooMany) -> HttpResponse:
    response = made.create_response(request, {"detail": "too many requests"}, status=429)
    response["Retry-After"] = str(error.retry_after)
    return response


def docs(request: HttpRequest) -> HttpResponse:
    """The API's description as a page, made from its OpenAPI document; interfaces of standards are described by themselves."""
    document = api().get_openapi_schema()
    return render(request, "ui/api_docs.html", {"groups": _groups(document), "standards": _standards()})


STANDARDS = (
    ("maps:ogc_landing", _("Warstwy mapy: OGC API – Features")),
    ("sta:root", _("Urządzenia i pomiary: OGC SensorThings API 1.1")),
    ("sta:openapi", _("Opis SensorThings i NGSI-LD (Smart Data Models) w formacie OpenAPI")),
)


def _standards() -> list[tuple[str, Any]]:
    """Address and name of each interface of a standard that an engine mounts."""
    found = []
    for view, name in STANDARDS:
        with suppress(NoReverseMatch):
            found.append((reverse(view), name))
    return found


def _groups(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations of each router under its name, in the reader's language (the document itself is made once)."""
    names = {spec.prefix: spec.name for spec in registry().all(Api)}
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                groups.setdefault(methods[method]["tags"][0], []).append(_operation(document, path, method, methods[method]))
    return [{"name": names.get(tag, tag), "operations": operations} for tag, operations in groups.items()]


def _operation(document: dict[str, Any], path: str, method: str, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": found["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": found.get("summary", ""),
        "description": found.get("description", ""),
        "parameters": [_parameter(one) for one in found.get("parameters", [])],
        "answers": [_answer(document, code, one) for code, one in found.get("responses", {}).items()],
    }


def _parameter(found: dict[str, Any]) -> dict[str, Any]:
    schema = found.get("schema", {})
    return {
        "name": found["name"],
        "place": found["in"],
        "required": found.get("required", False),
        "kind": _kind(schema),
        "default": schema.get("default"),
        "description": found.get("description") or schema.get("description", ""),
    }


def _answer(document: dict[str, Any], code: Any, found: dict[str, Any]) -> dict[str, Any]:
    schema = found.get("content", {}).get("application/json", {}).get("schema", {})
    shape = schema.get("items", schema)
    name = shape.get("$ref", "").rsplit("/", 1)[-1]
    properties = document.get("components", {}).get("schemas", {}).get(name, {}).get("properties", {})
    return {
        "code": code,
        "description": found.get("description", ""),
        "kind": _kind(schema),
        "fields": [
            {"name": key, "kind": _kind(value), "description": value.get("description", "")}
            for key, value in properties.items()
        ],
    }


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return schema.get("format") or schema.get("type", "")
