"""Jobs of participation."""

from uuid import UUID

from miasto.kernel.core.jobs import job
from miasto.kernel.participation import reporting


@job(name="participation.draw_report")
def draw_report(*, process_id: str) -> None:
    """Write the files of one closed process's report."""
    reporting.draw(UUID(process_id))
