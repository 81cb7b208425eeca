"""Each incoming message goes to one taker: by the subaddress that it came to (RFC 5233), else to the one who takes the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from django.conf import settings
from django.core.exceptions import ValidationError

from miasto.kernel.core.city import city
from miasto.kernel.core.incoming import parsing
from miasto.kernel.core.module import MailIntake

LMTP, IMAP = "lmtp", "imap"


class Unwanted(Exception):
    """Nobody takes in what comes to this address."""


def most_bytes() -> int:
    """The largest message that is taken in whole; the profile's limit ``letter_bytes``."""
    return city().limit("letter_bytes", 35_000_000)


def hand_over(raw: bytes, *, source: str, envelope_from: str | None = None, recipients: Sequence[str] = ()) -> str:
    """Give a message to its taker, who commits before answering; returns the taker's word for it (a number).

    ``recipients`` are the envelope's addresses; a mailbox that has none is judged by the headers. Raises ``ValidationError``
    for one larger than ``most_bytes()``, ``Unwanted`` where nobody takes it.
    """
    if len(raw) > most_bytes():
        raise ValidationError("the message is too large", code="too_large")
    taker = _taker([*recipients, *_addressed(raw)])
    return taker.take(raw, source=source, envelope_from=envelope_from, recipients=[one.lower()[:320] for one in recipients])


def _taker(addresses: Iterable[str]) -> MailIntake:
    from miasto.kernel.core.registry import registry

    takers = {one.subaddress: one for one in registry().all(MailIntake)}
    for address in addresses:
        found = takers.get(subaddress_of(address))
        if found is not None and found.subaddress:
            return found
    if "" not in takers:
        raise Unwanted
    return takers[""]


def subaddress_of(address: str) -> str:
    """The name after the plus of an address of the inbox, without what follows its dot; empty where there is none."""
    local, _at, domain = settings.INBOX.lower().rpartition("@")
    found, _at, at_domain = address.strip().lower().rpartition("@")
    base, _plus, detail = found.partition("+")
    return detail.partition(".")[0] if local and (base, at_domain) == (local, domain) else ""


def _addressed(raw: bytes) -> list[str]:
    head: Message = BytesHeaderParser().parsebytes(raw[:100_000])
    values = [parsing.decoded(value) for name in parsing.RECIPIENTS for value in head.get_all(name, [])]
    return [address for _name, address in getaddresses(values)]
