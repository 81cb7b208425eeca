"""Any other chat (a Matrix or WhatsApp gateway): signed webhooks both ways, as Standard Webhooks has them.

Headers ``webhook-id``, ``webhook-timestamp`` (seconds) and ``webhook-signature`` (``v1,<base64>`` of the HMAC-SHA256 of
``id.timestamp.body``); a timestamp more than five minutes off is refused, a repeated message is the same message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from miasto.kernel.core import clock, outbound
from miasto.modules.contact_centre.messages.heard import TEXT_MOST, Failed, Heard, Told, Unreadable, Unsure
from miasto.modules.contact_centre.messages.sources import Source

TOLERANCE_S = 300
STATUSES = ("sent", "delivered", "read", "failed")


def is_genuine(body: bytes, headers: Mapping[str, str], source: Source) -> bool:
    """Whether the body was signed with the source's secret within the last minutes; False where no secret is set."""
    identifier, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (source.secret and identifier and stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_S:
        return False
    right = signature(source.secret, identifier, stamp, body).encode()
    given = [part.encode() for part in headers.get("webhook-signature", "").split()]
    return any(hmac.compare_digest(right, one) for one in given)


def signature(secret: str, identifier: str, stamp: str, body: bytes) -> str:
    """``v1,<base64>``; the secret is base64 after ``whsec_``, or plain text."""
    signed = identifier.encode() + b"." + stamp.encode() + b"." + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret[6:], validate=True)
        except (binascii.Error, ValueError):
            return secret.encode()
    return secret.encode()


def read(body: bytes) -> list[Heard | Told]:
    """The message or receipt of a webhook; a bot's own words and other events are left out. Raises ``Unreadable``."""
    try:
        document = json.loads(body)
        data, kind = document["data"], document["type"]
        if kind == "message.received":
            sender = data.get("from") or {}
            return [] if sender.get("bot") else [_message(data, sender)]
        if kind == "message.status" and data["status"] in STATUSES:
            return [Told(data["status"], id=str(data.get("message_id", "")), own_id=str(data.get("own_id", "")))]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error
    return []


def _message(data: dict[str, Any], sender: dict[str, Any]) -> Heard:
    attachments = data.get("attachments") or []
    pictures = [str(one["url"]) for one in attachments if _is_picture(one)]
    left_out = [str(one.get("media_type", "")).split("/")[0] for one in attachments if not _is_picture(one)]
    place = data.get("place")
    if not (data["message_id"] and data["conversation_id"]):
        raise Unreadable("empty identifier")
    return Heard(
        thread=str(data["conversation_id"]),
        id=str(data["message_id"]),
        at=_moment(data.get("sent_at")),
        text=str(data.get("text") or "")[:TEXT_MOST],
        person_id=str(sender.get("id", "")),
        person_name=str(sender.get("name") or "")[:120],
        pictures=tuple(pictures),
        left_out=tuple(left_out),
        place=_place(place) if place else None,
    )


def _is_picture(attachment: dict[str, Any]) -> bool:
    return str(attachment.get("media_type", "")).startswith("image/") and bool(attachment.get("url"))


def _place(place: dict[str, Any]) -> tuple[float, float] | None:
    lon, lat = float(place["lon"]), float(place["lat"])
    return (lon, lat) if -180 <= lon <= 180 and -85 <= lat <= 85 else None


def _moment(text: Any) -> datetime:
    now = clock.now()
    if not text:
        return now
    found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError("a moment without a zone")
    return min(found.astimezone(UTC), now)


def send(source: Source, *, own_id: str, thread: str, person_id: str, answer_to: str, public: bool, text: str) -> str:
    """Send one message to the gateway; returns its name of it. The gateway knows a repetition by ``own_id``.

    Raises ``Failed`` (for good), ``Unsure`` or ``outbound.NotSent``.
    """
    data = {"own_id": own_id, "conversation_id": thread, "to": {"id": person_id}, "answer_to": answer_to, "text": text}
    body = json.dumps({"type": "message.send", "timestamp": clock.now().isoformat(), "data": data}, ensure_ascii=False).encode()
    stamp = str(int(clock.now().timestamp()))
    headers = {
        "webhook-id": own_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(source.secret, own_id, stamp, body),
    }
    answer = outbound.send(source.url, body, media_type="application/json", headers=headers)
    if answer.status >= 500 or answer.status == 429:
        raise Unsure(f"status {answer.status}")
    if not 200 <= answer.status < 300:
        raise Failed("credentials" if answer.status in (401, 403) else "refused")
    try:
        return str(json.loads(answer.body).get("message_id", ""))
    except (ValueError, AttributeError):
        return ""
