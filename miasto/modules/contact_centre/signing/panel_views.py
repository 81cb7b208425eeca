"""The operators' list of talks in sign language."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core import clock
from miasto.modules.contact_centre.phone.models import CALLS
from miasto.modules.contact_centre.signing import services, slots
from miasto.modules.contact_centre.signing.models import Booking

PAST_DAYS = 14


@require_safe
@panel(CALLS)
def bookings(request: HttpRequest) -> HttpResponse:
    """The talks ahead, and those of the last days."""
    now = clock.now()
    seen = Booking.objects.visible_to(request.viewer)
    ahead = seen.filter(cancelled_at=None, ends_at__gt=now).order_by("starts_at", "seat")[:100]
    past = seen.filter(starts_at__gt=now - timedelta(days=PAST_DAYS), starts_at__lte=now).order_by("-starts_at", "seat")[:50]
    rows = [{"booking": row, "room_url": slots.room_url(row.room)} for row in ahead]
    context = {"ahead": rows, "past": [row for row in past if row.ends_at <= now or row.cancelled_at], "plan": slots.plan()}
    return render(request, "contact_centre/signing/panel.html", context)


@require_POST
@panel(CALLS)
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The interpreter cannot come: the person is told by e-mail."""
    row = get_object_or_404(Booking.objects.visible_to(request.viewer), pk=booking_id)
    try:
        services.cancel(booking=row, by=request.viewer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Odwołano rozmowę. Osoba dostanie wiadomość."))
    return redirect("contact_centre_desk:signing")
