"""The report for everybody as page, PDF and JSON, and the staff's pages where it is asked for, told and published."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import display_names
from miasto.kernel.ui.reports import Asking, ReportForm, Version, asking_page, pdf_answer
from miasto.modules.environment.reports import services
from miasto.modules.environment.reports.counting import CHAPTERS, FOREWORD
from miasto.modules.environment.reports.models import EnvironmentReport
from miasto.modules.environment.reports.periods import Span, offered, span

State = EnvironmentReport.State
ASKING = Asking(
    title=gettext_lazy("Raporty o środowisku"),
    about=gettext_lazy(
        "Program liczy, Ty dopisujesz słowa i publikujesz. Opublikowanego raportu nie zmieniamy: "
        "poprawka jest nową wersją z wyjaśnieniem dla wszystkich."
    ),
    summary=gettext_lazy("Policz raport albo poprawioną wersję"),
    button=gettext_lazy("Policz"),
    none_yet=gettext_lazy("Szkic zeszłego miesiąca powstanie sam drugiego dnia nowego miesiąca."),
)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The newest published version of each period; one query."""
    held = EnvironmentReport.objects.filter(state=State.PUBLISHED).defer("chapters", "words")
    found = held.order_by("-period", "-version").distinct("period")
    rows = [(one, wanted.name) for one in found if (wanted := span(one.period))]
    return render(request, "environment/reports/list.html", {"section": "report", "rows": rows})


def _wanted(request: HttpRequest, period: str) -> tuple[EnvironmentReport, Span, list[int]]:
    """The published version that the address asks for (``wersja``), else the newest, with the numbers of all."""
    wanted = span(period)
    held = EnvironmentReport.objects.filter(period=period, state=State.PUBLISHED).order_by("-version")
    asked = request.GET.get("wersja", "")
    found = (held.filter(version=int(asked)) if asked.isdecimal() and len(asked) < 5 else held).first()
    if wanted is None or found is None:
        raise Http404
    return found, wanted, list(held.values_list("version", flat=True))


@require_safe
def show(request: HttpRequest, period: str) -> HttpResponse:
    """One period's frozen numbers with their sources."""
    found, wanted, versions = _wanted(request, period)
    context = {
        "section": "report",
        "report": found,
        "name": wanted.name,
        "chapters": services.drawn(services.told(found)),
        "versions": versions,
        **services.summary(found),
    }
    return render(request, "environment/reports/report.html", context)


@require_safe
def as_json(request: HttpRequest, period: str) -> JsonResponse:
    """The numbers of the report."""
    found, wanted, _versions = _wanted(request, period)
    days = {"from": wanted.first.isoformat(), "to": wanted.last.isoformat()}
    short = services.summary(found)
    told = {"foreword": short["foreword"], "summary": [lead for _key, _title, lead in short["summary"] if lead]}
    return JsonResponse({"period": period, **days, "version": found.version, **told, "chapters": services.told(found)})


@require_safe
def pdf(request: HttpRequest, period: str) -> HttpResponse:
    """The report as PDF; while it is being drawn, a page that says so (503, come back in a minute)."""
    found, wanted, _versions = _wanted(request, period)
    drawn = getattr(found, "pdf", None)
    return pdf_answer(
        request,
        bytes(drawn.data) if drawn is not None else None,
        file_name=f"srodowisko-{period}.pdf",
        name=_("Stan środowiska: %(name)s") % {"name": wanted.name},
        page=reverse("environment_report:show", args=[period]),
    )


@panel(services.PERMISSION)
def staff(request: HttpRequest) -> HttpResponse:
    """All versions with how far each is; asking for a new one."""
    form = ReportForm(request.POST or None, periods=[(one.key, one.name) for one in offered()])
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(**form.cleaned_data, by=request.viewer)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Raport powstaje. Ta strona pokazuje postęp."))
            return redirect("environment_panel:reports")
    held = list(EnvironmentReport.objects.defer("chapters", "words").order_by("-asked_at")[:40])
    names = display_names(one.asked_by_id for one in held if one.asked_by_id)
    versions = [_version(one, names.get(one.asked_by_id, "")) for one in held]
    return asking_page(request, form, ASKING, versions, going=any(one.state in services.GOING for one in held))


def _version(report: EnvironmentReport, who: str) -> Version:
    wanted = span(report.period)
    counted = _("liczymy: %(done)d z %(all)d rozdziałów") % {"done": report.done, "all": len(CHAPTERS)}
    progress, colour = {
        State.PUBLISHED: (_("opublikowany"), "green"),
        State.DRAFT: (_("czeka na opublikowanie"), "yellow"),
        State.FAILED: (_("przerwał błąd"), "red"),
    }.get(State(report.state), (counted, "blue"))
    return Version(
        name=wanted.name if wanted else report.period,
        number=report.version,
        url=reverse("environment_panel:report", args=[report.pk]),
        progress=progress,
        colour=colour,
        who=who or _("kalendarz"),
        at=report.asked_at,
        note=report.note,
    )


@panel(services.PERMISSION)
def edit(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The draft as it will be read, a field of words at each chapter, and the button that publishes it."""
    report = get_object_or_404(EnvironmentReport, pk=report_id)
    if request.method == "POST":
        words = {key: request.POST.get(f"slowa_{key}", "") for key in (FOREWORD, *(key for key, _count in CHAPTERS))}
        try:
            if "again" in request.POST:
                services.again(report_id=report.pk, by=request.viewer)
                return redirect("environment_panel:reports")
            services.write(report_id=report.pk, words=words, by=request.viewer)
            if "publish" in request.POST:
                services.publish(report_id=report.pk, by=request.viewer)
                messages.success(request, _("Raport jest opublikowany."))
                return redirect("environment_report:show", report.period)
            messages.success(request, _("Zapisaliśmy Twoje słowa."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("environment_panel:report", report.pk)
    wanted = span(report.period)
    chapters = [{**one, "text": report.words.get(one["key"], "")} for one in services.drawn(services.told(report))]
    context = {
        "report": report,
        "name": wanted.name if wanted else report.period,
        "chapters": chapters,
        "most": services.WORDS_MOST,
        "foreword_text": report.words.get(FOREWORD, ""),
        **services.summary(report),
    }
    return render(request, "environment/reports/edit.html", context)
