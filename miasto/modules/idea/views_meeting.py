"""Meetings: registration, one's own seat, and calendar files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import ical
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.participation import selectors, services
from miasto.modules.idea.forms import SeatForm
from miasto.modules.idea.naming import KIND, brand
from miasto.modules.idea.views import found, reader_language
from miasto.modules.idea.views_remark import refuse


def _meeting(process: Any, meeting_id: UUID) -> Any:
    one = next((view for view in selectors.meetings(process) if view.meeting.pk == meeting_id), None)
    if one is None:
        raise Http404
    return one


@limited("idea.seat", limit=city().limit("bookings_per_hour", 10), per_s=3600)
def meeting(request: HttpRequest, slug: str, meeting_id: UUID) -> HttpResponse:
    """One meeting: when, where, minutes, and registration."""
    process = found(request, slug)
    view = _meeting(process, meeting_id)
    signed_in = request.viewer.person_id is not None
    sent = request.method == "POST"
    form = SeatForm(request.POST if sent else None, signed_in=signed_in)
    if sent and form.is_valid():
        try:
            made = services.register(
                meeting=view.meeting,
                name=form.cleaned_data["name"],
                email=form.cleaned_data.get("email", ""),
                needs=form.cleaned_data["needs"],
                language="en" if reader_language() == "en" else "pl",
                by=request.viewer,
            )
        except ValidationError as error:
            refuse(form, error)
        else:
            _say(request, made.waiting)
            return redirect("idea:process", slug=slug)
    context = {
        "brand": brand(),
        "process": process,
        "view": view,
        "form": form,
        "registered": meeting_id in selectors.registered(process, request.viewer),
    }
    return render(request, "idea/meeting.html", context, status=422 if sent else 200)


def _say(request: HttpRequest, waiting: bool) -> None:
    words = (
        _("Nie ma już wolnych miejsc. Jesteś na liście rezerwowej, napiszemy, gdy zwolni się miejsce.")
        if waiting
        else _("Masz miejsce. Potwierdzenie wysłaliśmy.")
    )
    messages.success(request, words)


def seat(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """One's own registration, and giving it back."""
    row = selectors.registration_for(registration_id, request.viewer)
    if row is None or row.cancelled_at is not None:
        raise Http404
    if request.method == "POST":
        services.give_back(registration_id=registration_id, by=request.viewer)
        messages.success(request, _("Zapis odwołany. Dziękujemy, że zwalniasz miejsce."))
        return redirect("idea:process", slug=row.meeting.process.slug)
    return render(request, "idea/seat.html", {"brand": brand(), "row": row, "process": row.meeting.process})


def _event(request: HttpRequest, one: Any) -> ical.CalendarEvent:
    page = reverse("idea:meeting", args=[one.process.slug, one.pk])
    return selectors.calendar_event(one, url=request.build_absolute_uri(page))


@require_safe
def calendar(request: HttpRequest, slug: str, meeting_id: UUID) -> HttpResponse:
    """One meeting as a calendar file."""
    process = found(request, slug)
    one = _meeting(process, meeting_id).meeting
    one.process = process
    return _file(ical.calendar([_event(request, one)]), "spotkanie.ics")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """All meetings as a calendar to subscribe to."""
    events = [_event(request, one) for one in selectors.coming_meetings(ANONYMOUS, KIND)]
    return _file(ical.calendar(events, name=brand()), "spotkania.ics")


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
