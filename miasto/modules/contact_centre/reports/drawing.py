"""The report as a tagged PDF (PDF/UA-1) in the platform's own fonts."""

from __future__ import annotations

from django.utils import translation

from miasto.kernel.ui import printing
from miasto.kernel.ui.charts import pairs_layout
from miasto.modules.contact_centre.reports import story, tables
from miasto.modules.contact_centre.reports.models import MonthlyReport
from miasto.modules.contact_centre.reports.months import month_name


def page(report: MonthlyReport) -> str:
    """The document from which the PDF is drawn."""
    figures = report.figures
    with translation.override(printing.LANGUAGE):
        context = {
            "report": report,
            "month": month_name(report.month),
            "sentences": story.sentences(report.month, figures),
            "figures": figures,
            "total": figures["total"],
            "chart": pairs_layout(story.flow(figures)),
            "definitions": tables.DEFINITIONS,
        }
        return printing.page("contact_centre/reports/pdf.html", context)


def pdf(report: MonthlyReport) -> bytes:
    """The PDF of a counted report; some two seconds."""
    return printing.tagged(page(report))
