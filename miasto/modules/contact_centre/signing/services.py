"""Writing: booking the interpreter, moving, cancelling, reminding, forgetting."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, contact_of
from miasto.kernel.accounts.services import make_link
from miasto.kernel.core import changes, clock
from miasto.kernel.notifications.services import Attachment, Recipient, notify
from miasto.modules.contact_centre.phone.models import CALLS
from miasto.modules.contact_centre.signing import slots
from miasto.modules.contact_centre.signing.ical import calendar
from miasto.modules.contact_centre.signing.models import Booking

KIND = "contact_centre.booking"
LINK = "contact_centre.booking"


class Taken(ValidationError):
    """Somebody was faster, or the time is not offered (any more)."""

    def __init__(self) -> None:
        super().__init__(_("Ten termin właśnie zajęto. Wybierz inny."), code="taken")


@transaction.atomic
def book(
    *, starts_at: datetime, name: str, email: str, phone: str = "", topic: str = "", language: str = "pl", by: Viewer
) -> tuple[Booking, str]:
    """Book a talk; returns it and the token of its secret link. The e-mail goes with the transaction. Raises ``Taken``."""
    slot = slots.at(starts_at)
    if slot is None:
        raise Taken
    values = {
        "name": name.strip(),
        "email": email.strip(),
        "phone": phone.strip(),
        "topic": topic.strip(),
        "language": language,
    }
    made = _seated(slot, Booking(room=secrets.token_urlsafe(18), made_at=clock.now(), **values))
    _record("booked", made, by)
    _tell("contact_centre.talk_booked", made, f"booked:{made.pk}:0")
    return made, make_link(object_id=made.pk, purpose=LINK, by=by, expires_at=made.ends_at + timedelta(days=1))


def _seated(slot: slots.Slot, booking: Booking) -> Booking:
    """The booking on the first free seat of a time; the database decides between two who ask at once."""
    booking.starts_at, booking.ends_at = slot.starts_at, slot.ends_at
    for seat in range(1, slot.capacity + 1):
        booking.seat = seat
        try:
            with transaction.atomic():
                booking.save()
        except IntegrityError:
            continue
        return booking
    raise Taken


@transaction.atomic
def move(*, booking: Booking, starts_at: datetime, by: Viewer) -> Booking:
    """Another time for the same talk, with the same room. Raises ``Taken``, and ``ValidationError`` where it is too late."""
    locked = _own(booking, by)
    slot = slots.at(starts_at)
    if slot is None:
        raise Taken
    if locked.starts_at == starts_at:
        return locked
    locked.sequence += 1
    _seated(slot, locked)
    _record("moved", locked, by)
    _tell("contact_centre.talk_booked", locked, f"booked:{locked.pk}:{locked.sequence}", moved=True)
    return locked


@transaction.atomic
def cancel(*, booking: Booking, by: Viewer) -> Booking:
    """Give the time back. Raises ``ValidationError`` where the talk has begun."""
    locked = _own(booking, by)
    locked.cancelled_at = clock.now()
    locked.save(update_fields=["cancelled_at"])
    _record("cancelled", locked, by)
    _tell("contact_centre.talk_cancelled", locked, f"cancelled:{locked.pk}", by_city=by.holds(CALLS))
    return locked


def _own(booking: Booking, by: Viewer) -> Booking:
    if not Booking.objects.visible_to(by).filter(pk=booking.pk).exists():
        raise PermissionDenied(LINK)
    locked = Booking.objects.select_for_update().get(pk=booking.pk)
    if locked.cancelled_at is not None:
        raise ValidationError(_("Ta rozmowa jest już odwołana."), code="cancelled")
    if locked.starts_at <= clock.now():
        raise ValidationError(_("Ta rozmowa już się zaczęła albo minęła."), code="begun")
    return locked


def _tell(topic: str, booking: Booking, once: str, **more: Any) -> None:
    """An e-mail with the calendar file and a link to the booking. The log of it holds no address."""

    def page() -> str:
        expires = booking.ends_at + timedelta(days=1)
        return f"/tlumacz-migowy/s/{make_link(object_id=booking.pk, purpose=LINK, by=SYSTEM, expires_at=expires)}/"

    with override(booking.language):
        file = Attachment("rozmowa.ics", "text/calendar; charset=utf-8", calendar(booking))
    context = {"at": clock.local(booking.starts_at), "until": clock.local(booking.ends_at), **more}
    context["room_url"] = "" if booking.cancelled_at else slots.room_url(booking.room)
    to = [Recipient(email=booking.email, language=booking.language)]
    notify(topic=topic, to=to, context=context, url=page, about_id=booking.pk, once=once, attachments=[file])


def _record(action: str, booking: Booking, by: Viewer) -> None:
    changes.record(
        action=f"contact_centre.talk_{action}",
        kind=KIND,
        object_id=booking.pk,
        actor=by.actor,
        data={"starts_at": booking.starts_at.isoformat()},
    )


def remind() -> int:
    """Tell those whose talk is near, once for each time; returns how many bookings were looked at."""
    now = clock.now()
    near = Booking.objects.filter(cancelled_at=None, starts_at__gt=now, starts_at__lte=now + slots.plan().remind)
    found = list(near.filter(made_at__lt=now - timedelta(hours=1)))
    for booking in found:
        _tell("contact_centre.talk_soon", booking, f"soon:{booking.pk}:{booking.sequence}")
    return len(found)


ERASED = {"name": "", "email": "", "phone": "", "topic": "", "room": ""}


def forget_old() -> int:
    """Overwrite who talked and about what, some time after the talk; returns how many."""
    before = clock.now() - timedelta(days=slots.plan().keep_days)
    return Booking.objects.filter(ends_at__lt=before, erased_at=None).update(**ERASED, erased_at=clock.now())


def _of_person(person_id: UUID) -> Any:
    contact = contact_of(person_id)
    return Booking.objects.filter(email__iexact=contact["email"]) if contact else Booking.objects.none()


def export_bookings(person_id: UUID) -> list[dict[str, Any]]:
    """The talks booked with a person's address."""
    rows = _of_person(person_id).order_by("starts_at")
    return list(rows.values("starts_at", "name", "email", "phone", "topic", "cancelled_at"))


def erase_bookings(person_id: UUID) -> int:
    """Cancel what is ahead and overwrite what those talks hold of a person."""
    now, found = clock.now(), _of_person(person_id)
    ids = list(found.values_list("pk", flat=True))
    Booking.objects.filter(pk__in=ids, cancelled_at=None, starts_at__gt=now).update(cancelled_at=now)
    return Booking.objects.filter(pk__in=ids).update(**ERASED, erased_at=now)
