"""Names that are published with a case because their owners agreed (act of 11 July 2014 on petitions, art. 4 sec. 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import writing
from miasto.kernel.cases.access import standing
from miasto.kernel.cases.models import Case, CaseParty
from miasto.kernel.cases.parties import CO_FILER, is_first_filer

SIGNED = ("filer", CO_FILER)


@dataclass(frozen=True, slots=True)
class Named:
    """One who filed, for staff and the filer: ``agreed`` tells whether the name is published, ``first`` whether they filed."""

    id: int
    name: str
    agreed: bool
    first: bool


def published_names(case_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The names that may be published of each case, the filer's first; one query. An erased name is empty and so left out."""
    rows = _signed().filter(case__in=list(case_ids), name_public=True).exclude(name="")
    found: dict[UUID, list[str]] = {}
    for case_id, name in rows.values_list("case_id", "name"):
        found.setdefault(case_id, []).append(name)
    return found


def names_of(case: Case, viewer: Viewer) -> list[Named]:
    """Who filed a case, the filer first, for those who lead it (staff, the filer); empty for everybody else."""
    if not (standing(viewer, case).staff or is_first_filer(case, viewer)):
        return []
    return [Named(row.pk, row.name, row.name_public, row.role != CO_FILER) for row in _signed().filter(case=case)]


@transaction.atomic
def agree_to_name(*, case: Case, party_id: int, agreed: bool, by: Viewer) -> bool:
    """Note that a party agrees, or no longer agrees, that the name is published. False where nothing changed.

    The filer decides on their own name; staff with ``cases.handle`` write down what a letter says. Raises ``PermissionDenied``.
    """
    locked = writing.lock(case, None)
    party = _signed().filter(case=locked, pk=party_id).first()
    own = party is not None and party.role != CO_FILER and is_first_filer(locked, by)
    if not own and "cases.handle" not in standing(by, locked).may:
        raise PermissionDenied("cases.handle")
    if party is None or party.name_public == agreed:
        return False
    party.name_public = agreed
    party.save(update_fields=["name_public"])
    writing.save(locked)
    writing.record("name_public", locked, by, party=party.pk, agreed=agreed)
    return True


def _signed():  # type: ignore[no-untyped-def]
    found = CaseParty.objects.filter(role__in=SIGNED, state=CaseParty.State.CONFIRMED)
    return found.order_by("-role", "id")
