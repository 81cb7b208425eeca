"""Periodic tidying of files."""

from miasto.kernel.core.jobs import periodic
from miasto.kernel.files import services


@periodic(name="files.discard_unattached", cron="23 * * * *")
def discard_unattached() -> None:
    """Delete uploads that no object took."""
    services.discard_unattached()


@periodic(name="files.discard_orphans", cron="41 * * * *")
def discard_orphans() -> None:
    """Delete bytes that no row speaks of."""
    services.discard_orphans()
