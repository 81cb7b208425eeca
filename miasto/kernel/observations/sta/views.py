"""SensorThings over HTTP: who asks, the body, the answer."""

from __future__ import annotations

import base64
import binascii
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from miasto.kernel.accounts.selectors import Viewer, viewer_for_key
from miasto.kernel.accounts.services import recognise_key
from miasto.kernel.core import ratelimit
from miasto.kernel.core.turns import Turns
from miasto.kernel.observations.sta import columns
from miasto.kernel.observations.sta.answering import Value
from miasto.kernel.observations.sta.arrays import MOST
from miasto.kernel.observations.sta.inputs import decode
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.serving import READS, serve, unavailable
from miasto.kernel.observations.sta.values import Asked, Told

ROOT = "/api/sta/v1.1/"
METHODS = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"
WRONG_KEYS_PER_HOUR = 30
READS_PER_MINUTE = 600
LARGEST_BODY = 16 * 1024 * 1024  # 100,000 observations as arrays
WRITES_AT_ONCE = 4  # of one program or person in a process of the web server: the rest of its connections is for others
LARGE_BODY = 64 * 1024  # what is smaller is always read: it may be about a danger to life
LARGE_WAITS_S = 5.0
_large = threading.BoundedSemaphore(1)  # of a process: what is small finds a core free, and many at once are no faster
_writing = Turns()
_told_to_wait: dict[object, float] = {}  # until when, by the monotonic clock
_lock = threading.Lock()


@csrf_exempt
def service(request: HttpRequest, path: str = "") -> HttpResponse:
    """Every address of the service."""
    if request.method == "OPTIONS":
        headers = {"Allow": METHODS, "Access-Control-Allow-Methods": METHODS}
        headers["Access-Control-Allow-Headers"] = "Content-Type, Authorization, X-API-Key"
        return _open(HttpResponse(status=204, headers=headers), public=True)
    public = False
    try:
        viewer = _viewer(request)
        public = viewer.is_anonymous and viewer.api_key is None and not viewer.links
        with _turn(request, viewer):
            told = serve(_asked(request, path), viewer=viewer, base=request.build_absolute_uri(ROOT))
            if request.method not in READS:
                _keep_waiting(viewer, told)
    except Problem as problem:
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
        told = Told(problem.status, problem.body(), headers)
    except ratelimit.TooMany as many:
        body = Problem(429, _("Za dużo zapytań. Spróbuj ponownie później.")).body()
        told = Told(429, body, {"Retry-After": str(many.retry_after)})
    except (OperationalError, InterfaceError) as error:
        told = unavailable(error)
    return _open(_response(told), public=public and request.method in READS)


@contextmanager
def _turn(request: HttpRequest, viewer: Viewer) -> Iterator[None]:
    """One of the writes that a client may have in work at once; the body is read inside. Raises ``TooMany``."""
    if request.method in READS:
        yield
        return
    who = viewer.api_key or viewer.person_id
    with _lock:
        left = _told_to_wait.get(who, 0.0) - time.monotonic()
    if left > 0 and _is_large(request):
        raise ratelimit.TooMany(math.ceil(left))
    with _writing.take(who, WRITES_AT_ONCE) as given:
        if not given:
            raise ratelimit.TooMany(1)
        with _one_of_the_large() if _is_large(request) else nullcontext():
            yield


def _is_large(request: HttpRequest) -> bool:
    """Whether the body is large, or does not say how large it is."""
    length = request.META.get("CONTENT_LENGTH")
    return int(length) > LARGE_BODY if length else "HTTP_TRANSFER_ENCODING" in request.META


@contextmanager
def _one_of_the_large() -> Iterator[None]:
    """Large bodies are read and written one after another; the connection is not kept waiting. Raises ``TooMany``."""
    if not _large.acquire(blocking=False):
        if not connection.in_atomic_block:
            connection.close()
        if not _large.acquire(timeout=LARGE_WAITS_S):
            raise ratelimit.TooMany(1)
    try:
        yield
    finally:
        _large.release()


def _keep_waiting(viewer: Viewer, told: Told) -> None:
    """Remember who was told that too much waits: large bodies that come before the time are refused, and cost nobody else."""
    if not told.busy:
        return
    now = time.monotonic()
    with _lock:
        for who in [who for who, until in _told_to_wait.items() if until <= now]:
            del _told_to_wait[who]
        _told_to_wait[viewer.api_key or viewer.person_id] = now + float(told.headers["Retry-After"])


def _viewer(request: HttpRequest) -> Viewer:
    """The program by its key, else the person of the session, whose writes need the CSRF token. Raises ``Problem``."""
    reads = request.method in READS
    plain = _key(request)
    if plain is not None:
        return _program(request, plain)
    viewer: Viewer = request.viewer
    if reads:
        if viewer.is_anonymous:
            _slow_down("read", ratelimit.client(request), READS_PER_MINUTE, 60)
        return viewer
    if viewer.is_anonymous:
        raise Problem(401, _("Zapis wymaga klucza programu albo zalogowania."))
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda _request: HttpResponse(), (), {}) is not None:
        raise Problem(403, _("Brakuje znacznika CSRF. Programy niech używają klucza."))
    return viewer


def _program(request: HttpRequest, plain: str) -> Viewer:
    key = recognise_key(plain)
    if key is None:
        _slow_down("wrong_key", ratelimit.client(request), WRONG_KEYS_PER_HOUR, 3600)
        raise Problem(401, _("Klucz jest nieprawidłowy albo wyłączony."))
    _slow_down("program", str(key.pk), key.per_hour, 3600)
    return viewer_for_key(key)


def _key(request: HttpRequest) -> str | None:
    """The key of a program: ``X-API-Key``, ``Authorization: Bearer``, or the password of ``Basic``, which most clients can."""
    if (plain := request.headers.get("X-API-Key")) is not None:
        return plain
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeError):
            return ""
    return None


def _slow_down(name: str, who: str, limit: int, seconds: int) -> None:
    ratelimit.hit(name=f"sta.{name}", who=who, limit=limit * settings.RATE_LIMIT_FACTOR, per_s=seconds)


def _asked(request: HttpRequest, path: str) -> Asked:
    pairs = tuple((name, text) for name, texts in request.GET.lists() for text in texts)
    method, body = str(request.method), None
    kind = request.headers.get("Content-Type", "application/json")
    if method in ("POST", "PATCH", "PUT"):
        body = _decoded(_body(request), path.strip("/"), kind)
    return Asked(method, path.strip("/") if path.strip("/") == "$batch" else path, pairs, body, kind)


def _decoded(raw: bytes, path: str, kind: str) -> Any:
    """A body as its address wants it: a multipart batch as it came, arrays of observations as columns where they can be."""
    if path == "$batch" and kind.lower().startswith("multipart/mixed"):
        return raw
    many = columns.read(raw, MOST) if path == "CreateObservations" else None
    return decode(raw) if many is None else many


def _body(request: HttpRequest) -> bytes:
    """The body, larger than a form may be: it is JSON of readings, read once. Raises ``Problem`` 413."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise Problem(413, _("Treść zapytania jest za długa."))
    try:
        found = request.read(LARGEST_BODY + 1)
    except RequestDataTooBig:
        raise Problem(413, _("Treść zapytania jest za długa.")) from None
    if len(found) > LARGEST_BODY:
        raise Problem(413, _("Treść zapytania jest za długa."))
    return found


def _open(response: HttpResponse, *, public: bool) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "Location"
    patch_vary_headers(response, ["Cookie", "Authorization", "X-API-Key", "Accept-Language"])
    response.setdefault("Cache-Control", "public, max-age=0, must-revalidate" if public else "private, no-store")
    return response


def _response(told: Told) -> HttpResponse:
    if isinstance(told.body, Value):
        return _bare(told.body.found)
    if isinstance(told.body, bytes):
        return HttpResponse(told.body, status=told.status, headers=told.headers)
    if told.body is None:
        return HttpResponse(status=told.status, headers=told.headers)
    kind = "application/geo+json" if _is_geojson(told.body) else "application/json"
    return JsonResponse(
        told.body,
        status=told.status,
        safe=False,
        content_type=kind,
        headers=told.headers,
        json_dumps_params={"ensure_ascii": False},
    )


def _is_geojson(body: Any) -> bool:
    return isinstance(body, dict) and body.get("type") == "FeatureCollection"


def _bare(found: Any) -> HttpResponse:
    """The raw value (18-088 § 9.2.5): nothing for null."""
    if found is None:
        return HttpResponse(status=204)
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
