"""Jobs of the archive."""

from miasto.kernel.core.jobs import job, periodic


@periodic(name="observations.archive_hourly", cron="40 * * * *")
def archive_hourly() -> None:
    """Ask for a run; one may wait at a time."""
    archive.defer(once="observations.archive")


@job(name="observations.archive", heavy=True, retry=False)
def archive() -> None:
    """Move, merge, forget: all that is due. A failure stands in the run's row; the next hour tries again."""
    from miasto.kernel.observations.archive import running

    running.run()
