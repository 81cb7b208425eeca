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


@periodic(name="files.look", cron="* * * * *")
def look() -> int:
    """Look for faces and plates in photos that came since the last time; returns in how many.

    Each photo is a transaction of its own, so a killed worker loses at most one, and the next minute goes on. A file that
    belongs to nothing yet waits: most drafts are given up or changed.
    """
    return services.look_at_new(most=60)
