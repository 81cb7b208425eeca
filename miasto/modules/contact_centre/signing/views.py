"""The video channel in sign language: choosing a time, booking, and what the secret link of a booking opens."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link, remember_link
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.modules.contact_centre.signing import services, slots
from miasto.modules.contact_centre.signing.forms import BookingForm, TimeForm
from miasto.modules.contact_centre.signing.ical import calendar
from miasto.modules.contact_centre.signing.models import Booking


def days() -> list[dict[str, Any]]:
    """The offered times by local day; days without a free time are left out."""
    free = [slot for slot in slots.offered() if slot.free]
    by_day = groupby(free, key=lambda slot: clock.local(slot.starts_at).date())
    return [{"day": day, "slots": list(found)} for day, found in by_day]


@limited("contact_centre.signing", limit=city().limit("bookings_per_hour", 10), per_s=3600)
def book(request: HttpRequest) -> HttpResponse:
    """When the interpreter talks, and booking a time: one page."""
    if not slots.plan().offered:
        raise Http404
    form = BookingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made, token = services.book(
                starts_at=data["at"],
                name=data["name"],
                email=data["email"],
                phone=data["phone"],
                topic=data["topic"],
                language="en" if get_language() == "en" else "pl",
                by=request.viewer,
            )
        except services.Taken as error:
            form.add_error("at", error.messages[0])
        else:
            link = open_link(token)
            if link is not None:
                remember_link(request, link)
            messages.success(request, _("Termin zarezerwowany. Potwierdzenie wysłaliśmy e-mailem."))
            return redirect("contact_centre_signing:booking", made.pk)
    return render(request, "contact_centre/signing/book.html", {"form": form, "days": days(), "plan": slots.plan()})


@limited("contact_centre.signing_link", limit=60, per_s=600, methods=("GET",))
@require_safe
def secret(request: HttpRequest, token: str) -> HttpResponse:
    """Open the secret link of a booking; the address bar does not keep the token."""

    def url_of(link: Any) -> str | None:
        known = link.purpose == services.LINK and Booking.objects.filter(pk=link.object_id).exists()
        return reverse("contact_centre_signing:booking", args=[link.object_id]) if known else None

    return enter_by_link(request, token, url_of)


def found(request: HttpRequest, booking_id: UUID) -> Booking:
    """The booking, for who holds its link; else 404."""
    row = Booking.objects.visible_to(request.viewer).filter(pk=booking_id).first()
    if row is None:
        raise Http404
    return row


@require_safe
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The booked time, the link to the room, moving and cancelling."""
    return _page(request, found(request, booking_id), TimeForm())


def _page(request: HttpRequest, row: Booking, form: TimeForm) -> HttpResponse:
    ahead = row.cancelled_at is None and row.starts_at > clock.now()
    context = {
        "booking": row,
        "form": form,
        "ahead": ahead,
        "over": row.ends_at <= clock.now(),
        "room_url": slots.room_url(row.room) if row.room else "",
        "days": days() if ahead else [],
    }
    return render(request, "contact_centre/signing/booking.html", context)


@require_POST
@limited("contact_centre.signing_move", limit=20, per_s=3600)
def move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Another time."""
    row, form = found(request, booking_id), TimeForm(request.POST)
    if form.is_valid():
        try:
            services.move(booking=row, starts_at=form.cleaned_data["at"], by=request.viewer)
        except ValidationError as error:
            form.add_error("at", error.messages[0])
        else:
            messages.success(request, _("Zmieniliśmy termin. Potwierdzenie wysłaliśmy e-mailem."))
            return redirect("contact_centre_signing:booking", row.pk)
    return _page(request, row, form)


@require_POST
@limited("contact_centre.signing_cancel", limit=20, per_s=3600)
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Give the time back."""
    row = found(request, booking_id)
    try:
        services.cancel(booking=row, by=request.viewer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Odwołaliśmy rozmowę."))
    return redirect("contact_centre_signing:booking", row.pk)


@require_safe
def ics(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The booking for a calendar."""
    response = HttpResponse(calendar(found(request, booking_id)), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rozmowa.ics"'
    return response
