"""The report as a tagged PDF (PDF/UA-1) in the platform's own fonts. WeasyPrint is imported here, only by the job."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation

from miasto.kernel.core.city import city
from miasto.kernel.ui.charts import pairs_layout
from miasto.modules.contact_centre.reports import story, tables
from miasto.modules.contact_centre.reports.models import MonthlyReport
from miasto.modules.contact_centre.reports.months import month_name

LATIN = "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2212"
LATIN_EXT = "U+0100-02BA, U+1E00-1E9F"
FONTS = (
    ("Miasto Text", "source-sans-3-latin-wght-normal.woff2", LATIN),
    ("Miasto Text", "source-sans-3-latin-ext-wght-normal.woff2", LATIN_EXT),
    ("Miasto Display", "bricolage-grotesque-latin-wght-normal.woff2", LATIN),
    ("Miasto Display", "bricolage-grotesque-latin-ext-wght-normal.woff2", LATIN_EXT),
)
LANGUAGE = "pl"


def page(report: MonthlyReport) -> str:
    """The document from which the PDF is drawn."""
    figures = report.figures
    with translation.override(LANGUAGE):
        return render_to_string(
            "contact_centre/reports/pdf.html",
            {
                "report": report,
                "month": month_name(report.month),
                "city": city(),
                "sentences": story.sentences(report.month, figures),
                "figures": figures,
                "total": figures["total"],
                "chart": pairs_layout(story.flow(figures)),
                "definitions": tables.DEFINITIONS,
                "fonts": [(family, _font(file), letters) for family, file, letters in FONTS if _font(file)],
                "colour": city().colours.get("brand", "#333333"),
            },
        )


def _font(file: str) -> str:
    found = finders.find(f"fonts/{file}")
    return Path(str(found)).resolve().as_uri() if found else ""


def pdf(report: MonthlyReport) -> bytes:
    """The PDF of a counted report; some two seconds."""
    from weasyprint import HTML

    return HTML(string=page(report)).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
