"""``/panel/czujniki/``: which sensors need a visit, one sensor with its calibration, the archive's work."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core.numbers import trimmed
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.alerts.describing import valued
from miasto.kernel.observations.analysis import calibration, deciding, views_anomalies, watching
from miasto.kernel.observations.analysis.models import SensorHealth, ShapeWatch
from miasto.kernel.observations.analysis.nature import NatureForm, state_nature
from miasto.kernel.observations.archive import jobs as archiving
from miasto.kernel.observations.archive import running
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.store import staging
from miasto.kernel.observations.store.reading import latest
from miasto.kernel.ui.templatetags.ui import ago

PER_PAGE = 50
NEIGHBOURS = 30
COLOURS = {
    "silent": "red", "stuck": "red", "refused": "orange", "drifting": "orange", "gaps": "yellow", "well": "green",
    "new": "grey",
}  # fmt: skip


@require_safe
@panel(MANAGE)
def sensors(request: HttpRequest) -> HttpResponse:
    """The viewer's sensors, the worst first, and the archive's last run."""
    state = request.GET.get("stan", "")
    state = state if state in SensorHealth.State.values else ""
    page = Paginator(watching.judged(request.viewer, state), PER_PAGE).get_page(request.GET.get("page"))
    counts = watching.counts(request.viewer)
    context = {
        "page": page,
        "rows": [_row(one) for one in page],
        "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in SensorHealth.State.choices if counts.get(value)],
        "total": sum(counts.values()),
        "run": ArchiveRun.objects.order_by("-id").first(),
        "archived": ArchiveFile.objects.filter(replaced_at=None).aggregate(
            days=Count("day", distinct=True), rows=Sum("rows"), bytes=Sum("bytes")
        ),
        "whole_city": request.viewer.units_with(MANAGE) is None,
        "backlog": staging.backlog(),
    }
    return render(request, "observations/analysis/sensors.html", context)


def _row(stream: Datastream) -> dict[str, Any]:
    return {"stream": stream, "health": stream.health, "colour": COLOURS[stream.health.state], "why": _why(stream)}


def _why(stream: Datastream) -> str:
    """The reason in plain words."""
    health, state = stream.health, SensorHealth.State
    if health.state == state.STUCK:
        text = ngettext(
            "Od %(count)s godziny podaje tę samą wartość.", "Od %(count)s godzin podaje tę samą wartość.", health.stuck_hours
        )
        return text % {"count": health.stuck_hours}
    if health.state == state.REFUSED:
        return _("%(share)s%% odczytów z dwóch dni jest w kwarantannie.") % {"share": round(100 * health.refused)}
    if health.state == state.DRIFTING and health.drift is not None:
        more = health.drift > 0
        return _("Pokazuje coraz więcej niż wzorzec obok.") if more else _("Pokazuje coraz mniej niż wzorzec obok.")
    if health.state == state.GAPS and health.came is not None:
        return _("Z dwóch dni przyszło %(share)s%% odczytów.") % {"share": round(100 * health.came)}
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def sensor(request: HttpRequest, series: int) -> HttpResponse:
    """One stream: its figures, the calibration in use, a new one tried against a reference and put to use."""
    stream = get_object_or_404(watching.kept_by(request.viewer).select_related("thing", "observed_property"), pk=series)
    if request.method == "POST":
        return _calibrate(request, stream)
    reference = _reference(request, stream, request.GET.get("wzorzec", ""))
    context = {
        "stream": stream,
        "health": SensorHealth.objects.filter(datastream=stream).first(),
        "versions": list(stream.calibrations.select_related("reference__thing").order_by("-version")[:10]),
        "neighbours": list(_neighbours(request, stream)[:NEIGHBOURS]),
        "reference": reference,
        "fit": calibration.proposed(stream, reference) if reference else None,
        "beside": views_anomalies.beside(stream, reference) if reference else None,
        "rows": [views_anomalies.row(one) for one in deciding.anomalies_for(request.viewer).filter(datastream=stream)[:20]],
        "shape_watched": ShapeWatch.objects.filter(datastream=stream).exists(),
    }
    if context["health"]:
        stream.health = context["health"]
        context |= _row(stream)
    context["facts"] = _facts(stream, context["health"])
    return render(request, "observations/analysis/sensor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def nature(request: HttpRequest, series: int) -> HttpResponse:
    """What the keeper states of one sensor: how it measures and which readings cannot be."""
    stream = get_object_or_404(watching.kept_by(request.viewer).select_related("thing"), pk=series)
    form = NatureForm(request.POST or None, stream=stream)
    if request.method == "POST" and form.is_valid():
        state_nature(stream=stream, by=request.viewer, **form.values())
        messages.success(request, _("Zapisano. Następne odczyty sprawdzimy według tych ustaleń."))
        return redirect("observations_sensors:sensor", series=stream.pk)
    context = {"form": form, "stream": stream}
    return render(request, "observations/analysis/nature.html", context, status=422 if form.errors else 200)


def _facts(stream: Datastream, health: SensorHealth | None) -> list[tuple[str, str]]:
    newest = latest([stream.pk]).get(stream.pk)
    value = f"{valued(newest.value, stream.unit_symbol)}, " if newest else ""
    rows = [(_("Ostatni odczyt"), format_html("{}{}", value, ago(stream.last_at)))]
    if health and health.came is not None:
        rows.append((_("Przyszło odczytów w dwa dni"), f"{round(100 * health.came)}%"))
    if health:
        rows.append((_("W kwarantannie"), f"{round(100 * health.refused)}%"))
    return [*rows, *_nature(stream)]


def _nature(stream: Datastream) -> list[tuple[str, str]]:
    """What the sensor states of itself: the time one reading is about, its smallest step, its range; the point it stands at."""
    symbol, rows = stream.unit_symbol, []
    if stream.period:
        minutes = stream.period.total_seconds() / 60
        rows.append((_("Jeden odczyt dotyczy"), _("%(n)s min") % {"n": stepped(round(minutes, 2), "")}))
    if stream.resolution is not None:
        rows.append((_("Najmniejszy krok czujnika"), stepped(stream.resolution, symbol)))
    if stream.least is not None and stream.most is not None:
        limits = {"least": valued(stream.least, ""), "most": valued(stream.most, symbol)}
        rows.append((_("Zakres czujnika"), _("od %(least)s do %(most)s") % limits))
    if address := stream.thing.get_absolute_url():
        place = format_html('<a class="govuk-link" href="{}">{}</a>', address, stream.thing.name)
        rows.append((_("Punkt pomiarowy"), place))
    return rows


def stepped(value: float, symbol: str) -> str:
    """A resolution with all of its digits."""
    return f"{trimmed(value, 10)}\u00a0{symbol}".strip()


def _neighbours(request: HttpRequest, stream: Datastream) -> Any:
    """Better streams of the same property and unit that may serve as a reference."""
    same = {"observed_property": stream.observed_property_id, "unit_symbol": stream.unit_symbol}
    found = Datastream.objects.visible_to(request.viewer).filter(**same).exclude(grade="indicative").exclude(pk=stream.pk)
    return found.select_related("thing").order_by("thing__name", "id")


def _reference(request: HttpRequest, stream: Datastream, named: str) -> Datastream | None:
    return _neighbours(request, stream).filter(pk=int(named)).first() if named.isdecimal() and len(named) < 10 else None


def _calibrate(request: HttpRequest, stream: Datastream) -> HttpResponse:
    try:
        if "end" in request.POST:
            calibration.end_calibration(stream=stream, by=request.viewer)
            messages.success(request, _("Od teraz zapisujemy odczyty bez poprawki."))
        else:
            reference = _reference(request, stream, request.POST.get("wzorzec", ""))
            if reference is None:
                raise ValidationError(_("Wybierz wzorzec z listy."))
            calibration.calibrate(stream=stream, reference=reference, by=request.viewer)
            messages.success(request, _("Od teraz odczyty tej serii są poprawiane. Wartości surowe można z nich odtworzyć."))
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect("observations_sensors:sensor", series=stream.pk)


@require_POST
@panel(MANAGE)
def archive(request: HttpRequest) -> HttpResponse:
    """Begin a run of the archive or stop the one at work; for those who manage the whole city's measurements."""
    if request.viewer.units_with(MANAGE) is not None:
        raise PermissionDenied
    if "stop" in request.POST:
        running.ask_to_stop()
        messages.success(request, _("Archiwum zatrzyma się przy najbliższym kroku. Nic nie zginie: reszta poczeka."))
    else:
        archiving.archive.defer(once="observations.archive")
        messages.success(request, _("Archiwum zacznie pracę, gdy tylko będzie wolne miejsce w kolejce."))
    return redirect("observations_sensors:list")
