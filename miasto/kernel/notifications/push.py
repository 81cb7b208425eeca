"""Web push: a message to a browser that asked for it (RFC 8030), encrypted for it (RFC 8291) and signed by us (RFC 8292).

The address of a device is a capability given by the browser's maker; it is personal data and stands in no log.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.accounts.services import make_link, revoke_links
from miasto.kernel.core import clock, outbound
from miasto.kernel.core.city import city
from miasto.kernel.notifications import jobs
from miasto.kernel.notifications.models import PushDevice, PushKey, Subscription

logger = logging.getLogger(__name__)
LINK = "notifications.device"
TTL_S = 3 * 24 * 3600
MOST_PER_PERSON = 20
SILENT_DAYS = 14
IDLE_DAYS = 30
LATER_MOST_S = 24 * 3600
ENDPOINT_MOST = 1000
POINT_BYTES, AUTH_BYTES = 65, 16
TITLE_MOST, BODY_MOST = 200, 300
GONE = (404, 410)
RESERVED = ("invalid", "test", "example", "localhost", "local", "internal")


class Later(Exception):
    """The push service did not take the message now; the job is run again."""


def keys() -> PushKey:
    """The pair of keys by which push services know this platform, made once; changing it would silence every device."""
    found = PushKey.objects.filter(pk=PushKey.ONLY).first()
    if found is None:
        from webpush.vapid import VAPID

        private, public, shown = VAPID.generate_keys()
        made = {"private": private.decode(), "public": public.decode(), "shown": shown}
        found, _fresh = PushKey.objects.get_or_create(pk=PushKey.ONLY, defaults=made)
    return found


def public_key() -> str:
    """The public key as pages give it to the browser: an uncompressed P-256 point in base64url; one query."""
    return keys().shown


@transaction.atomic
def add(*, endpoint: str, p256dh: str, auth: str, language: str, by: Viewer) -> PushDevice:
    """A browser agreed to messages. Known already, it becomes the viewer's; raises ``ValidationError``.

    Whoever knows a device's address must know its secret too, or the device of another person could be taken over.
    """
    _check(endpoint, p256dh, auth)
    made = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "created_at": clock.now(), "person_id": by.person_id}
    row, fresh = PushDevice.objects.select_for_update().get_or_create(digest=digest(endpoint), defaults=made)
    if not hmac.compare_digest(f"{row.p256dh}|{row.auth}".encode(), f"{p256dh}|{auth}".encode()):
        raise ValidationError(_("Ta przeglądarka nie może teraz włączyć powiadomień."), code="taken")
    row.person_id, row.language, row.silent_since = by.person_id or row.person_id, language, None
    row.save(update_fields=["person_id", "language", "silent_since"])
    if fresh and by.person_id:
        newest = PushDevice.objects.filter(person=by.person_id).order_by("-created_at").values("pk")[:MOST_PER_PERSON]
        _delete(PushDevice.objects.filter(person=by.person_id).exclude(pk__in=list(newest.values_list("pk", flat=True))))
    return row


def known(*, endpoint: str, p256dh: str, auth: str, by: Viewer) -> PushDevice | None:
    """The device of a browser that agreed before, where it is the viewer's own (or nobody's, for somebody signed out)."""
    row = PushDevice.objects.filter(digest=digest(endpoint), person_id=by.person_id).first()
    right = row is not None and hmac.compare_digest(f"{row.p256dh}|{row.auth}".encode(), f"{p256dh}|{auth}".encode())
    return row if right else None


@transaction.atomic
def sign_out(*, device_id: str, person_id: UUID) -> int:
    """A person left this browser: what is the person's own must not appear on its screen. Returns how many devices went."""
    return _delete(PushDevice.objects.filter(pk=device_id, person=person_id))


@transaction.atomic
def remove(*, endpoint: str, auth: str) -> bool:
    """The browser wants no more messages: the device goes, and what it alone followed. True where there was one."""
    row = PushDevice.objects.select_for_update().filter(digest=digest(endpoint)).first()
    if row is None or not hmac.compare_digest(row.auth.encode(), auth.encode()):
        return False
    return _delete(PushDevice.objects.filter(pk=row.pk)) > 0


@transaction.atomic
def remove_all(*, person_id: UUID) -> int:
    """A person wants no more messages in any browser; returns how many there were."""
    return _delete(PushDevice.objects.filter(person=person_id))


def discard_idle() -> int:
    """Forget browsers of nobody that follow nothing; returns how many."""
    before = clock.now() - timedelta(days=IDLE_DAYS)
    followed = Subscription.objects.filter(device__isnull=False).values("device")
    return _delete(PushDevice.objects.filter(person=None, created_at__lt=before).exclude(pk__in=followed))


def _delete(devices: Any) -> int:
    ids = list(devices.values_list("pk", flat=True))
    for one in ids:
        revoke_links(object_id=one, purpose=LINK, by=SYSTEM)
    PushDevice.objects.filter(pk__in=ids).delete()
    return len(ids)


def token_for(device_id: UUID) -> str:
    """A secret by which a session without an account may see and stop what its browser follows; the page renews it."""
    return make_link(object_id=device_id, purpose=LINK, by=SYSTEM, expires_at=clock.now() + timedelta(days=IDLE_DAYS))


def devices_of(people: Iterable[UUID], devices: Iterable[UUID]) -> dict[UUID, list[PushDevice]]:
    """Devices by their person, and those asked for by themselves by their own id; a query for each kind that was asked for."""
    found: dict[UUID, list[PushDevice]] = {}
    if wanted := list(people):
        for row in PushDevice.objects.filter(person__in=wanted).order_by("id"):
            found.setdefault(row.person_id, []).append(row)
    if named := list(devices):
        found |= {row.pk: [row] for row in PushDevice.objects.filter(pk__in=named)}
    return found


def enqueue(*, device: PushDevice, title: str, body: str, url: str, tag: str, urgent: bool, first: bool = False) -> None:
    """Queue one message in the present transaction. The words must be public: they are shown on a locked screen.

    ``tag`` names the message: a repetition replaces the first one, at the push service and on the screen.
    """
    payload = {"title": title[:TITLE_MOST], "body": body[:BODY_MOST], "url": url, "tag": tag, "lang": device.language}
    (jobs.push_first if first else jobs.push).defer(device_id=str(device.pk), payload=payload, urgent=urgent, first=first)


def deliver(*, device_id: str, payload: dict[str, str], urgent: bool) -> None:
    """Hand one message to the push service. A device that is gone is forgotten; ``Later`` asks for another try."""
    device = PushDevice.objects.filter(pk=device_id).first()
    if device is None:
        return
    status, wait_s = _post(device, payload, urgent)
    if status in GONE:
        _delete(PushDevice.objects.filter(pk=device.pk))
    elif status == 0 or status == 429 or status >= 500:
        if _is_silent(device):
            _delete(PushDevice.objects.filter(pk=device.pk))
        elif wait_s:
            at = clock.now() + timedelta(seconds=min(wait_s, LATER_MOST_S))
            jobs.push.defer(at=at, device_id=device_id, payload=payload, urgent=urgent)
        else:
            raise Later(f"status {status}")
    elif status >= 300:
        logger.warning("a push service refused a message: status %s", status)
    elif device.silent_since:
        PushDevice.objects.filter(pk=device.pk).update(silent_since=None)


def _is_silent(device: PushDevice) -> bool:
    """Whether its push service has taken nothing for ``SILENT_DAYS``; an outage of a day loses no device."""
    if device.silent_since is None:
        PushDevice.objects.filter(pk=device.pk).update(silent_since=clock.now())
        return False
    return device.silent_since < clock.now() - timedelta(days=SILENT_DAYS)


def _post(device: PushDevice, payload: dict[str, str], urgent: bool) -> tuple[int, int]:
    """The status that the push service answered and for how many seconds it wants to be left alone (``Retry-After``).

    The status is 0 where it did not answer, 410 where its address may not be asked at all.
    """
    body, headers = _sealed(device, json.dumps(payload, ensure_ascii=False).encode())
    headers |= {
        "Content-Encoding": "aes128gcm",
        "TTL": str(TTL_S),
        "Urgency": "high" if urgent else "normal",
        "Topic": _base64url(hashlib.sha256(payload["tag"].encode()).digest())[:32],
    }
    try:
        answer = outbound.send(
            device.endpoint, body, media_type="application/octet-stream", most=20_000, seconds=10, headers=headers
        )
    except outbound.Forbidden:
        return 410, 0
    except (outbound.NotSent, outbound.Unanswered):
        return 0, 0
    wait = answer.headers.get("retry-after", "")
    return answer.status, int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 8 else 0


def _sealed(device: PushDevice, data: bytes) -> tuple[bytes, dict[str, str]]:
    """The message encrypted for the device (RFC 8291) and the header that says who sends it (RFC 8292)."""
    from webpush import WebPush, WebPushSubscription

    from miasto.kernel.notifications.vapid import Vapid

    pair = keys()
    private, public = pair.private.encode(), pair.public.encode()
    contact = contact_of(city().contacts.get("email", ""), settings.BASE_URL)
    pusher = WebPush(private_key=private, public_key=public, subscriber=contact or "nobody", ttl=TTL_S)
    pusher.vapid = Vapid(private_key=private, public_key=public, contact=contact)
    address = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
    message = pusher.get(data, WebPushSubscription.model_validate(address))
    return message.encrypted, {"Authorization": message.headers["authorization"]}


def contact_of(email: str, base_url: str) -> str:
    """Whom the owner of a push service may turn to (RFC 8292, 2.1): ``mailto:`` of the city, or the platform's https address.

    Names that belong to nobody (RFC 2606: the demo's e-mail addresses, a city on ``localhost``) are no contact and some push
    services refuse them: then there is none, which the standard allows.
    """
    with suppress(ValidationError):
        validate_email(email)
        if _is_real(email.rpartition("@")[2]):
            return f"mailto:{email}"
    parts = urlsplit(base_url)
    return base_url if parts.scheme == "https" and _is_real(parts.hostname or "") else ""


def _is_real(name: str) -> bool:
    """Whether a name may be somebody's in the public network."""
    last = name.lower().rstrip(".").rpartition(".")
    return bool(last[0]) and last[2] not in RESERVED and not last[2].isdecimal()


def digest(endpoint: str) -> str:
    """What is unique of a device: hexadecimal SHA-256 of its address, short enough for an index."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    if not (_may_be_asked(endpoint) and _is_point(p256dh) and len(_decoded(auth)) == AUTH_BYTES):
        raise ValidationError(_("Ta przeglądarka nie może teraz włączyć powiadomień."), code="unusable")


def _may_be_asked(endpoint: str) -> bool:
    """Whether it is an https address of the public network; its name is looked up, and judged again, when it is asked."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint and len(endpoint) <= ENDPOINT_MOST
    if not plain or not host or parts.username or parts.password:
        return False
    if port and outbound.is_named(host, port):
        return parts.scheme in outbound.PORTS
    return parts.scheme == "https" and _is_public_name(host)


def _is_public_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return outbound.is_public(host)


def _is_point(key: str) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(key))
    except ValueError:
        return False
    return len(_decoded(key)) == POINT_BYTES


def _decoded(text: str) -> bytes:
    """The bytes of base64url with or without padding; empty where it is none."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
