"""Background jobs of Open311."""

from __future__ import annotations

from miasto.kernel.core.jobs import job, periodic


@job(name="contact_centre.open311_fetch_media", queue="outside")
def fetch_media(*, fetch_id: str) -> None:
    """Bring one photo of a report from somebody else's server."""
    from miasto.modules.contact_centre.open311 import media

    media.fetch(fetch_id)


@job(name="contact_centre.open311_send", queue="outside")
def send_forwarded(*, forwarding_id: str) -> None:
    """Send one forwarded case to the body that answers for it."""
    from miasto.modules.contact_centre.open311 import forwarding

    forwarding.send(forwarding_id)


@job(name="contact_centre.open311_poll", queue="outside", retry=False)
def poll_forwarded(*, forwarding_id: str) -> None:
    """Ask what became of one forwarded case; the next round asks again."""
    from miasto.modules.contact_centre.open311 import forwarding

    forwarding.poll(forwarding_id)


@periodic(name="contact_centre.open311_poll_all", cron="*/15 * * * *")
def poll_all() -> None:
    """Ask about every forwarded case that waits for an answer."""
    from miasto.modules.contact_centre.open311 import forwarding

    for pk in forwarding.open_ones():
        poll_forwarded.defer(forwarding_id=str(pk), once=f"open311-poll-{pk}")
