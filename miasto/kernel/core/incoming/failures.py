"""Delivery reports (RFC 3464) about messages of ours: each marks its message, whoever got the report."""

from __future__ import annotations

from miasto.kernel.core import mail
from miasto.kernel.core.incoming import automatic
from miasto.kernel.core.incoming.parsing import Parsed
from miasto.kernel.core.models import OutgoingMail


def note(message: Parsed) -> list[tuple[OutgoingMail, str]]:
    """Mark the messages that did not arrive for good; returns each with its status code (RFC 3463).

    A report can be forged, so one about a message that is not ours marks nothing.
    """
    found = []
    for failure in automatic.failures(message):
        if failure.final and failure.message_id:
            sent = mail.note_failure(failure.message_id, failure.status or "undeliverable")
            if sent is not None:
                found.append((sent, failure.status))
    return found
