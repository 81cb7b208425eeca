"""The geocoder as a JSON API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from miasto.kernel.core.ratelimit import client, hit
from miasto.kernel.places import selectors

router = Router()
ANSWERS_A_MINUTE = 300


class FoundOut(Schema):
    """One answer of the geocoder. ``value`` is the object's identifier, ``bbox`` west, south, east, north in degrees."""

    value: UUID
    kind: str
    label: str
    detail: str
    lon: float
    lat: float
    bbox: list[float]
    score: float


class FoundListOut(Schema):
    """The answers, best first."""

    results: list[FoundOut]


class PositionOut(Schema):
    """What is at a point. ``address`` is empty where nothing is near; ``distance_m`` is that of what ``address`` names."""

    address: str
    district: str
    district_id: UUID | None
    inside: bool
    distance_m: float | None


@router.get("geocode", response=FoundListOut, summary="Streets, addresses, crossings, districts and places by a typed text")
def geocode(
    request: HttpRequest,
    response: HttpResponse,
    q: str = Query(max_length=200),
    limit: int = Query(8, ge=1, le=20),
    lon: float | None = Query(None, ge=-180, le=180, allow_inf_nan=False),
    lat: float | None = Query(None, ge=-85, le=85, allow_inf_nan=False),
) -> dict[str, Any]:
    """Diacritics may be missing, words inflected or unfinished, letters wrong. ``lon`` and ``lat`` prefer what is close."""
    _limit(request)
    near = (lon, lat) if lon is not None and lat is not None else None
    response["Cache-Control"] = "private, max-age=60"
    found = selectors.geocode(q, limit=limit, near=near)
    return {"results": [_found(one) for one in found]}


@router.get("reverse", response=PositionOut, summary="Address, district and city at a point")
def reverse(
    request: HttpRequest,
    response: HttpResponse,
    lon: float = Query(ge=-180, le=180, allow_inf_nan=False),
    lat: float = Query(ge=-85, le=85, allow_inf_nan=False),
) -> dict[str, Any]:
    """The nearest address within 150 m, else the nearest street within 300 m."""
    _limit(request)
    response["Cache-Control"] = "private, max-age=60"
    found = selectors.reverse(lon, lat)
    return {
        "address": found.address_text,
        "district": found.district_name,
        "district_id": found.district_id,
        "inside": found.inside,
        "distance_m": found.distance_m,
    }


def _limit(request: HttpRequest) -> None:
    limit = ANSWERS_A_MINUTE * settings.RATE_LIMIT_FACTOR
    hit(name="places.api", who=client(request), limit=limit, per_s=60)


def _found(one: selectors.Found) -> dict[str, Any]:
    return {
        "value": one.id,
        "kind": one.kind,
        "label": one.label,
        "detail": one.detail,
        "lon": round(one.lon, 7),
        "lat": round(one.lat, 7),
        "bbox": [round(value, 7) for value in one.bbox],
        "score": one.score,
    }
