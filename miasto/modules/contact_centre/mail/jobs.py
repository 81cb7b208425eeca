"""Background jobs of letters."""

from __future__ import annotations

from uuid import UUID

from miasto.kernel.core.jobs import job


@job(name="contact_centre.read_letter", queue="mail")
def read_letter(*, letter_id: str) -> None:
    """Read one letter that was taken in."""
    from miasto.modules.contact_centre.mail import reading

    reading.read(UUID(letter_id))
