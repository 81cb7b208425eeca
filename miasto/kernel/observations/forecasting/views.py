"""``/prognozy/``: how good the forecasts are, for everybody; ``/panel/czujniki/prognozy/``: the job's work, for keepers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.forecasting import jobs, running, skill
from miasto.kernel.observations.forecasting.models import ForecastRun
from miasto.kernel.observations.things import declared_property
from miasto.kernel.ui.time_charts import Line, TimeChart

RULES = {
    "still": gettext_lazy("tak jak w ostatniej godzinie"),
    "day": gettext_lazy("tak jak wczoraj o tej porze"),
    "week": gettext_lazy("tak jak tydzień temu o tej porze"),
    "usual": gettext_lazy("średnia z tej pory z czterech tygodni"),
    "level": gettext_lazy("mediana z czterech tygodni"),
    "rate": gettext_lazy("dalej w tempie ostatnich trzech godzin"),
}
RUNS = 20
DEAD = timedelta(minutes=15)


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """The errors of one property's forecasts by part of the horizon and by day, against the best plain rules."""
    known = skill.codes(request.viewer)
    code = request.GET.get("co", "") if request.GET.get("co") in known else next(iter(known), "")
    found = skill.skill(code, request.viewer) if code else None
    context: dict[str, Any] = {"code": code, "codes": [(one, _name(one)) for one in known], "found": found}
    if found:
        declared = declared_property(code)
        context |= {
            "name": declared.name,
            "unit": declared.symbol,
            "rows": [_row(one, declared.decimals) for one in found.parts],
            "shares": _shares(found),
            "covered": round(100 * found.covered) if found.covered is not None else None,
            "rules": [(RULES.get(name, name), count) for name, count in found.rules],
            "chart": _chart(code, request),
        }
    return render(request, "observations/forecasting/quality.html", context)


def _name(code: str) -> str:
    try:
        return str(declared_property(code).name)
    except KeyError:
        return code


def _row(one: skill.Part, decimals: int) -> dict[str, Any]:
    return {
        "part": one,
        "model": written(one.model, max(decimals, 1)),
        "baseline": written(one.baseline, max(decimals, 1)),
        "better": one.gain > 0,
        "gain": abs(one.gain),
    }


def _shares(found: skill.Skill) -> list[str]:
    """How many series are foretold by what, in words."""
    rows = (
        (found.by_model, ngettext("w %(n)d serii pokazujemy prognozę", "w %(n)d seriach pokazujemy prognozę", found.by_model)),
        (
            found.by_rule,
            ngettext(
                "w %(n)d serii najlepsza była prosta reguła i tylko ją rysujemy",
                "w %(n)d seriach najlepsza była prosta reguła i tylko ją rysujemy",
                found.by_rule,
            ),
        ),
        (
            found.nothing,
            ngettext(
                "w %(n)d serii niczego nie da się przewidzieć, więc nic nie pokazujemy",
                "w %(n)d seriach niczego nie da się przewidzieć, więc nic nie pokazujemy",
                found.nothing,
            ),
        ),
    )
    return [words % {"n": count} for count, words in rows if count]


def _chart(code: str, request: HttpRequest) -> TimeChart | None:
    rows = skill.history(code, request.viewer)
    declared = declared_property(code)
    if len(rows) < 2:
        return None
    lines = [
        Line(_("model"), [(day, model) for day, model, _baseline, _series in rows]),
        Line(_("najlepsza prosta reguła"), [(day, baseline) for day, _model, baseline, _series in rows]),
    ]
    return TimeChart(_("Średni błąd dzień po dniu"), declared.symbol, lines, decimals=max(declared.decimals, 1))


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def runs(request: HttpRequest) -> HttpResponse:
    """The last runs of the job, how they ended and why; those who manage the whole city begin one or stop it."""
    whole_city = request.viewer.units_with(MANAGE) is None
    if request.method == "POST":
        if not whole_city:
            raise PermissionDenied
        return _order(request)
    found = list(ForecastRun.objects.order_by("-id")[:RUNS])
    now = clock.now()
    for one in found:
        one.dead = one.state == ForecastRun.State.RUNNING and now - one.seen_at > DEAD
        one.why = _("proces zginął w trakcie pracy") if one.reason == running.KILLED else one.reason
    at_work = bool(found) and found[0].state == ForecastRun.State.RUNNING and not found[0].dead
    context = {"runs": found, "newest": found[0] if found else None, "at_work": at_work, "whole_city": whole_city}
    return render(request, "observations/forecasting/runs.html", context)


def _order(request: HttpRequest) -> HttpResponse:
    if "stop" in request.POST:
        if running.ask_to_stop():
            messages.success(request, _("Praca zatrzyma się przy najbliższym kroku. Gotowe prognozy zostaną."))
        else:
            messages.info(request, _("Nic już nie trwa."))
    elif jobs.ask_for_forecasts():
        messages.success(request, _("Prognozy zaczną się liczyć, gdy tylko będzie wolne miejsce w kolejce."))
    else:
        messages.info(request, _("Prognozy już czekają w kolejce."))
    return redirect("observations_sensors:forecasts")
