"""The exchange's webhook: one signed event of a call. For exchanges without a manager interface of their own.

``POST /api/telefon/`` with a JSON body and two headers: ``X-Miasto-Timestamp`` (seconds since 1970) and ``X-Miasto-Signature``
(``sha256=`` and the hexadecimal HMAC-SHA256, RFC 2104, of the timestamp, a full stop and the body, under the shared secret
``MIASTO_TELEPHONY_SECRET``). What is older or newer than ``WINDOW_S`` is refused, so a copied request is worthless after that;
within it a repetition changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from miasto.kernel.core import clock
from miasto.modules.contact_centre.phone import services
from miasto.modules.contact_centre.phone.numbers import e164

WINDOW_S = 300
MOST_BYTES = 8_192
KINDS = ("ringing", "answered", "ended")


def secret() -> bytes:
    """The secret shared with the exchange; empty where none is set, and then the webhook does not exist."""
    return os.environ.get("MIASTO_TELEPHONY_SECRET", "").encode()


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """What the header must hold."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(request: HttpRequest, key: bytes) -> bool:
    """Whether the request was signed with the key within the window; takes the same time for every wrong signature."""
    timestamp = request.headers.get("X-Miasto-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    given = request.headers.get("X-Miasto-Signature", "")
    fresh = abs(clock.now().timestamp() - int(timestamp)) <= WINDOW_S
    return hmac.compare_digest(signature(key, timestamp, request.body).encode(), given.encode()) and fresh


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> JsonResponse:
    """Take one event: 202; without the secret 404, unsigned 401, malformed 400, too long 413."""
    key = secret()
    if not key:
        return JsonResponse({"detail": "not configured"}, status=404)
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return JsonResponse({"detail": "too long"}, status=413)
    if not is_signed(request, key):
        return JsonResponse({"detail": "wrong or old signature"}, status=401)
    try:
        heard = read(json.loads(request.body))
    except (ValueError, TypeError, KeyError) as error:
        return JsonResponse({"detail": f"malformed: {error}"}, status=400)
    call = services.hear(heard=heard)
    return JsonResponse({"call": heard.call, "state": call.state}, status=202)


def read(data: dict[str, Any]) -> services.Heard:
    """``{"call", "event", "at", "caller", "extension"}`` as the service takes it; raises ``ValueError`` and ``KeyError``."""
    call, kind = str(data["call"]).strip(), str(data["event"])
    if not call or len(call) > 80 or kind not in KINDS:
        raise ValueError("call or event")
    at = datetime.fromisoformat(str(data["at"])) if data.get("at") else clock.now()
    extension = str(data.get("extension") or "")[:20]
    return services.Heard(call, kind, at if at.tzinfo else at.replace(tzinfo=UTC), caller_of(data.get("caller")), extension)


def caller_of(given: Any) -> str:
    """The caller's number as E.164; empty for a withheld one and for what an exchange writes instead of one."""
    try:
        return e164(str(given or ""))
    except ValueError:
        return ""
