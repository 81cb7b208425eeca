"""What the tests of other engines and modules need of the notifications: the daily message, time passing, a push service."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from miasto.kernel.core.testing import listening
from miasto.kernel.notifications.listeners import send_daily
from miasto.kernel.notifications.privacy import expire

__all__ = ["Browser", "PushService", "expire", "push_service", "send_daily"]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """A browser with keys of its own that reads what only it can read (RFC 8291, RFC 8188), written from the standards."""

    def __init__(self, endpoint: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self.private = ec.generate_private_key(ec.SECP256R1())
        self.point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.auth = os.urandom(16)
        self.given = {"endpoint": endpoint, "p256dh": _base64url(self.point), "auth": _base64url(self.auth)}

    def read(self, body: bytes) -> dict[str, str]:
        """The message in the body of a request to the push service: one record of aes128gcm."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
            return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)

        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        key_material = derive(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        key = derive(key_material, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(key_material, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert plain.endswith(b"\x02"), "the last record ends with the delimiter 2 (RFC 8188, 2)"
        return json.loads(plain[:-1])


@dataclass
class PushService:
    """A push service at ``url`` that speaks RFC 8030; ``answers`` are its next statuses, 201 when there is none.

    ``wait`` is what it says in ``Retry-After`` with a refusal.
    """

    url: str = ""
    answers: list[int] = field(default_factory=list)
    wait: str = ""
    received: list[Any] = field(default_factory=list)

    def browser(self, name: str = "a") -> Browser:
        return Browser(f"{self.url}/push/{name}")

    def answer(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        self.received.append(asked)
        status = self.answers.pop(0) if self.answers else 201
        if status == 201:
            return status, {"Location": f"{self.url}/message/{len(self.received)}"}, b""
        return status, {"Retry-After": self.wait} if self.wait else {}, b""


@contextmanager
def push_service() -> Iterator[PushService]:
    """A push service on this machine for the time of a test."""
    service = PushService()
    with listening(service.answer) as service.url:
        yield service
