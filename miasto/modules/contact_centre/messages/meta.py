"""Messenger and comments of a Facebook page: Meta's webhooks (object ``page``) and the Send API of Graph.

Signature: ``X-Hub-Signature-256: sha256=<HMAC of the body with the app's secret>``. What the page itself says comes back as an
echo; it is no message of a resident, but an echo with our ``metadata`` proves that a message went out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from miasto.kernel.core import clock, outbound
from miasto.modules.contact_centre.messages.heard import TEXT_MOST, Failed, Heard, Told, Unreadable, Unsure
from miasto.modules.contact_centre.messages.sources import Source

LATE = {2018278}  # the 24 hours in which a page may answer are over
BLOCKED = {2018108, 1545041}
TRANSIENT = {1, 2, 4, 17, 32, 341, 368, 613}


def is_genuine(body: bytes, headers: Mapping[str, str], source: Source) -> bool:
    """Whether Meta signed the body; False where no secret is set."""
    given = headers.get("X-Hub-Signature-256", "")
    right = "sha256=" + hmac.new(source.secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(source.secret) and hmac.compare_digest(given.encode(), right.encode())


def read(body: bytes) -> list[Heard | Told]:
    """The messages and receipts of a webhook; what is of another kind is left out. Raises ``Unreadable``."""
    try:
        document = json.loads(body)
        if not isinstance(document, dict) or document.get("object") != "page":
            return []
        return [item for entry in document.get("entry", []) for item in _entry(entry)]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error


def _entry(entry: dict[str, Any]) -> Iterator[Heard | Told]:
    page = str(entry.get("id", ""))
    for event in entry.get("messaging", []):
        yield from _messaging(event, page)
    for change in entry.get("changes", []):
        if change.get("field") == "feed":
            yield from _comment(change.get("value", {}), page)


def _messaging(event: dict[str, Any], page: str) -> Iterator[Heard | Told]:
    sender, message = str(event.get("sender", {}).get("id", "")), event.get("message")
    if isinstance(message, dict) and (message.get("is_echo") or sender == page):
        yield Told("sent", id=str(message.get("mid", "")), own_id=str(message.get("metadata", "")))
    elif isinstance(message, dict) and message.get("mid") and sender:
        yield _message(message, sender, _moment(event.get("timestamp")))
    for name, status in (("delivery", "delivered"), ("read", "read")):
        if isinstance(event.get(name), dict) and event[name].get("watermark"):
            yield Told(status, thread=sender, before=_moment(event[name]["watermark"]))


def _message(message: dict[str, Any], sender: str, at: datetime) -> Heard:
    pictures, left_out, place = [], [], None
    for attachment in message.get("attachments", []):
        kind, payload = str(attachment.get("type", "")), attachment.get("payload") or {}
        if kind == "image" and not payload.get("sticker_id") and payload.get("url"):
            pictures.append(str(payload["url"]))
        elif kind == "location":
            place = _place(payload.get("coordinates") or {})
        else:
            left_out.append(kind if not payload.get("sticker_id") else "sticker")
    return Heard(
        thread=sender,
        id=str(message["mid"]),
        at=at,
        text=str(message.get("text", ""))[:TEXT_MOST],
        person_id=sender,
        pictures=tuple(pictures),
        left_out=tuple(left_out),
        place=place,
    )


def _place(coordinates: dict[str, Any]) -> tuple[float, float] | None:
    lon, lat = float(coordinates.get("long", "nan")), float(coordinates.get("lat", "nan"))
    return (lon, lat) if -180 <= lon <= 180 and -85 <= lat <= 85 else None


def _comment(value: dict[str, Any], page: str) -> Iterator[Heard]:
    """A comment under a post of the page. All that one person says under one post is one conversation."""
    author = value.get("from") or {}
    person = str(author.get("id", ""))
    if value.get("item") != "comment" or value.get("verb") != "add" or not value.get("comment_id") or person in ("", page):
        return
    photo = value.get("photo")
    yield Heard(
        thread=f"{value.get('post_id', '')}/{person}",
        id=str(value["comment_id"]),
        at=_moment((value.get("created_time") or 0) * 1000),
        text=str(value.get("message", ""))[:TEXT_MOST],
        person_id=person,
        person_name=str(author.get("name", ""))[:120],
        public=True,
        pictures=(str(photo),) if photo else (),
        left_out=("video",) if value.get("video") else (),
    )


def _moment(milliseconds: Any) -> datetime:
    """A moment of the sender's clock, never later than ours."""
    now = clock.now()
    return min(datetime.fromtimestamp(int(milliseconds) / 1000, UTC), now) if milliseconds else now


def send(source: Source, *, own_id: str, thread: str, person_id: str, answer_to: str, public: bool, text: str) -> str:
    """Send one message; returns Meta's name of it. Raises ``Failed`` (for good), ``Unsure`` or ``outbound.NotSent``."""
    if public:
        made = _post(source, f"/{quote(answer_to, safe='')}/comments", {"message": text})
        return str(made.get("id", ""))
    message = {"text": text, "metadata": own_id}
    made = _post(source, "/me/messages", {"recipient": {"id": person_id}, "messaging_type": "RESPONSE", "message": message})
    return str(made.get("message_id", ""))


def name_of(source: Source, person_id: str) -> str:
    """The name that a person has on Messenger; empty where Meta does not tell."""
    address = f"{source.url}/{quote(person_id, safe='')}?{urlencode({'fields': 'first_name,last_name'})}"
    headers = {"Authorization": f"Bearer {source.token}"}
    answer = outbound.fetch(address, most=100_000, seconds=20, redirects=0, headers=headers)
    try:
        found = json.loads(answer.body) if answer.status == 200 else {}
        return " ".join(str(found[name]) for name in ("first_name", "last_name") if found.get(name))[:120]
    except (ValueError, TypeError, AttributeError, KeyError):
        return ""


def _post(source: Source, path: str, document: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = {"Authorization": f"Bearer {source.token}"}
    answer = outbound.send(source.url + path, body, media_type="application/json", headers=headers)
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = {}
    found = found if isinstance(found, dict) else {}
    if answer.status == 200 and "error" not in found:
        return found
    raise _trouble(answer.status, found.get("error"))


def _trouble(status: int, error: Any) -> Exception:
    error = error if isinstance(error, dict) else {}
    code, subcode = error.get("code"), error.get("error_subcode")
    if status >= 500 or code in TRANSIENT or error.get("is_transient") is True:
        return Unsure(f"status {status}")
    if subcode in LATE:
        return Failed("late")
    if subcode in BLOCKED or code == 551:
        return Failed("blocked")
    return Failed("credentials" if code in (190, 200, 10) else "refused")
