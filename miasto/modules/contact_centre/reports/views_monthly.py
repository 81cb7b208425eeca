"""The monthly reports: the public list, a report as page and PDF, and the staff's page of versions."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import display_names
from miasto.kernel.ui.reports import Asking, ReportForm, Version, asking_page, pdf_answer
from miasto.modules.contact_centre.reports import selectors, services, story, tables
from miasto.modules.contact_centre.reports.asking import months_back, this_month
from miasto.modules.contact_centre.reports.models import MonthlyReport
from miasto.modules.contact_centre.reports.months import month_name

STAFF_MONTHS = 36
State = MonthlyReport.State
ASKING = Asking(
    title=gettext_lazy("Raporty miesięczne"),
    about=gettext_lazy(
        "Raport powstaje sam pierwszego dnia miesiąca. Wydanego nie zmieniamy: "
        "poprawka jest nową wersją z wyjaśnieniem dla wszystkich."
    ),
    summary=gettext_lazy("Wydaj raport lub poprawioną wersję"),
    button=gettext_lazy("Policz i wydaj"),
    none_yet=gettext_lazy("Pierwszy powstanie na początku przyszłego miesiąca."),
)


def _month(year: int, month: int) -> date:
    if not (1 <= month <= 12 and 2000 <= year <= 2200):
        raise Http404
    return date(year, month, 1)


def _wanted(request: HttpRequest, month: date) -> tuple[MonthlyReport, list[MonthlyReport]]:
    """The version that the address asks for (``wersja``), else the newest, with all versions."""
    versions = selectors.published(month)
    asked = request.GET.get("wersja", "")
    found = next((one for one in versions if not asked or str(one.version) == asked), None)
    if found is None:
        raise Http404
    return found, versions


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The published reports, newest first; 1 query."""
    rows = [(report, month_name(report.month)) for report in selectors.newest()]
    return render(request, "contact_centre/reports/list.html", {"rows": rows})


@require_safe
def report(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """One month's frozen figures."""
    found, versions = _wanted(request, _month(year, month))
    figures = found.figures
    context = {
        "report": found,
        "month": month_name(found.month),
        "versions": versions,
        "newest": versions[0],
        "figures": figures,
        "total": figures["total"],
        "sentences": story.sentences(found.month, figures),
        "flow": story.flow(figures),
        "definitions": tables.DEFINITIONS,
        "ready": found.state == MonthlyReport.State.READY,
    }
    return render(request, "contact_centre/reports/report.html", context)


@require_safe
def pdf(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """The report as PDF; while it is being drawn, a page that says so (503, come back in a minute)."""
    found, _versions = _wanted(request, _month(year, month))
    return pdf_answer(
        request,
        selectors.pdf_of(found),
        file_name=f"raport-{found.month:%Y-%m}.pdf",
        name=_("Raport za %(month)s") % {"month": month_name(found.month)},
        page=reverse("contact_centre_reports:report", args=[f"{found.month:%Y}", f"{found.month:%m}"]),
    )


@panel(services.ISSUE)
def staff(request: HttpRequest) -> HttpResponse:
    """All versions with what is being made of each; asking for a new one."""
    months = [months_back(this_month(), back) for back in range(1, STAFF_MONTHS + 1)]
    periods = [(f"{month:%Y-%m-%d}", month_name(month)) for month in months]
    form = ReportForm(request.POST if request.method == "POST" else None, periods=periods)
    if request.method == "POST" and form.is_valid():
        month = date.fromisoformat(form.cleaned_data["period"])
        try:
            services.ask(month=month, note=form.cleaned_data["note"], by=request.viewer)
        except services.Refused as refused:
            form.add_error("note" if refused.code == "note" else "period", refused.message)
        else:
            messages.success(request, _("Raport powstaje. Ta strona pokazuje postęp."))
            return redirect("contact_centre_reports_panel:reports")
    rows = list(selectors.of_staff()[: STAFF_MONTHS * 2])
    names = display_names(one.asked_by_id for one in rows)
    versions = [_version(one, names.get(one.asked_by_id, "")) for one in rows]
    return asking_page(request, form, ASKING, versions, going=any(one.state != State.READY for one in rows))


def _version(report: MonthlyReport, who: str) -> Version:
    page = reverse("contact_centre_reports:report", args=[f"{report.month:%Y}", f"{report.month:%m}"])
    progress, colour = {
        State.READY: (_("gotowy"), "green"),
        State.DRAWING: (_("opublikowany, PDF powstaje (2 z 3)"), "yellow"),
        State.WAITING: (_("czeka na policzenie (1 z 3)"), "blue"),
    }[State(report.state)]
    return Version(
        name=month_name(report.month),
        number=report.version,
        url=f"{page}?wersja={report.version}" if report.counted_at else "",
        progress=progress,
        colour=colour,
        who=who or _("kalendarz"),
        at=report.asked_at,
        note=report.note,
    )
