"""What the newsletter does when a message of an issue did not arrive."""

from __future__ import annotations

from miasto.kernel.core.mail import MailFailed
from miasto.modules.idea.newsletter import subscribing


def message_failed(event: MailFailed) -> None:
    """The object of an issue's message is its row; other messages are passed over."""
    if event.about_id is not None:
        subscribing.note_failure(event.about_id)
