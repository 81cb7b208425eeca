"""``/panel/czujniki/nietypowe/``: unusual hours, what they were, and the plot of a sensor beside its reference."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core import clock
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.alerts.describing import valued
from miasto.kernel.observations.analysis import deciding, watching
from miasto.kernel.observations.analysis.models import Anomaly
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.store.reading import hours
from miasto.kernel.ui.time_charts import Line, TimeChart

PER_PAGE = 50
COMPARED = timedelta(days=28)
COLOURS = {"found": "yellow", "event": "blue", "fault": "red", "usual": "grey"}


@require_safe
@panel(MANAGE)
def anomalies(request: HttpRequest) -> HttpResponse:
    """The unusual hours of the viewer's sensors, those to be looked at first by default."""
    asked = request.GET.get("stan", Anomaly.State.FOUND)
    state = asked if asked in Anomaly.State.values else ""
    found = deciding.anomalies_for(request.viewer)
    page = Paginator(found.filter(state=state) if state else found, PER_PAGE).get_page(request.GET.get("page"))
    counts = deciding.counts(request.viewer)
    context = {
        "page": page,
        "rows": [row(one) for one in page],
        "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in Anomaly.State.choices],
        "total": sum(counts.values()),
    }
    return render(request, "observations/analysis/anomalies.html", context)


def row(one: Anomaly) -> dict[str, Any]:
    """An unusual stretch as a table shows it."""
    unit = one.datastream.unit_symbol
    return {
        "anomaly": one,
        "colour": COLOURS[one.state],
        "value": valued(one.value, unit),
        "usual": valued(one.usual, unit) if one.usual is not None else "",
        "answers": [(value, label) for value, label in Anomaly.State.choices if value not in (one.state, Anomaly.State.FOUND)],
    }


@require_POST
@panel(MANAGE)
def judge(request: HttpRequest, number: int) -> HttpResponse:
    """Say what it was, and go back to the list or the sensor."""
    try:
        deciding.judge(anomaly=number, state=request.POST.get("stan", ""), by=request.viewer)
        messages.success(request, _("Zapisaliśmy, co to było."))
    except Anomaly.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    back = request.POST.get("powrot", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "observations_sensors:anomalies")


@require_POST
@panel(MANAGE)
def shape(request: HttpRequest, series: int) -> HttpResponse:
    """Begin or end to compare a stream's days with its former ones."""
    stream = get_object_or_404(watching.kept_by(request.viewer).select_related("thing"), pk=series)
    deciding.watch_shape(stream=stream, on="on" in request.POST, by=request.viewer)
    messages.success(request, _("Zapisano. Zmiana działa od następnego przeglądu, najpóźniej za godzinę."))
    return redirect("observations_sensors:sensor", series=series)


def beside(stream: Datastream, reference: Datastream) -> TimeChart:
    """Four weeks of a sensor and its reference by hour; one query."""
    now = clock.now()
    points: dict[int, list[tuple[Any, float | None]]] = {stream.pk: [], reference.pk: []}
    for one in hours(points, now - COMPARED, now):
        points[one.series].append((one.start, one.mean))
    lines = [Line(_("ten czujnik"), points[stream.pk]), Line(_("wzorzec"), points[reference.pk])]
    return TimeChart(_("Czujnik i wzorzec godzina po godzinie"), stream.unit_symbol, lines)
