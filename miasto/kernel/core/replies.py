"""Addresses to which a reply can be sent: the inbox of the city with a signed mark of the object (RFC 5233 subaddress).

``kontakt+<mark>@miasto.pl``: whoever has the mark may write to the object as its filer, exactly like whoever has its secret
link, so a mark goes only into messages to that person. The same mark stands in the Message-ID of such a message, so that a
reply is known by its ``In-Reply-To`` even where a mail program drops the subaddress.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings

SIGNATURE_BYTES = 10
_MARK = re.compile(r"(?<![a-z2-7])([a-z2-7]{42})(?![a-z2-7])", re.IGNORECASE)


def mark_of(object_id: UUID) -> str:
    """42 letters and digits: the identifier and 80 bits of a keyed digest; case does not matter."""
    return base64.b32encode(object_id.bytes + _signature(object_id)).decode().rstrip("=").lower()


def _signature(object_id: UUID) -> bytes:
    text = f"core.replies|{object_id}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def address_for(object_id: UUID) -> str:
    """Where a reply about an object goes; empty where the city has no inbox."""
    local, _at, domain = settings.INBOX.rpartition("@")
    return f"{local}+{mark_of(object_id)}@{domain}" if local else ""


def subaddress(name: str, object_id: UUID | None = None) -> str:
    """Where a message for one taker of the inbox goes (``core.module.MailIntake``), and about which object."""
    local, _at, domain = settings.INBOX.rpartition("@")
    detail = f"{name}.{mark_of(object_id)}" if object_id else name
    return f"{local}+{detail}@{domain}" if local else ""


def objects_in(text: str) -> Iterator[UUID]:
    """The objects whose marks stand in a text (an address, a Message-ID); forged marks are passed over."""
    for found in _MARK.findall(text):
        data = base64.b32decode(found.upper() + "=" * (-len(found) % 8))
        object_id = UUID(bytes=data[:16])
        if hmac.compare_digest(data[16:], _signature(object_id)):
            yield object_id


def is_ours(message_id: str) -> bool:
    """Whether a Message-ID has the form of those that we give and bears a right mark."""
    return any(True for _object in objects_in(message_id))
