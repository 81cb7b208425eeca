"""Who is who to a case: staff of its unit, the one who filed it, or the public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

SEE = "cases.see_unit"
STAFF_PERMISSIONS = (SEE, "cases.handle", "cases.assign", "cases.moderate", "cases.comment", "cases.supervise")


def visible(viewer: Any) -> Q:
    """The condition of ``Case.objects.visible_to``."""
    if viewer.system:
        return Q()
    seen = Q(public=True) | own(viewer)
    units = viewer.units_with(SEE)
    if units is None:
        return Q()
    return seen | Q(unit_id__in=units) if units else seen


def own(viewer: Any) -> Q:
    """The cases that the viewer filed: by account, or opened by a secret link."""
    mine = Q(pk__in=[])
    if viewer.person_id:
        mine |= Q(filer_person_id=viewer.person_id)
    if viewer.links:
        mine |= Q(pk__in=viewer.links)
    return mine


def is_filer(viewer: Any, case: Any) -> bool:
    """Whether the viewer filed this case, or holds its secret link."""
    return case.pk in viewer.links or (viewer.person_id is not None and case.filer_person_id == viewer.person_id)


def holds(viewer: Any, permission: str, unit_id: Any) -> bool:
    """Whether the viewer has a permission in a unit; asks no database."""
    if viewer.system:
        return True
    units = viewer.units_with(permission)
    return units is None or unit_id in units


@dataclass(frozen=True, slots=True)
class Standing:
    """What a viewer is to one case. ``may`` holds the staff permissions that the viewer has in the case's unit."""

    filer: bool
    staff: bool
    may: frozenset[str]


def standing(viewer: Any, case: Any) -> Standing:
    """The viewer's standing to a case; asks no database."""
    held = frozenset(name for name in STAFF_PERMISSIONS if holds(viewer, name, case.unit_id))
    return Standing(filer=is_filer(viewer, case), staff=SEE in held, may=held)
