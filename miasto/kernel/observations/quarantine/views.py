"""``/panel/kwarantanna/``: readings that cannot be, why, and what is done with them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.alerts.describing import valued
from miasto.kernel.observations.models import Quarantined
from miasto.kernel.observations.quarantine import deciding
from miasto.kernel.observations.quarantine.forms import Filters
from miasto.kernel.observations.store import staging

PER_PAGE = 50


@require_safe
@panel(MANAGE)
def held(request: HttpRequest) -> HttpResponse:
    """What waits, the newest first, or what was decided."""
    form = Filters(request.GET or None)
    found = _narrowed(form, request)
    page = Paginator(found.select_related("datastream__thing").order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [_row(one) for one in page],
        "waiting": any(one.state == Quarantined.State.WAITING for one in page),
        "most": deciding.MOST_AT_ONCE,
        "unfolded": staging.waiting(),
    }
    return render(request, "observations/quarantine/list.html", context)


def _narrowed(form: Filters, request: HttpRequest):
    found = deciding.held_for(request.viewer)
    return form.narrow(found) if form.is_bound else found.filter(state=Quarantined.State.WAITING)


def _row(one: Quarantined) -> dict[str, Any]:
    return {"held": one, "value": _valued(one), "why": _why(one)}


def _valued(one: Quarantined) -> str:
    if one.value is None:
        return one.raw
    return valued(one.value, one.datastream.unit_symbol)


def _why(one: Quarantined) -> str:
    stream, reason = one.datastream, one.reason
    if reason == Quarantined.Reason.RANGE and stream.least is not None and stream.most is not None:
        limits = {"least": valued(stream.least, ""), "most": valued(stream.most, stream.unit_symbol)}
        return _("Czujnik mierzy od %(least)s do %(most)s.") % limits
    if reason == Quarantined.Reason.JUMP and stream.jump is not None:
        limits = {"jump": valued(stream.jump, stream.unit_symbol)}
        return _("Wartość zmieniła się o więcej niż %(jump)s w niecałą godzinę.") % limits
    return {
        Quarantined.Reason.FUTURE: _("Gdy odczyt przyszedł, ta chwila jeszcze nie nastała. Sprawdź zegar czujnika."),
        Quarantined.Reason.PAST: _("Platforma przyjmuje odczyty od 1900 roku. Sprawdź zegar czujnika."),
        Quarantined.Reason.NOT_NUMBER: _("Czujnik przysłał coś, co nie jest liczbą."),
        Quarantined.Reason.UNIT: _("Czujnik przysłał odczyt w innej jednostce niż ta, którą ma seria."),
        Quarantined.Reason.RANGE: _("Wartość leży poza zakresem, w którym czujnik mierzy."),
        Quarantined.Reason.JUMP: _("Wartość zmieniła się gwałtowniej, niż to możliwe."),
    }[reason]


@require_POST
@panel(MANAGE)
def decide(request: HttpRequest) -> HttpResponse:
    """Release or reject the chosen ones, or all that the filters show."""
    form = Filters(request.GET or None)
    release = request.POST.get("do") in ("release", "release_all")
    if request.POST.get("do") in ("release_all", "reject_all"):
        chosen = _narrowed(form, request)
    else:
        numbers = [int(one) for one in request.POST.getlist("odczyt") if one.isascii() and one.isdigit() and len(one) < 19]
        chosen = Quarantined.objects.filter(pk__in=numbers[:PER_PAGE])
    asked = min(chosen.filter(state=Quarantined.State.WAITING).count(), deciding.MOST_AT_ONCE)
    done = deciding.decide(chosen, release=release, by=request.viewer)
    _tell(request, done, asked - done if release else 0, release)
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("observations_quarantine:list") + (f"?{query}" if query else ""))


def _tell(request: HttpRequest, done: int, left: int, release: bool) -> None:
    if done and release:
        said = ngettext("Przyjęto %(n)s odczyt.", "Przyjęto %(n)s odczytów.", done) % {"n": done}
        messages.success(request, said)
    elif done:
        messages.success(request, ngettext("Odrzucono %(n)s odczyt.", "Odrzucono %(n)s odczytów.", done) % {"n": done})
    if left > 0:
        messages.warning(
            request,
            ngettext(
                "%(n)s odczytu nie można przyjąć: nie jest liczbą albo jego czas jest niemożliwy.",
                "%(n)s odczytów nie można przyjąć: nie są liczbami albo ich czas jest niemożliwy.",
                left,
            )
            % {"n": left},
        )
    elif not done:
        messages.warning(request, _("Zaznacz odczyty, o których chcesz rozstrzygnąć. Może ktoś już to zrobił."))
