"""Jobs of the monthly report."""

from uuid import UUID

from miasto.kernel.core.jobs import job, periodic
from miasto.modules.contact_centre.reports import services


@periodic(name="contact_centre.monthly_report", cron="20 3 * * *")
def last_month() -> None:
    """On the first day of a month (or as soon after it as the platform runs) the report of the month before is made."""
    services.ask_last_month()


@job(name="contact_centre.make_report", heavy=True)
def make(*, report_id: str) -> None:
    """Count and draw one report."""
    services.make(UUID(report_id))


@job(name="contact_centre.report_due")
def due(*, report_id: str) -> None:
    """Ask for the drawing of a report when its time has come."""
    make.defer(report_id=report_id, once=f"contact_centre.report:{report_id}")
