"""GeoReport v2 over HTTP: the format by the extension, every problem as the standard's error document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from miasto.kernel.accounts.services import recognise_key
from miasto.kernel.core import ratelimit
from miasto.modules.contact_centre.open311 import asking, keys, reading, receiving
from miasto.modules.contact_centre.open311.asking import Asked, Problem
from miasto.modules.contact_centre.open311.formats import answer, problems

WRONG_KEYS_PER_HOUR = 30
READS_PER_MINUTE = 300
Tree = tuple[Any, ...]


def _answers(*methods: str) -> Callable[[Callable[..., Tree]], Callable[..., HttpResponse]]:
    """Decorate a view that returns a tree or raises ``Problem``; ``kind`` is the wanted format."""

    def wrap(view: Callable[..., Tree]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def inner(request: HttpRequest, kind: str, **parts: str) -> HttpResponse:
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method == "OPTIONS":
                return _preflight(methods)
            try:
                if method not in methods:
                    raise Problem(400, _("Ten adres nie przyjmuje metody %(method)s.") % {"method": method[:20]})
                if method == "GET":
                    _slow_down("read", ratelimit.client(request), READS_PER_MINUTE, 60)
                made = answer(view(request, **parts), kind)
            except Problem as problem:
                made = problems(problem.status, kind, *problem.descriptions)
            except ratelimit.TooMany as many:
                made = problems(429, kind, _("Za dużo zapytań. Spróbuj ponownie później."))
                made["Retry-After"] = str(many.retry_after)
            except (SuspiciousOperation, MultiPartParserError, UnicodeError):
                made = problems(400, kind, _("Nie da się odczytać tego zapytania."))
            patch_vary_headers(made, ["Accept-Language"])
            return made

        return inner

    return wrap


def _preflight(methods: tuple[str, ...]) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
    response["Access-Control-Allow-Headers"] = "Content-Type"
    return response


def _slow_down(name: str, who: str, limit: int, seconds: int) -> None:
    ratelimit.hit(name=f"open311.{name}", who=who, limit=limit * settings.RATE_LIMIT_FACTOR, per_s=seconds)


def _query(request: HttpRequest) -> Asked:
    return asking.asked(request.GET)


def _key(request: HttpRequest, args: Asked, right: str) -> Any:
    """The program's key; wrong ones are counted by device, right ones have their own limit."""
    plain = args.one("api_key") or asking.asked(request.GET).one("api_key")
    if not plain:
        raise Problem(403, _("Brakuje klucza api_key."))
    key = recognise_key(plain)
    if key is None:
        _slow_down("wrong_key", ratelimit.client(request), WRONG_KEYS_PER_HOUR, 3600)
        raise Problem(403, _("Klucz api_key jest nieprawidłowy albo wyłączony."))
    if right not in key.rights:
        raise Problem(403, _("Ten klucz api_key nie pozwala na tę czynność."))
    _slow_down("write", str(key.pk), key.per_hour, 3600)
    return key


def _uploads(request: HttpRequest) -> list[Any]:
    return [upload for name in request.FILES for upload in request.FILES.getlist(name)]


@_answers("GET")
def discovery(request: HttpRequest) -> Tree:
    """GET discovery."""
    return "discovery", reading.discovery(request.build_absolute_uri)


@_answers("GET")
def services(request: HttpRequest) -> Tree:
    """GET services."""
    return "services", "service", reading.services(_query(request))


@_answers("GET")
def definition(request: HttpRequest, code: str) -> Tree:
    """GET services/<code>."""
    return "service_definition", reading.definition(code, _query(request))


@_answers("GET", "POST")
def requests(request: HttpRequest) -> Tree:
    """GET requests and POST requests."""
    if request.method == "POST":
        args = asking.asked(request.POST)
        key = _key(request, args, keys.FILE)
        return "service_requests", "request", [receiving.file_request(args=args, uploads=_uploads(request), key=key)]
    return "service_requests", "request", reading.requests(_query(request), request.build_absolute_uri)


@_answers("GET")
def request(request: HttpRequest, number: str) -> Tree:
    """GET requests/<service_request_id>."""
    return "service_requests", "request", [reading.request(number, _query(request), request.build_absolute_uri)]


@_answers("GET")
def token(request: HttpRequest, value: str) -> Tree:
    """GET tokens/<token>."""
    return "service_requests", "request", [reading.token(value, _query(request))]


@_answers("GET", "POST")
def updates(request: HttpRequest) -> Tree:
    """GET and POST servicerequestupdates (FixMyStreet's extension)."""
    if request.method == "POST":
        args = asking.asked(request.POST)
        key = _key(request, args, keys.UPDATE)
        made = receiving.take_update(args=args, uploads=_uploads(request), key=key)
        return "service_request_updates", "request_update", [made]
    return "service_request_updates", "request_update", reading.updates(_query(request))


@_answers("GET", "POST")
def unknown(request: HttpRequest) -> Tree:
    """Every other address below the endpoint."""
    raise Problem(404, _("Nie ma takiego adresu. Adresy kończą się na .xml albo .json."))


@csrf_exempt
def anything(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address without a format or with another one: the error document as XML, as JSON where the address says so."""
    return unknown(request, kind="json" if rest.endswith(".json") else "xml")
