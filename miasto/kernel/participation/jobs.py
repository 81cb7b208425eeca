"""Jobs of participation."""

from uuid import UUID

from miasto.kernel.core.jobs import job, periodic
from miasto.kernel.participation import confirming, reporting
from miasto.kernel.participation.tallying.jobs import count_votes
from miasto.kernel.participation.voting.jobs import close_due, close_late

__all__ = ["close_due", "close_late", "count_votes", "draw_report", "forget_unconfirmed"]


@job(name="participation.draw_report")
def draw_report(*, process_id: str, anew: bool = False) -> None:
    """Write the files of one closed process's report."""
    reporting.draw(UUID(process_id), anew=anew)


@periodic(name="participation.forget_unconfirmed", cron="17 3 * * *")
def forget_unconfirmed() -> int:
    """Delete addresses at remarks that nobody confirmed in time."""
    return confirming.forget_unconfirmed()
