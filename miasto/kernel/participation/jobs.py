"""Jobs of participation."""

from uuid import UUID

from miasto.kernel.core.jobs import job
from miasto.kernel.participation import reporting
from miasto.kernel.participation.tallying.jobs import count_votes
from miasto.kernel.participation.voting.jobs import close_due, close_late

__all__ = ["close_due", "close_late", "count_votes", "draw_report"]


@job(name="participation.draw_report")
def draw_report(*, process_id: str) -> None:
    """Write the files of one closed process's report."""
    reporting.draw(UUID(process_id))
