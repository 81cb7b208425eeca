"""Coming on duty, leaving, writing to the next shift, taking over. Each call locks the open shift: two may come at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import changes, clock, personal
from miasto.modules.contact_centre.shift.models import Duty, Entry, Shift

DUTY = "contact_centre.duty"
KIND = "contact_centre.shift"
KEEP_DAYS = 90
LONGEST = 1000
TELLING = frozenset({"phone", "email", "pesel", "card", "account", "plate", "profile"})


class Refused(ValidationError):
    """What was asked does not go now; the words are for the reader."""


@transaction.atomic
def begin(*, by: Viewer) -> Duty:
    """Come on duty: in the open shift, or as the first of a new one. Being on duty already changes nothing."""
    require(by, DUTY)
    shift = _open(create=True)
    duty, fresh = Duty.objects.get_or_create(
        person_id=by.person_id, until=None, defaults={"shift": shift, "since": clock.now()}
    )
    if fresh:
        _record("duty_begun", shift, by)
    return duty


@transaction.atomic
def leave(*, by: Viewer) -> bool:
    """Leave; with the last one the shift ends. False for somebody who was not on duty."""
    require(by, DUTY)
    shift = _open()
    if shift is None or not Duty.objects.filter(person_id=by.person_id, until=None).update(until=clock.now()):
        return False
    _record("duty_ended", shift, by)
    if not Duty.objects.filter(shift=shift, until=None).exists():
        shift.ended_at = clock.now()
        shift.save(update_fields=["ended_at"])
    return True


@transaction.atomic
def write(*, kind: str, body: str, number: str = "", by: Viewer) -> Entry:
    """A note or a task for who comes next; ``number`` is the case it is about.

    Raises ``Refused`` for no words, too many, words that tell of a person (the case holds them), a number that is no case's,
    and for somebody who is not on duty.
    """
    require(by, DUTY)
    shift, words, known = _open(), body.strip(), number.strip().upper()
    if shift is None or not Duty.objects.filter(shift=shift, person_id=by.person_id, until=None).exists():
        raise Refused({"__all__": _("Najpierw zacznij dyżur.")}, code="duty")
    if not words or len(words) > LONGEST:
        raise Refused({"body": _("Napisz od 1 do %(most)d znaków.") % {"most": LONGEST}}, code="body")
    if any(span.kind in TELLING for span in personal.find(words)):
        raise Refused(
            {"body": _("Wygląda na to, że są tu dane osobowe: telefon, e-mail, PESEL albo tablica. Podaj numer sprawy.")},
            code="personal",
        )
    if known and not _is_case(known, by):
        raise Refused({"number": _("Nie ma sprawy o takim numerze.")}, code="number")
    made = Entry.objects.create(
        shift=shift, kind=kind, body=words, number=known, author_id=by.person_id, written_at=clock.now()
    )
    _record("shift_written", shift, by, entry=str(made.pk), kind=kind)
    return made


def _is_case(number: str, by: Viewer) -> bool:
    try:
        cases.case_for(number, by)
    except ObjectDoesNotExist:
        return False
    return True


@transaction.atomic
def take(*, entry_id: UUID, by: Viewer) -> Entry:
    """„Przyjmuję”: the task is this person's now. Raises ``Refused`` where somebody was faster."""
    entry = _task(entry_id, by)
    if entry.taken_by_id is not None and entry.taken_by_id != by.person_id:
        raise Refused(_("Ktoś inny właśnie przyjął to zadanie."), code="taken")
    if entry.taken_by_id is None:
        entry.taken_by_id, entry.taken_at = by.person_id, clock.now()
        entry.save(update_fields=["taken_by", "taken_at"])
        _record("task_taken", entry.shift, by, entry=str(entry.pk))
    return entry


@transaction.atomic
def finish(*, entry_id: UUID, by: Viewer) -> Entry:
    """The task is done; only who took it over says so."""
    entry = _task(entry_id, by)
    if entry.taken_by_id != by.person_id:
        raise Refused(_("Najpierw przyjmij to zadanie."), code="not_taken")
    if entry.done_at is None:
        entry.done_at = clock.now()
        entry.save(update_fields=["done_at"])
        _record("task_done", entry.shift, by, entry=str(entry.pk))
    return entry


def _task(entry_id: UUID, by: Viewer) -> Entry:
    require(by, DUTY)
    return Entry.objects.select_for_update(of=("self",)).select_related("shift").get(pk=entry_id, kind=Entry.Kind.TASK)


def _open(*, create: bool = False) -> Shift | None:
    """The open shift, locked; the index lets only one be, and the lock makes the second who comes wait for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [KIND])
    found = Shift.objects.select_for_update().filter(ended_at=None).first()
    if found is None and create:
        try:
            with transaction.atomic():
                return Shift.objects.create(began_at=clock.now())
        except IntegrityError:
            return Shift.objects.get(ended_at=None)
    return found


def _record(action: str, shift: Shift, by: Viewer, **data: Any) -> None:
    changes.record(action=f"contact_centre.{action}", kind=KIND, object_id=shift.pk, actor=by.actor, data=data)


def forget_old() -> int:
    """Overwrite what was written more than ``KEEP_DAYS`` days ago; returns how many lines. When, who and which case stay."""
    before = clock.now() - timedelta(days=KEEP_DAYS)
    return Entry.objects.filter(erased_at=None, written_at__lt=before).update(body="", erased_at=clock.now())


def export_entries(person_id: UUID) -> list[dict[str, Any]]:
    """What a person wrote in the log."""
    rows = Entry.objects.filter(author=person_id, erased_at=None).order_by("written_at")
    return [{"written_at": row.written_at.isoformat(), "kind": row.kind, "body": row.body, "case": row.number} for row in rows]


def erase_entries(person_id: UUID) -> int:
    """The person's words are overwritten and their name leaves the log; returns how many lines."""
    count = Entry.objects.filter(author=person_id).update(body="", erased_at=clock.now(), author=None)
    Entry.objects.filter(taken_by=person_id).update(taken_by=None)
    Duty.objects.filter(person=person_id).update(person=None)
    return count
