"""The figures of the made-up year, its monthly reports, and the ladder as it stands now."""

from __future__ import annotations

from datetime import timedelta

from miasto.kernel.cases.services import count_all, escalate_due
from miasto.kernel.core import clock
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.reports import jobs
from miasto.modules.contact_centre.reports.asking import months_back, this_month
from miasto.modules.contact_centre.reports.models import MonthlyReport
from miasto.modules.contact_centre.reports.services import collect

MONTHS = 12
# drawing takes seconds of a processor; whoever has just started the demo city needs them for the pages
APART = timedelta(minutes=2)


def report_year() -> None:
    """Count everything and freeze a report for each of the last months; their PDFs are drawn by the worker."""
    count_all(KEY)
    made = []
    for back in range(MONTHS, 0, -1):
        month = months_back(this_month(), back)
        issued = clock.start_of(months_back(month, -1)) + timedelta(hours=4, minutes=20)
        made.append(
            MonthlyReport(
                month=month,
                version=1,
                state=MonthlyReport.State.DRAWING,
                figures=collect(month),
                asked_at=issued,
                counted_at=issued,
            )
        )
    MonthlyReport.objects.bulk_create(made)
    for number, report in enumerate(reversed(made), 1):
        drawn_at = clock.now() + number * APART
        jobs.due.defer(at=drawn_at, report_id=str(report.pk))
    escalate_due()
