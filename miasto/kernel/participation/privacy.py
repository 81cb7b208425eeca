"""What participation holds of a person, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miasto.kernel.accounts.selectors import SYSTEM, contact_of
from miasto.kernel.accounts.services import revoke_links
from miasto.kernel.core import clock, mail
from miasto.kernel.core.city import city
from miasto.kernel.files.selectors import bytes_of, kind_of
from miasto.kernel.participation import attachments
from miasto.kernel.participation.access import CONFIRM_LINK, REMARK_LINK, SEAT_LINK
from miasto.kernel.participation.models import (
    Attachment,
    Contribution,
    ContributionAuthor,
    ContributionText,
    Process,
    Registration,
)
from miasto.kernel.participation.remark_models import TextState

ERASED = "[usunięto]"
MONTHS = 60
SEAT_MONTHS = 3
AT_ONCE = 500


def months() -> int:
    """How long the people and the unpublished words of a closed process are kept."""
    return city().limit("participation_months", MONTHS)


def _remarks_of(person_id: UUID) -> QuerySet[Contribution]:
    """What a person wrote by account, or without it under their own confirmed address."""
    own, contact = Q(person=person_id), contact_of(person_id)
    if contact and contact["email"]:
        own |= Q(author__email__iexact=contact["email"], author__confirmed_at__isnull=False)
    return Contribution.objects.filter(own)


def _seats_of(person_id: UUID) -> QuerySet[Registration]:
    """What a person registered for by account or by their address."""
    own, contact = Q(person=person_id), contact_of(person_id)
    if contact and contact["email"]:
        own |= Q(email__iexact=contact["email"])
    return Registration.objects.filter(own)


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Each remark of a person: words, contact, what became of it."""
    found = _remarks_of(person_id).select_related("process", "text", "author").order_by("entered_at")
    return [
        {
            "process": made.process.title,
            "number": made.number,
            "at": made.entered_at.isoformat(),
            "status": made.status,
            "body": made.text.body,
            "answers": made.text.answers,
            "files": [one.url for one in attachments.of_remark(made.pk, whole=True)],
            "author": {
                name: getattr(made.author, name) for name in ("name", "organisation", "email", "phone", "postal_address")
            },
        }
        for made in found
    ]


def export_files(person_id: UUID) -> Iterator[tuple[str, bytes]]:
    """The attachments of those remarks that the person did not upload by account (these come with their own uploads)."""
    rows = Attachment.objects.filter(contribution__in=_remarks_of(person_id)).select_related("file", "contribution")
    for row in rows.exclude(file__uploaded_by_id=person_id).order_by("file_id").iterator():
        data = bytes_of(row.file)
        if data is not None:
            yield f"uwagi/{row.contribution.number}-{row.file_id}.{kind_of(row.file) or 'jpg'}", data


def erase(person_id: UUID) -> int:
    """Overwrite the words and the person of those remarks; what was approved for everybody stays, without the person."""
    ids = list(_remarks_of(person_id).values_list("pk", flat=True))
    _anonymise(ids)
    Contribution.objects.filter(pk__in=ids).update(person=None)
    return len(ids)


@transaction.atomic
def _anonymise(ids: list[UUID]) -> None:
    now = clock.now()
    ContributionText.objects.filter(pk__in=ids).update(body=ERASED, answers={}, erased_at=now)
    left = {"name": "", "organisation": "", "email": "", "phone": "", "postal_address": "", "confirmed_at": None}
    ContributionAuthor.objects.filter(pk__in=ids).update(**left, erased_at=now)
    Contribution.objects.filter(pk__in=ids, text_state=TextState.WAITING).update(text_state=TextState.WITHHELD)
    attachments.forget_of_remarks(ids, SYSTEM)
    for contribution_id in ids:
        mail.forget_about(contribution_id)
        for purpose in (REMARK_LINK, CONFIRM_LINK):
            revoke_links(object_id=contribution_id, purpose=purpose, by=SYSTEM)


def due(until: datetime) -> int:
    """How many closed processes will be anonymised up to an instant."""
    return _old(clock.months_before(until, months())).count()


def _old(before: datetime) -> QuerySet:
    return Process.objects.filter(closed_at__lt=before, anonymised_at=None)


def expire(before: datetime) -> int:
    """Anonymise the remarks of processes closed before an instant; returns how many processes. A killed run goes on later."""
    count = 0
    for process in list(_old(before)):
        ids = list(Contribution.objects.filter(process=process, text__erased_at=None).values_list("pk", flat=True))
        for at in range(0, len(ids), AT_ONCE):
            _anonymise(ids[at : at + AT_ONCE])
        with transaction.atomic():
            Contribution.objects.filter(process=process).update(person=None)
            Process.objects.filter(pk=process.pk).update(anonymised_at=clock.now())
        count += 1
    return count


def export_seats(person_id: UUID) -> list[dict[str, Any]]:
    """The meetings for which a person registered."""
    rows = _seats_of(person_id).order_by("at").select_related("meeting")
    return [
        {"meeting": row.meeting.title, "at": row.at.isoformat(), "name": row.name, "needs": row.needs, "waiting": row.waiting}
        for row in rows
    ]


def erase_seats(person_id: UUID) -> int:
    """Overwrite who registered; the seat stays counted until the meeting."""
    return _forget(_seats_of(person_id))


def expire_seats(before: datetime) -> int:
    """Overwrite who registered for meetings that ended before an instant."""
    return _forget(Registration.objects.filter(meeting__ends_at__lt=before, erased_at=None))


def seats_due(until: datetime) -> int:
    """How many registrations will be overwritten up to an instant."""
    before = clock.months_before(until, SEAT_MONTHS)
    return Registration.objects.filter(meeting__ends_at__lt=before, erased_at=None).count()


@transaction.atomic
def _forget(rows: QuerySet) -> int:
    ids = list(rows.values_list("pk", flat=True))
    for row_id in ids:
        mail.forget_about(row_id)
        revoke_links(object_id=row_id, purpose=SEAT_LINK, by=SYSTEM)
        erased = {"name": "", "email": "", "needs": "", "person": None, "who": f"erased:{row_id.hex[:25]}"}
        Registration.objects.filter(pk=row_id).update(**erased, erased_at=clock.now())
    return len(ids)
