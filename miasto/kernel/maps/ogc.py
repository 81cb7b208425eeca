"""Documents of OGC API – Features – Part 1: Core 1.0.1 (OGC 17-069r4), from the declared layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from miasto.kernel.core.city import city
from miasto.kernel.maps.features import BadQuery, Query, boxes, interval
from miasto.kernel.maps.layers import layers
from miasto.kernel.spec.maps import Layer

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PROBLEM = "application/problem+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")
]
LIMIT_MOST = 1000
LIMIT_DEFAULT = 10
RESERVED = ("f", "limit", "bbox", "datetime", "cursor")

Document = dict[str, Any]


def collections() -> list[Layer]:
    """The layers that are collections."""
    return [spec for spec in layers() if spec.collection]


def collection(key: str) -> Layer | None:
    """The collection of that identifier, or None."""
    return next((spec for spec in collections() if spec.key == key), None)


def queryables(spec: Layer) -> list[str]:
    """The properties by which a collection may be filtered."""
    return [name for name in spec.properties if name not in RESERVED]


def link(href: str, rel: str, kind: str, title: str = "") -> Document:
    """One link (RFC 8288)."""
    made = {"href": href, "rel": rel, "type": kind}
    return {**made, "title": title} if title else made


def with_query(url: str, query: Mapping[str, str]) -> str:
    """An address with a query string."""
    return f"{url}?{urlencode(query)}" if query else url


def selves(url: str, kind: str, query: Mapping[str, str] | None = None) -> list[Document]:
    """The links ``self`` and ``alternate`` of a document that exists as ``kind`` and as HTML."""
    rest = {name: value for name, value in (query or {}).items() if name != "f"}
    return [
        link(with_query(url, {**rest, "f": "json"}), "self", kind, _("Ten dokument")),
        link(with_query(url, {**rest, "f": "html"}), "alternate", HTML, _("Ten dokument jako strona")),
    ]


def landing(base: str) -> Document:
    """The landing page. ``base`` ends with a slash."""
    return {
        "title": _("Otwarte dane przestrzenne – %(city)s") % {"city": city().name},
        "description": _("Warstwy mapy miasta jako kolekcje obiektów w standardzie OGC API Features."),
        "links": [
            *selves(base, JSON),
            link(f"{base}api", "service-desc", OPENAPI, _("Opis usługi (OpenAPI)")),
            link(f"{base}api?f=html", "service-doc", HTML, _("Opis usługi")),
            link(f"{base}conformance", "conformance", JSON, _("Zgodność ze standardem")),
            link(f"{base}collections", "data", JSON, _("Kolekcje")),
        ],
    }


def conformance(base: str) -> Document:
    """The declaration of conformance."""
    return {"conformsTo": CONFORMANCE, "links": selves(f"{base}conformance", JSON)}


def collection_document(base: str, spec: Layer) -> Document:
    """The description of one collection."""
    url = f"{base}collections/{spec.key}"
    return {
        "id": spec.key,
        "title": str(spec.name),
        "description": str(spec.summary or spec.name),
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [list(city().bbox)], "crs": CRS84}},
        "crs": [CRS84],
        "links": [
            *selves(url, JSON),
            link(f"{url}/items", "items", GEOJSON, _("Obiekty")),
            link(f"{url}/items?f=html", "items", HTML, _("Obiekty jako strona")),
        ],
    }


def collections_document(base: str) -> Document:
    """All collections."""
    return {
        "links": selves(f"{base}collections", JSON),
        "collections": [collection_document(base, spec) for spec in collections()],
    }


def query_of(spec: Layer, asked: MultiValueDict) -> Query:
    """The question in a query string; raises ``BadQuery`` for a parameter that is unknown, repeated or wrong."""
    known = [*RESERVED, *queryables(spec)]
    values = single(asked, known)
    since, until = interval(values["datetime"]) if "datetime" in values else (None, None)
    return Query(
        limit=_limit(values.get("limit", str(LIMIT_DEFAULT))),
        boxes=boxes(values["bbox"]) if "bbox" in values else (),
        since=since,
        until=until,
        equal={name: value for name, value in values.items() if name not in RESERVED},
        after=values.get("cursor", ""),
    )


def single(asked: MultiValueDict, known: Iterable[str]) -> dict[str, str]:
    """The parameters, each once; raises ``BadQuery`` for an unknown or a repeated one."""
    names = list(known)
    for name, values in asked.lists():
        if name not in names:
            raise BadQuery(f"{name}: unknown parameter; known are {', '.join(names)}")
        if len(values) != 1:
            raise BadQuery(f"{name}: give it once")
        if "\x00" in values[0]:
            raise BadQuery(f"{name}: a zero byte is no text")
    return {name: values[0] for name, values in asked.lists()}


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12) or int(text) < 1:
        raise BadQuery(f"limit: a whole number from 1 to {LIMIT_MOST} is wanted")
    return min(int(text), LIMIT_MOST)


def item_links(base: str, spec: Layer, query: Mapping[str, str], after: str) -> list[Document]:
    """The links of a page of features."""
    url = f"{base}collections/{spec.key}/items"
    rest = {name: value for name, value in query.items() if name != "f"}
    links = selves(url, GEOJSON, rest)
    if after:
        links.append(link(with_query(url, {**rest, "cursor": after, "f": "json"}), "next", GEOJSON, _("Następna strona")))
    links.append(link(f"{base}collections/{spec.key}", "collection", JSON, str(spec.name)))
    return links


def feature_links(base: str, spec: Layer, key: str, page: str) -> list[Document]:
    """The links of one feature; ``page`` is the address of its page for people."""
    url = f"{base}collections/{spec.key}/items/{quote(key, safe='')}"
    return [
        *selves(url, GEOJSON),
        link(f"{base}collections/{spec.key}", "collection", JSON, str(spec.name)),
        link(page, "about", HTML, _("Strona obiektu")),
    ]
