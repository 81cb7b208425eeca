"""Meetings of a process: seats, the waiting list, minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import revoke_links
from miasto.kernel.core import clock, digests, events
from miasto.kernel.notifications.services import checked_email
from miasto.kernel.participation import writing
from miasto.kernel.participation.access import MANAGE, SEAT_LINK
from miasto.kernel.participation.events import MeetingChanged, SeatChanged
from miasto.kernel.participation.models import Meeting, Process, Registration
from miasto.kernel.participation.writing import Refused


@dataclass(frozen=True, kw_only=True)
class MeetingRow:
    """What a meeting says of itself; ``capacity`` 0 means that nobody has to register."""

    title: str
    starts_at: datetime
    ends_at: datetime
    text: str = ""
    place: str = ""
    online_url: str = ""
    capacity: int = 0


@transaction.atomic
def save_meeting(*, process: Process, row: MeetingRow, by: Viewer, meeting: Meeting | None = None) -> Meeting:
    """A new meeting, or another time, place or size of one; those who registered are told of another time or place."""
    locked = writing.lock(process.pk, by, MANAGE)
    writing.refuse_closed(locked)
    _check(row)
    made = (
        Meeting(process=locked) if meeting is None else Meeting.objects.select_for_update().get(pk=meeting.pk, process=locked)
    )
    moved = meeting is not None and any(
        getattr(made, name) != getattr(row, name) for name in ("starts_at", "ends_at", "place", "online_url")
    )
    for name in ("title", "text", "starts_at", "ends_at", "place", "online_url", "capacity"):
        setattr(made, name, getattr(row, name))
    made.sequence += moved
    made.save()
    writing.record("meeting", locked, by, meeting=made.pk)
    if moved:
        events.publish(MeetingChanged(meeting_id=made.pk, sequence=made.sequence))
    _move_up(made)
    return made


def _check(row: MeetingRow) -> None:
    wrong: dict[str, Any] = {}
    if not row.title.strip():
        wrong["title"] = _("Wpisz nazwę spotkania.")
    if row.ends_at <= row.starts_at:
        wrong["ends_at"] = _("Koniec musi być później niż początek.")
    if not (row.place.strip() or row.online_url.strip()):
        wrong["place"] = _("Podaj miejsce albo adres spotkania w internecie.")
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, by: Viewer) -> Meeting:
    """Call a meeting off; those who registered are told."""
    locked = writing.lock(meeting.process_id, by, MANAGE)
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if row.cancelled_at is None:
        row.cancelled_at, row.sequence = clock.now(), row.sequence + 1
        row.save(update_fields=["cancelled_at", "sequence"])
        writing.record("meeting_cancelled", locked, by, meeting=row.pk)
        events.publish(MeetingChanged(meeting_id=row.pk, sequence=row.sequence))
    return row


@transaction.atomic
def publish_minutes(*, meeting: Meeting, minutes: str, by: Viewer) -> Meeting:
    """What was said at a meeting, for everybody. Raises ``Refused`` before it began."""
    locked = writing.lock(meeting.process_id, by, MANAGE)
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if row.starts_at > clock.now():
        raise Refused({"minutes": _("To spotkanie jeszcze się nie odbyło.")}, code="ahead")
    row.minutes, row.minutes_at = minutes.replace("\r\n", "\n").strip(), clock.now()
    row.save(update_fields=["minutes", "minutes_at"])
    writing.record("minutes", locked, by, meeting=row.pk)
    return row


@transaction.atomic
def register(
    *, meeting: Meeting, name: str, by: Viewer, email: str = "", needs: str = "", language: str = "pl"
) -> Registration:
    """Take a seat, or a place on the waiting list where all are taken; registered twice it is the same seat.

    Raises ``Refused`` for a meeting that has begun, was called off or needs no registration, ``ValidationError`` by field.
    """
    row = Meeting.objects.select_for_update().get(pk=meeting.pk, process__published_at__isnull=False)
    if row.cancelled_at or row.starts_at <= clock.now():
        raise Refused(_("Na to spotkanie nie można się już zapisać."), code="over")
    if not row.capacity:
        raise Refused(_("Na to spotkanie nie trzeba się zapisywać. Po prostu przyjdź."), code="free")
    _check_person(name, email, by)
    who = _who(email, by)
    known = Registration.objects.filter(meeting=row, who=who, cancelled_at=None).first()
    if known is not None:
        return known
    full = _seated(row).count() >= row.capacity
    made = Registration.objects.create(
        meeting=row,
        at=clock.now(),
        waiting=full,
        person_id=by.person_id,
        who=who,
        name=name.strip(),
        email="" if by.person_id else email.strip(),
        needs=needs.strip(),
        language=language,
    )
    events.publish(SeatChanged(registration_id=made.pk, state="waiting" if full else "seat"))
    return made


def _check_person(name: str, email: str, by: Viewer) -> None:
    wrong: dict[str, Any] = {}
    if not name.strip():
        wrong["name"] = _("Wpisz imię i nazwisko.")
    if by.person_id is None:
        try:
            checked_email(email)
        except ValidationError as error:
            wrong["email"] = error
    if wrong:
        raise ValidationError(wrong)


def _who(email: str, by: Viewer) -> str:
    name = f"person:{by.person_id}" if by.person_id else f"email:{email.strip().casefold()}"
    return digests.keyed("miasto.participation.seat", name)


def _seated(meeting: Meeting) -> Any:
    return Registration.objects.filter(meeting=meeting, cancelled_at=None, waiting=False)


@transaction.atomic
def give_back(*, registration_id: UUID, by: Viewer) -> Registration:
    """Cancel one's registration; the first of the waiting list moves up. Raises ``PermissionDenied``."""
    found = Registration.objects.visible_to(by).filter(pk=registration_id).first()
    if found is None:
        raise PermissionDenied(SEAT_LINK)
    meeting = Meeting.objects.select_for_update().get(pk=found.meeting_id)
    row = Registration.objects.select_for_update().get(pk=registration_id)
    if row.cancelled_at is None:
        row.cancelled_at = clock.now()
        row.save(update_fields=["cancelled_at"])
        events.publish(SeatChanged(registration_id=row.pk, state="cancelled"))
        revoke_links(object_id=row.pk, purpose=SEAT_LINK, by=by)
        _move_up(meeting)
    return row


def _move_up(meeting: Meeting) -> None:
    """Give free seats to those who wait, in their order; the meeting's row is locked by the caller."""
    if meeting.cancelled_at or not meeting.capacity:
        return
    free = meeting.capacity - _seated(meeting).count()
    waiting = Registration.objects.filter(meeting=meeting, cancelled_at=None, waiting=True).order_by("at", "id")
    for row in list(waiting[: max(free, 0)]):
        row.waiting = False
        row.save(update_fields=["waiting"])
        events.publish(SeatChanged(registration_id=row.pk, state="seat"))
