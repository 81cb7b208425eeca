"""Background jobs of conversations."""

from __future__ import annotations

from miasto.kernel.core.jobs import job


@job(name="contact_centre.send_message", queue="outside")
def send_message(*, message_id: str) -> None:
    """Send one queued message."""
    from miasto.modules.contact_centre.messages import sending

    sending.send(message_id)


@job(name="contact_centre.bring_picture", queue="outside")
def bring_picture(*, picture_id: str) -> None:
    """Bring one picture of a message."""
    from miasto.modules.contact_centre.messages import sending

    sending.bring_picture(picture_id)


@job(name="contact_centre.learn_name", queue="outside")
def learn_name(*, conversation_id: str) -> None:
    """Ask the source who writes."""
    from miasto.modules.contact_centre.messages import sending

    sending.learn_name(conversation_id)
