"""Reading the monthly reports: what is published, and what staff sees of those that are being made."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from miasto.modules.contact_centre.reports.models import MonthlyReport, ReportPdf


def published(month: date) -> list[MonthlyReport]:
    """The versions of a month's report that have figures, newest first; 1 query."""
    counted = MonthlyReport.objects.filter(month=month, counted_at__isnull=False)
    return list(counted.order_by("-version"))


def newest() -> list[MonthlyReport]:
    """The newest published version of each month, newest month first, without its figures; 1 query."""
    found = MonthlyReport.objects.filter(counted_at__isnull=False).defer("figures")
    return list(found.order_by("-month", "-version").distinct("month"))


def of_staff() -> QuerySet[MonthlyReport]:
    """All versions, newest first, without their figures."""
    return MonthlyReport.objects.defer("figures").order_by("-month", "-version")


def pdf_of(report: MonthlyReport) -> bytes | None:
    """The drawn report; None while it is being drawn."""
    data = ReportPdf.objects.filter(report=report).values_list("data", flat=True).first()
    return bytes(data) if data is not None else None
