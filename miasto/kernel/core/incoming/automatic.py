"""Messages that no person wrote to us just now: answering them by machine makes a loop (RFC 3834)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

from miasto.kernel.core import replies
from miasto.kernel.core.incoming.parsing import Parsed

_DAEMONS = ("mailer-daemon", "postmaster", "double-bounce", "noreply-dmarc", "abuse-report")
_PRECEDENCE = ("bulk", "junk", "list", "auto_reply")
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation", "x-mail-autoreply", "x-auto-reply-from")
_LIST_HEADERS = ("list-id", "list-unsubscribe", "list-post", "feedback-id", "x-campaign-id")
_SUBJECTS = re.compile(
    r"^\s*(automatyczna odpowied|odpowied\w+ automatyczna|autoodpowied|autoresponder|auto(matic)?[ -]?reply|"
    r"out of (the )?office|nieobecno\w+ w biurze|poza biurem|\[?auto\]?:)",
    re.IGNORECASE,
)
_BOUNCES = re.compile(
    r"(undeliver|delivery (status|failure|has failed)|returned mail|failure notice|nie\s?dostarcz|zwrot poczty|mail delivery)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Failure:
    """What a delivery report says: who did not get the message, the status code, and the message's Message-ID."""

    recipient: str
    status: str
    message_id: str
    final: bool


def reason(message: Parsed, *, envelope_from: str | None) -> str:
    """Why a message must not be answered by machine: bounce, receipt, auto-reply, list, own; empty for a person's letter.

    ``envelope_from`` is the sender of the envelope, None where it is not known; an empty one is that of reports and receipts.
    """
    kind = str(message.report.get_param("report-type", "")).lower() if message.report is not None else ""
    if kind == "disposition-notification":
        return "receipt"
    sender = message.sender_email.partition("@")[0]
    from_daemon = sender.startswith(_DAEMONS)
    if message.report is not None or (from_daemon and _BOUNCES.search(message.subject)):
        return "bounce"
    if replies.is_ours(message.message_id):
        return "own"
    if message.header("auto-submitted").lower().startswith("auto-"):
        return "auto-reply" if "replied" in message.header("auto-submitted").lower() else "machine"
    if any(message.header(name) for name in _AUTO_HEADERS) or _SUBJECTS.match(message.subject):
        return "auto-reply"
    if message.header("precedence").lower().strip() in _PRECEDENCE or any(message.header(name) for name in _LIST_HEADERS):
        return "list"
    if from_daemon or envelope_from == "" or message.header("return-path").strip() == "<>":
        return "machine"
    return ""


def failures(message: Parsed, raw_text: str = "") -> list[Failure]:
    """The recipients whom a delivery report names (RFC 3464); from a report in plain words what can be found there."""
    original = _original_id(message)
    found = []
    for part in message.report.walk() if message.report is not None else ():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            made = _block(block, original)
            if made is not None:
                found.append(made)
    if found or message.report is not None:
        return found
    status = _STATUS.search(message.text)
    return [Failure("", status.group(1) if status else "", original, final=True)] if original else []


def _block(block: Message, original: str) -> Failure | None:
    recipient = str(block.get("Final-Recipient") or block.get("Original-Recipient") or "")
    if not recipient:
        return None
    address = parseaddr(recipient.rpartition(";")[2].strip())[1].lower()
    status = _STATUS.search(str(block.get("Status", "")))
    action = str(block.get("Action", "failed")).strip().lower()
    return Failure(address[:254], status.group(1) if status else "", original, final=action == "failed")


def _original_id(message: Parsed) -> str:
    """The Message-ID of ours that came back: of the returned message or its headers, else one that the report refers to."""
    texts = [part.as_string() for part in message.report.walk() if _returned(part)] if message.report is not None else []
    for text in [*texts, message.text]:
        found = re.search(r"^message-id:\s*(<[^<>\s]+>)", text, re.IGNORECASE | re.MULTILINE)
        if found:
            return found.group(1)
    return message.references[0] if message.references else ""


def _returned(part: Message) -> bool:
    kinds = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
    return part.get_content_type() in kinds
