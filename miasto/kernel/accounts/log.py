"""The log of changes as staff read it: who, what, when; names of staff only, no other personal data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.models import RoleGrant
from miasto.kernel.accounts.selectors import display_names, unit_names
from miasto.kernel.core import clock
from miasto.kernel.core.models import Change
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import ChangeName

PER_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    who: str
    what: str
    action: str
    kind: str
    object_id: UUID
    unit: str
    details: list[tuple[str, Any]]


def find(
    *,
    engine: str = "",
    object_id: UUID | None = None,
    who: str = "",
    since: date | None = None,
    until: date | None = None,
    before: int | None = None,
) -> tuple[list[Entry], int | None]:
    """A page of entries, newest first, and the number from which the next page begins (None at the end).

    ``engine`` is the slug of the engine or module that wrote them, ``who`` words of a staff member's name, ``since`` and
    ``until`` local dates, both included. Four queries at most, however long the log is.
    """
    rows = Change.objects.order_by("-id")
    if engine:
        rows = rows.filter(kind__startswith=f"{engine}.")
    if object_id:
        rows = rows.filter(object_id=object_id)
    if who:
        rows = rows.filter(actor_kind="person", actor_id__in=_staff_named(who))
    if since:
        rows = rows.filter(at__gte=clock.start_of(since))
    if until:
        rows = rows.filter(at__lt=clock.start_of(until + timedelta(days=1)))
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows[: PER_PAGE + 1])
    page = found[:PER_PAGE]
    return _entries(page), page[-1].id if len(found) > PER_PAGE else None


def _staff_named(words: str) -> QuerySet[Any]:
    wanted = Q()
    for word in words.split():
        wanted &= Q(person__name__icontains=word)
    return RoleGrant.objects.filter(wanted).values("person_id")


def _entries(rows: list[Change]) -> list[Entry]:
    actors = {row.actor_id for row in rows if row.actor_kind == "person" and row.actor_id}
    names = _staff_names(actors)
    units = unit_names(row.unit_id for row in rows)
    return [
        Entry(
            id=row.id,
            at=row.at,
            who=_who(row, names),
            what=_what(row.action),
            action=row.action,
            kind=row.kind,
            object_id=row.object_id,
            unit=units.get(row.unit_id, ""),
            details=sorted((key, value) for key, value in row.data.items() if value not in (None, "", [])),
        )
        for row in rows
    ]


def _staff_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = set(ids)
    staff = set(RoleGrant.objects.filter(person__in=wanted).values_list("person_id", flat=True)) if wanted else set()
    return display_names(staff)


def _who(row: Change, names: dict[UUID, str]) -> str:
    if row.actor_kind == "person":
        return names.get(row.actor_id, _("osoba z kontem"))
    words = {
        "link": _("osoba z tajnym odsyłaczem"),
        "anonymous": _("osoba bez konta"),
        "system": _("platforma"),
        "api": _("inny system"),
    }
    return words.get(row.actor_kind, row.actor_kind)


def _what(action: str) -> str:
    return str(registry().get(ChangeName, action).name) if registry().has(ChangeName, action) else action


def engine_choices() -> list[tuple[str, str]]:
    """``(slug, name)`` of the engines and modules that may have written something."""
    return [(slug, str(module.name) or slug) for slug, module in sorted(registry().modules.items())]
