"""Writing the knowledge base: what editors and importers do. Each call is the change, its audit and its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.rights import require
from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.content.events import HoursChanged, ServiceChanged
from miasto.kernel.content.hours import Span, parse_spans
from miasto.kernel.content.importing import import_knowledge
from miasto.kernel.content.models import EDIT, HOURS, Office, OpeningSpan, Opinion, Service, SpecialDay, Term
from miasto.kernel.content.words import weighed
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.ids import uuid7

__all__ = [
    "forget_old_opinions",
    "give_opinion",
    "import_knowledge",
    "note_edit",
    "remove_special_day",
    "save_office",
    "save_special_day",
]
MOST_MISSING = 600
OPINIONS_KEPT = timedelta(days=365)


@transaction.atomic
def note_edit(*, service_id: UUID, action: str, by: Viewer) -> None:
    """What an editor did in Wagtail ("saved", "published", "unpublished"), in our index, audit and events.

    Called in the transaction in which Wagtail wrote. Raises ``PermissionDenied``.
    """
    require(by, EDIT)
    row = Service.objects.filter(pk=service_id).select_related("topic").first()
    index(row=row, service_id=service_id)
    data = {"live": bool(row and row.live), "revision": row.latest_revision_id if row else None}
    kept = {"kind": "content.service", "object_id": service_id, "unit_id": row.unit_id if row else None}
    changes.record(action=f"content.service_{action}", actor=by.actor, data=data, **kept)
    events.publish(ServiceChanged(service_id=service_id))


def index(*, row: Service | None, service_id: UUID) -> None:
    """Bring the words of one page up to date; those of a page that is not public are forgotten."""
    Term.objects.filter(service_id=service_id).delete()
    if row is not None and row.live:
        Term.objects.bulk_create(Term(service=row, form=form, weight=weight) for form, weight in weighed(row).items())


@transaction.atomic
def save_office(*, unit_id: UUID, weekly: Sequence[Sequence[Span]], by: Viewer, **values: Any) -> Office:
    """The address and the week of a unit's office; ``weekly`` are the spans of Monday to Sunday.

    ``values``: address, directions, directions_en, open_on_holidays. Raises ``PermissionDenied``.
    """
    office = Office.objects.select_for_update().filter(unit_id=unit_id).first() or Office(unit_id=unit_id)
    require(by, HOURS, office)
    for name in ("address", "directions", "directions_en", "open_on_holidays"):
        if name in values:
            setattr(office, name, values[name])
    office.save()
    office.spans.all().delete()
    OpeningSpan.objects.bulk_create(
        OpeningSpan(office=office, weekday=day, opens=opens, closes=closes)
        for day, spans in enumerate(weekly)
        for opens, closes in spans
    )
    _hours_changed("content.office_saved", office.id, unit_id, by)
    return office


@transaction.atomic
def save_special_day(
    *, unit_id: UUID | None, day: date, hours: str, reason: str, by: Viewer, reason_en: str = ""
) -> SpecialDay:
    """A day on which a unit (None: every unit) is closed or open at other hours.

    Raises ``PermissionDenied``, ``ValidationError`` for a past day, one named already, or hours that cannot be read.
    """
    row = SpecialDay(unit_id=unit_id, day=day, hours=hours.strip(), reason=reason.strip(), reason_en=reason_en.strip())
    require(by, HOURS, row)
    try:
        parse_spans(row.hours)
    except ValueError as error:
        raise ValidationError({"hours": str(error)}) from error
    if day < clock.today():
        raise ValidationError({"day": _("Ten dzień już minął.")})
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ValidationError({"day": _("Ten dzień jest już na liście. Usuń go i dodaj jeszcze raz.")}) from error
    _hours_changed("content.special_day_saved", row.id, unit_id, by, day=day.isoformat())
    return row


@transaction.atomic
def remove_special_day(*, row: SpecialDay, by: Viewer) -> None:
    """The day is again like any other. Raises ``PermissionDenied``."""
    require(by, HOURS, row)
    row_id, unit_id, day = row.id, row.unit_id, row.day
    row.delete()
    _hours_changed("content.special_day_removed", row_id, unit_id, by, day=day.isoformat())


def _hours_changed(action: str, object_id: UUID, unit_id: UUID | None, by: Viewer, **data: Any) -> None:
    changes.record(action=action, kind="content.hours", object_id=object_id, actor=by.actor, unit_id=unit_id, data=data)
    events.publish(HoursChanged(unit_id=unit_id))


@transaction.atomic
def give_opinion(*, service: Service, helped: bool, missing: str = "", opinion_id: UUID | None = None) -> UUID:
    """Whether a page helped; returns the identifier under which words may be added to the same opinion.

    Nothing of the reader is kept. An opinion is written, and its words added, once.
    """
    made, _new = Opinion.objects.get_or_create(pk=opinion_id or uuid7(), defaults={"service": service, "helped": helped})
    if missing.strip() and not made.missing and made.service_id == service.pk:
        made.missing = missing.strip()[:MOST_MISSING]
        made.save(update_fields=["missing"])
    return made.pk


def forget_old_opinions() -> int:
    """Delete opinions older than a year; returns how many."""
    return Opinion.objects.filter(at__lt=clock.now() - OPINIONS_KEPT).delete()[0]
