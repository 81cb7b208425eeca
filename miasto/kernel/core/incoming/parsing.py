"""An e-mail (RFC 5322, MIME) taken apart, however broken it is. Nothing here touches the database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from miasto.kernel.core.incoming import html_text

MOST_PARTS = 200
MOST_ATTACHMENTS = 20
SIGNATURE_LOGO_BYTES = 12_000
_FALLBACKS = ("utf-8", "cp1250", "iso-8859-2", "latin-1")
_SIGNATURES = (
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys",
)  # fmt: skip
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_REFERENCE = re.compile(r"<[^<>\s]{3,250}>")
RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_TRACES = ("received", "return-path", "delivered-to", "x-original-to", "dkim-signature", "arc-", "x-", "authentication-results")
_SHOWN = ("From", "To", "Cc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To", "User-Agent", "X-Mailer")


@dataclass(frozen=True)
class Part:
    """A file of a message."""

    name: str
    media_type: str
    data: bytes
    inline: bool


@dataclass
class Parsed:
    """A message taken apart. ``notes`` are keys of what the reader should know ("encrypted", "truncated"...)."""

    message_id: str = ""
    sender_name: str = ""
    sender_email: str = ""
    recipients: list[str] = field(default_factory=list)
    subject: str = ""
    references: list[str] = field(default_factory=list)
    sent_at: datetime | None = None
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    report: Message | None = None

    def header(self, name: str) -> str:
        """A header of the message in any case; empty where it is not there."""
        return self.headers.get(name.lower(), "")

    @property
    def shown_headers(self) -> dict[str, str]:
        """The headers worth showing to a reader."""
        return {name: self.header(name)[:500] for name in _SHOWN if self.header(name)}


def parse(raw: bytes) -> Parsed:
    """Take a message apart. Bytes of any kind give something; absurd nesting raises ``RecursionError``."""
    message = message_from_bytes(raw)
    headers: dict[str, str] = {}
    every: list[str] = []
    for name, value in message.raw_items():
        text = decoded(value)
        headers.setdefault(name.lower(), text)
        if name.lower() in RECIPIENTS:
            every.append(text)
    found = Parsed(headers=headers)
    found.message_id = _message_id(headers.get("message-id", ""))
    found.sender_name, found.sender_email = _sender(headers)
    found.recipients = [address.lower() for _name, address in getaddresses(every) if "@" in address]
    found.subject = " ".join(headers.get("subject", "").split())[:300]
    found.references = _references(headers)
    found.sent_at = _date(headers.get("date", ""))
    _walk(message, found)
    found.text = found.text.strip("\n")
    return found


def identity(raw: bytes) -> tuple[str, str]:
    """(Message-ID, digest of Message-ID and content). Trace headers, which differ between two deliveries, do not count."""
    head, _gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    message = message_from_bytes(head + b"\n\n")
    kept = sorted(
        f"{name.lower()}: {' '.join(str(value).split())}"
        for name, value in message.items()
        if not name.lower().startswith(_TRACES) and name.lower() != "content-length"
    )
    digest = hashlib.sha256("\n".join(kept).encode("utf-8", "surrogateescape") + b"\n\n" + body.rstrip(b"\n")).hexdigest()
    return _message_id(decoded(message.get("Message-ID", ""))), digest


def decoded(value: Any) -> str:
    """A header as text: encoded words (RFC 2047), raw bytes in whatever charset, folded lines joined."""
    text = str(value)
    try:
        pieces = decode_header(text)
    except (ValueError, LookupError, AssertionError):
        pieces = [(text, None)]
    return "".join(_piece(piece, charset) for piece, charset in pieces).replace("\x00", "").replace("\r", "").replace("\n", "")


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        data = piece.encode("utf-8", "surrogateescape")
        return to_text(data, "utf-8") if any(byte > 127 for byte in data) else piece
    return to_text(piece, charset if charset != "unknown-8bit" else None)


def to_text(data: bytes, charset: str | None) -> str:
    """Bytes in the charset that the message claims; where that is wrong or unknown, in one that fits."""
    for name in (charset or "utf-8", *_FALLBACKS):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode("utf-8", "replace")


def _message_id(text: str) -> str:
    found = _REFERENCE.search(text)
    return found.group()[:255] if found else text.strip()[:255]


def _sender(headers: dict[str, str]) -> tuple[str, str]:
    for name in ("from", "sender", "reply-to"):
        for shown, address in getaddresses([headers.get(name, "")]):
            if "@" in address:
                return " ".join(shown.split())[:200], address.strip().lower()[:254]
    return " ".join(headers.get("from", "").split())[:200], ""


def _references(headers: dict[str, str]) -> list[str]:
    found: list[str] = []
    for name in ("in-reply-to", "references"):
        found += [one for one in _REFERENCE.findall(headers.get(name, "")) if one not in found]
    return found[:50]


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _walk(message: Message, found: Parsed) -> None:
    for count, part in enumerate(_leaves(message, found)):
        if count >= MOST_PARTS:
            found.notes.append("truncated")
            return
        _take(part, found)


def _leaves(message: Message, found: Parsed) -> Iterator[Message]:
    """The parts that a reader sees, in order; of alternatives the best one, of a signed message what was signed."""
    kind, parts = message.get_content_type(), message.get_payload()
    if kind == "message/delivery-status" or not isinstance(parts, list) or kind == "message/rfc822":
        yield message
        return
    if kind == "multipart/alternative":
        parts = [_best(parts)] if parts else []
    elif kind == "multipart/signed":
        found.notes.append("signed")
        parts = parts[:1]
    elif kind == "multipart/encrypted":
        found.notes.append("encrypted")
        return
    elif kind == "multipart/report":
        found.report = message
    for part in parts:
        yield from _leaves(part, found)


def _best(parts: list[Message]) -> Message:
    """Plain text where it says anything, else the last alternative, which is the richest (RFC 2046, 5.1.4)."""
    plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
    richer = [part for part in parts if part.get_content_type() != "text/calendar"]
    if plain is not None and len(_words(plain).strip()) > 2:
        nested = next((part for part in richer if part.get_content_maintype() == "multipart"), None)
        return plain if nested is None or not _has_files(nested) else nested
    return richer[-1] if richer else parts[-1]


def _has_files(message: Message) -> bool:
    return any(part.get_filename() and part.get_content_disposition() == "attachment" for part in message.walk())


def _take(part: Message, found: Parsed) -> None:
    kind, disposition = part.get_content_type(), part.get_content_disposition()
    name = decoded(part.get_filename() or "")[:150]
    if kind in _SIGNATURES:
        return
    if kind in _SEALED:
        found.notes.append("encrypted")
        return
    if kind == "message/delivery-status":
        found.report = found.report or part
        return
    if kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
        words = _words(part)
        found.text = f"{found.text}\n{words}" if found.text else words
        return
    _attach(part, found, kind, name, inline=disposition != "attachment" and bool(part.get("Content-ID")))


def _attach(part: Message, found: Parsed, kind: str, name: str, *, inline: bool) -> None:
    if kind == "message/rfc822":
        inner = part.get_payload()
        data = inner[0].as_bytes() if isinstance(inner, list) and inner else b""
        name = name or "wiadomosc.eml"
    else:
        data = part.get_payload(decode=True) or b""
    if inline and part.get_content_maintype() == "image" and len(data) < SIGNATURE_LOGO_BYTES:
        return  # the logo under a signature
    if len(found.parts) >= MOST_ATTACHMENTS:
        if "too_many" not in found.notes:
            found.notes.append("too_many")
        return
    found.parts.append(Part(name, kind[:120], data, inline))


def _words(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    text = to_text(data, part.get_content_charset()).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if part.get_content_type() == "text/html":
        return html_text.text_of(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        return _unflowed(text, delsp=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _unflowed(text: str, *, delsp: bool) -> str:
    """Lines that a mail program broke are joined again (RFC 3676); quotations and the signature's mark stay lines."""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line
        if soft and not line.startswith(">") and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        soft = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if soft and delsp:
            lines[-1] = lines[-1][:-1]
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)
