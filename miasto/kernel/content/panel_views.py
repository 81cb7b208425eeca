"""``/panel/godziny/`` and ``/panel/poradnik/``: opening hours, days unlike others, and what readers said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.models import Unit
from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.content import selectors, services
from miasto.kernel.content.forms import OfficeForm, SpecialDayForm
from miasto.kernel.content.models import EDIT, HOURS, Office, Opinion, Service, SpecialDay
from miasto.kernel.content.offices import desks
from miasto.kernel.core import clock

FORM_METHODS = ["GET", "HEAD", "POST"]
SHOWN = 100


@require_http_methods(FORM_METHODS)
@panel(HOURS)
@never_cache
def hours(request: HttpRequest) -> HttpResponse:
    """The units with their hours today, and the days unlike others; a new such day is added here."""
    form = SpecialDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(request, form):
        messages.success(request, _("Dodaliśmy dzień. Mieszkańcy już go widzą."))
        return redirect("content_hours:list")
    known = desks()
    own = set(Office.objects.values_list("unit_id", flat=True))
    rows = [
        {"unit": unit, "desk": known.get(unit.id), "own": unit.id in own}
        for unit in current_units().select_related("organisation").order_by("organisation__name", "name")
    ]
    days = SpecialDay.objects.filter(day__gte=clock.today()).select_related("unit")
    return render(request, "content/panel/hours.html", {"form": form, "rows": rows, "days": days})


def _added(request: HttpRequest, form: SpecialDayForm) -> bool:
    values = {**form.cleaned_data}
    unit = values.pop("unit")
    try:
        services.save_special_day(unit_id=UUID(unit) if unit else None, by=request.viewer, **values)
    except ValidationError as error:
        for field, problems in error.message_dict.items():
            form.add_error(field, problems)
        return False
    return True


@require_http_methods(FORM_METHODS)
@panel(HOURS)
@never_cache
def office(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """The address and the week of one unit."""
    unit = get_object_or_404(Unit.objects.select_related("organisation"), pk=unit_id)
    known = Office.objects.filter(unit=unit).prefetch_related("spans").first()
    form = OfficeForm(request.POST or None, office=known)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = {
            name: form.cleaned_data[name] for name in ("address", "directions", "directions_en", "open_on_holidays")
        }
        services.save_office(unit_id=unit.id, weekly=form.weekly, by=request.viewer, **values)
        messages.success(request, _("Zapisaliśmy godziny. Mieszkańcy już je widzą."))
        return redirect("content_hours:list")
    return render(request, "content/panel/office.html", {"form": form, "unit": unit})


@require_POST
@panel(HOURS)
def remove_day(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """The day is like any other again."""
    services.remove_special_day(row=get_object_or_404(SpecialDay, pk=day_id), by=request.viewer)
    messages.success(request, _("Usunęliśmy dzień z listy."))
    return redirect("content_hours:list")


@require_safe
@panel(EDIT)
@never_cache
def opinions(request: HttpRequest) -> HttpResponse:
    """What readers missed, which pages fail, and which are to be read through again."""
    missing = Opinion.objects.exclude(missing="").select_related("service").order_by("-at")[:SHOWN]
    due = Service.objects.filter(live=True, next_review_on__lte=clock.today()).order_by("next_review_on")
    context = {
        "missing": missing,
        "counts": selectors.opinions_by_service(),
        "due": due.only("id", "title", "slug", "next_review_on"),
    }
    return render(request, "content/panel/opinions.html", context)
