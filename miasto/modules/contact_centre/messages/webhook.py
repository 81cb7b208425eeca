"""The address to which social media and chats send what residents write: signature first, then the words."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from miasto.kernel.core import ratelimit
from miasto.modules.contact_centre.messages import sending, services
from miasto.modules.contact_centre.messages.heard import Heard, Unreadable
from miasto.modules.contact_centre.messages.sources import META, Source, source

WRONG_PER_HOUR = 60


@csrf_exempt
def webhook(request: HttpRequest, source_slug: str) -> HttpResponse:
    """``/api/wiadomosci/<source>/``: GET is Meta's verification of the address, POST brings messages and receipts.

    404 for a source that is unknown or has no secret, 403 for a wrong signature, 400 for a body of another form.
    """
    found = source(source_slug)
    if found is None or not found.secret:
        return _said(404, "no such source")
    if request.method == "GET" and found.kind == META:
        return _verify(request, found)
    if request.method != "POST":
        return _said(405, "POST only")
    try:
        body = request.body
    except (SuspiciousOperation, OSError):
        return _said(413, "too long")
    if not sending.protocol(found.kind).is_genuine(body, request.headers, found):
        return _wrong(request)
    try:
        heard = sending.protocol(found.kind).read(body)
    except Unreadable:
        return _said(400, "unreadable")
    for one in heard:
        if isinstance(one, Heard):
            services.take_in(source=found, heard=one)
        else:
            services.note(source=found, told=one)
    return JsonResponse({"status": "ok"})


def _verify(request: HttpRequest, found: Source) -> HttpResponse:
    """Meta asks whether this address is ours: the right token gets its challenge back as plain text."""
    given, challenge = request.GET.get("hub.verify_token", ""), request.GET.get("hub.challenge", "")
    right = found.verify and hmac.compare_digest(given.encode(), found.verify.encode())
    if request.GET.get("hub.mode") != "subscribe" or not right or not challenge.isalnum() or len(challenge) > 200:
        return _wrong(request)
    response = HttpResponse(challenge, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _wrong(request: HttpRequest) -> HttpResponse:
    limit = WRONG_PER_HOUR * settings.RATE_LIMIT_FACTOR
    try:
        ratelimit.hit(name="messages.wrong", who=ratelimit.client(request), limit=limit, per_s=3600)
    except ratelimit.TooMany:
        return _said(429, "too many")
    return _said(403, "wrong signature")


def _said(status: int, words: str) -> HttpResponse:
    return JsonResponse({"error": words}, status=status)
