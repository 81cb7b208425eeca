"""Jobs of surveys."""

from miasto.kernel.core.jobs import periodic


@periodic(name="idea.close_surveys", cron="7 0,1,2 * * *")
def close_surveys() -> None:
    """Close the surveys whose last day is over, so that who answered is erased without anybody's hand."""
    from miasto.modules.idea.surveys.services import close_overdue

    close_overdue()
