"""NGSI-LD (ETSI GS CIM 009) entities under the names of the Smart Data Models, read-only: the latest values of each thing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.observations.sta.output import number
from miasto.kernel.observations.sta.times import text_of
from miasto.kernel.observations.store.reading import latest
from miasto.kernel.spec.observations import Property

CONTEXT = [
    "https://raw.githubusercontent.com/smart-data-models/dataModel.Environment/master/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
]
MOST = 1_000
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


def models() -> dict[str, dict[str, str]]:
    """For each data model the attribute of each declared code: ``{"AirQualityObserved": {"pm10": "pm10"}}``."""
    made: dict[str, dict[str, str]] = defaultdict(dict)
    for one in registry().all(Property):
        model, _dot, attribute = one.model.partition(".")
        if attribute:
            made[model][one.code] = attribute
    return dict(made)


def entities(request: HttpRequest) -> JsonResponse:
    """GET /entities?type=AirQualityObserved[&limit=&offset=] (§ 6.4.3.2)."""
    known, model = models(), request.GET.get("type", "")
    if request.method not in ("GET", "HEAD"):
        return _problem(405, _("Tu można tylko czytać."))
    limit, offset = request.GET.get("limit", "100"), request.GET.get("offset", "0")
    if model not in known:
        return _problem(400, _("Podaj type: %(names)s.") % {"names": ", ".join(sorted(known))})
    if not (limit.isdecimal() and offset.isdecimal() and len(limit) < 9 and len(offset) < 9):
        return _problem(400, _("limit i offset to liczby całkowite od zera."))
    codes = known[model]
    streams = Datastream.objects.visible_to(request.viewer).filter(observed_property__code__in=codes)
    things = Thing.objects.visible_to(request.viewer).filter(pk__in=streams.values("thing_id")).order_by("number")
    page = list(things[int(offset) : int(offset) + min(int(limit), MOST)])
    rows = streams.filter(thing__in=page).select_related("observed_property").order_by("id")
    answer = JsonResponse(_made(model, codes, page, list(rows)), safe=False, content_type="application/ld+json")
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "private, no-store" if not request.viewer.is_anonymous else "public, max-age=0, must-revalidate"
    patch_vary_headers(answer, ["Cookie"])
    return answer


def _made(model: str, codes: dict[str, str], things: list[Thing], streams: list[Datastream]) -> list[dict[str, Any]]:
    newest = latest([stream.pk for stream in streams])
    values: dict[Any, dict[str, Any]] = defaultdict(dict)
    for stream in streams:
        reading = newest.get(stream.pk)
        if reading is not None:
            attribute = codes[str(stream.observed_property.code)]
            unit = UNITS.get(stream.unit_symbol)
            values[stream.thing_id][attribute] = {
                "type": "Property",
                "value": number(float(reading.value)),
                "observedAt": text_of(reading.time),
                **({"unitCode": unit} if unit else {}),
            }
    return [_entity(model, thing, values[thing.pk]) for thing in things]


def _entity(model: str, thing: Thing, values: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"urn:ngsi-ld:{model}:{thing.number}",
        "type": model,
        "name": {"type": "Property", "value": thing.name},
    }
    if thing.geom is not None and thing.geom.geom_type == "Point":
        made["location"] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(thing.geom.coords[:2])}}
    return {**made, **values, "@context": CONTEXT}


def _problem(status: int, title: str) -> JsonResponse:
    """An error as RFC 9457 and § 5.5.2 have it."""
    body = {"type": "https://uri.etsi.org/ngsi-ld/errors/BadRequestData", "title": title, "status": status}
    return JsonResponse(body, status=status, content_type="application/problem+json")
