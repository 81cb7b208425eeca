"""Background jobs of Open311."""

from __future__ import annotations

from miasto.kernel.core.jobs import job


@job(name="contact_centre.open311_fetch_media", queue="outside")
def fetch_media(*, fetch_id: str) -> None:
    """Bring one photo of a report from somebody else's server."""
    from miasto.modules.contact_centre.open311 import media

    media.fetch(fetch_id)
