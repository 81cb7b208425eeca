"""NGSI-LD (ETSI GS CIM 009) under the names of the Smart Data Models, read-only: entities as they are, and through time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations import ngsi_entities as made
from miasto.kernel.observations.archive.place import Unreachable
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.observations.ngsi_entities import models
from miasto.kernel.observations.sta import times

MOST = 1_000
MOST_INSTANCES = 10_000  # of one attribute
DEFAULT_INSTANCES = 1_000
_URN = re.compile(r"urn:ngsi-ld:(\w{1,60}):(\d{1,18})\Z", re.ASCII)
SIMPLE = {"keyValues", "simplified"}


class Refused(Exception):
    """What is wrong with the question."""

    def __init__(self, title: str, status: int = 400) -> None:
        super().__init__(title)
        self.title, self.status = title, status


@dataclass(frozen=True)
class Asked:
    """What is asked: of which model, which things, which attributes, in which form, how many."""

    model: str
    number: int | None
    attributes: frozenset[str]
    options: frozenset[str]
    limit: int
    offset: int
    count: bool

    @property
    def codes(self) -> dict[str, str]:
        """The attribute of each declared code that is asked for."""
        found = models()[self.model]
        return {code: name for code, name in found.items() if not self.attributes or name in self.attributes}


def entities(request: HttpRequest, urn: str = "") -> JsonResponse:
    """GET /entities?type= or ?id= (§ 6.4.3.2), /entities/{id} (§ 6.5.3.1): the latest values of each thing."""
    return _answered(request, urn, _present)


def temporal(request: HttpRequest, urn: str = "") -> JsonResponse:
    """GET /temporal/entities (§ 6.18.3.2), /temporal/entities/{id}: the values of a time, hot or archived."""
    return _answered(request, urn, _through_time)


def _answered(request: HttpRequest, urn: str, form: Any) -> JsonResponse:
    try:
        if request.method not in ("GET", "HEAD"):
            raise Refused(_("Tu można tylko czytać."), 405)
        asked = _asked(request, urn)
        things, streams, total = _found(request, asked)
        rows = form(request, asked, things, streams)
    except Refused as refused:
        return _problem(refused)
    except Unreachable:
        answer = _problem(Refused(_("Magazyn dawnych odczytów jest chwilowo niedostępny. Spróbuj ponownie później."), 503))
        answer["Retry-After"] = "60"
        return answer
    if urn and not rows:
        return _problem(Refused(_("Nie ma takiej encji."), 404))
    return _response(request, asked, rows[0] if urn else rows, total)


def _asked(request: HttpRequest, urn: str) -> Asked:
    known = models()
    named = _URN.match(urn or request.GET.get("id", ""))
    model = named[1] if named else request.GET.get("type", "")
    if model not in known or (urn and not named):
        if urn:
            raise Refused(_("Nie ma takiej encji."), 404)
        raise Refused(_("Podaj type: %(names)s, albo id.") % {"names": ", ".join(sorted(known))})
    return Asked(
        model=model,
        number=int(named[2]) if named else None,
        attributes=frozenset(filter(None, request.GET.get("attrs", "").split(","))),
        options=frozenset(f"{request.GET.get('options', '')},{request.GET.get('format', '')}".split(",")),
        limit=min(_whole(request, "limit", 100), MOST),
        offset=_whole(request, "offset", 0),
        count=request.GET.get("count") == "true",
    )


def _whole(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, str(otherwise))
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Refused(_("limit, offset i lastN to liczby całkowite od zera."))
    return int(text)


def _found(request: HttpRequest, asked: Asked) -> tuple[list[Thing], list[Datastream], int | None]:
    streams = Datastream.objects.visible_to(request.viewer).filter(observed_property__code__in=asked.codes)
    things = Thing.objects.visible_to(request.viewer).filter(pk__in=streams.values("thing_id")).order_by("number")
    if asked.number is not None:
        things = things.filter(number=asked.number)
    page = list(things[asked.offset : asked.offset + asked.limit])
    rows = streams.filter(thing__in=page).select_related("observed_property").order_by("id")
    return page, list(rows), things.count() if asked.count else None


def _present(request: HttpRequest, asked: Asked, things: list[Thing], streams: list[Datastream]) -> list[dict[str, Any]]:
    found = made.latest_values(asked.model, asked.codes, things, streams)
    return [made.simple(one) for one in found] if asked.options & SIMPLE else found


def _through_time(request: HttpRequest, asked: Asked, things: list[Thing], streams: list[Datastream]) -> list[dict[str, Any]]:
    start, end = _span(request)
    last = min(_whole(request, "lastN", DEFAULT_INSTANCES), MOST_INSTANCES)
    newest = "lastN" in request.GET
    found = made.values_between(asked.model, asked.codes, things, streams, (start, end), last, newest)
    return [made.arrays(one) for one in found] if "temporalValues" in asked.options else found


def _span(request: HttpRequest) -> tuple[datetime, datetime]:
    """The interval of ``timerel``, ``timeAt``, ``endTimeAt`` (§ 4.11): after begins behind the instant, before ends at it."""
    relation = request.GET.get("timerel", "")
    try:
        at = times.instant(request.GET.get("timeAt", ""))
        if relation == "after":
            return at + times.MICROSECOND, clock.now() + made.AHEAD
        if relation == "before":
            return made.EARLIEST, at
        if relation == "between":
            return at, times.instant(request.GET.get("endTimeAt", ""))
    except (ValueError, OverflowError):
        pass
    raise Refused(_("timerel to after, before albo between; timeAt i endTimeAt to czas ISO 8601."))


def _response(request: HttpRequest, asked: Asked, body: Any, total: int | None) -> JsonResponse:
    """JSON-LD with its context inside; plain JSON, where that is asked for, names the context in a header (§ 6.3.5)."""
    accept = request.headers.get("Accept", "")
    plain = "application/json" in accept and "application/ld+json" not in accept
    context = made.context_of(asked.model)
    if not plain:
        for one in body if isinstance(body, list) else [body]:
            one["@context"] = context
    answer = JsonResponse(body, safe=False, content_type="application/json" if plain else "application/ld+json")
    if plain:
        answer["Link"] = f'<{context[0]}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    if total is not None:
        answer["NGSILD-Results-Count"] = str(total)
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "private, no-store" if not request.viewer.is_anonymous else "public, max-age=0, must-revalidate"
    patch_vary_headers(answer, ["Cookie", "Accept"])
    return answer


def _problem(refused: Refused) -> JsonResponse:
    """An error as RFC 9457 and § 5.5.2 have it."""
    kind = {404: "ResourceNotFound", 405: "OperationNotSupported", 503: "InternalError"}.get(refused.status, "BadRequestData")
    body = {"type": f"https://uri.etsi.org/ngsi-ld/errors/{kind}", "title": refused.title, "status": refused.status}
    return JsonResponse(body, status=refused.status, content_type="application/problem+json")
