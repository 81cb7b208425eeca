"""What others may ask about people, units and rights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from miasto.kernel.accounts import links, security
from miasto.kernel.accounts.api_keys import all_keys, api_rights, viewer_for_key
from miasto.kernel.accounts.models import Competence, Organisation, Person, RoleGrant, SecretLink, Unit
from miasto.kernel.accounts.rights import may, require
from miasto.kernel.accounts.viewer import ANONYMOUS, SYSTEM, Viewer, grants_of, roles_with, with_links
from miasto.kernel.core import clock
from miasto.kernel.ui.kept import kept

__all__ = ["ANONYMOUS", "SYSTEM", "Viewer", "all_keys", "api_rights", "may", "require", "viewer_for_key"]


def viewer_for_person(person_id: UUID) -> Viewer:
    """The viewer that a person is today, without secret links; one query. An unknown or inactive person holds nothing."""
    return security.put_to_sleep(Viewer(person_id=person_id, grants=grants_of(person_id)))


def viewer_for_request(request: HttpRequest) -> Viewer:
    """The viewer of a request: its person and the secret links opened in its session.

    No query without a session cookie; otherwise the session, the person, the roles, and the links if any were opened.
    """
    person = request.user
    viewer = viewer_for_person(person.pk) if person.is_authenticated else ANONYMOUS
    opened = links.opened_in(request.session)
    return with_links(viewer, links.still_valid(opened)) if opened else viewer


def link_purposes(ids: Iterable[UUID]) -> list[str]:
    """The purposes of those of the links that may still be used; one query."""
    return list(SecretLink.objects.filter(links.usable(), id__in=list(ids)).values_list("purpose", flat=True))


def current_units(on: date | None = None) -> QuerySet[Unit]:
    """Units valid on a local date (default today)."""
    day = on or clock.today()
    return Unit.objects.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


def unit_for(competence: str, on: date | None = None) -> Unit:
    """The unit that answers for a matter on a local date (default today); raises ``LookupError`` where none does."""
    day = on or clock.today()
    found = [one for one in _competences(competence) if (one.since or day) <= day <= (one.until or day)]
    if not found:
        raise LookupError(f"no unit has the competence {competence!r} on {day}")
    return found[0].unit


def _competences(key: str) -> list[Competence]:
    """Who has had a competence, the latest first; one query, none where a web process keeps them."""
    found = Competence.objects.filter(key=key).select_related("unit").order_by("-since", "-id")
    return kept("accounts.competences", key, lambda: list(found))


def unit_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names by unit; unknown identifiers are left out. One query, none for no identifiers."""
    wanted = {unit_id for unit_id in ids if unit_id is not None}
    return dict(Unit.objects.filter(id__in=wanted).values_list("id", "name")) if wanted else {}


def _units_above(ids: Iterable[UUID]) -> set[UUID]:
    parents = dict(Unit.objects.values_list("id", "parent_id"))
    found: set[UUID] = set()
    for unit_id in ids:
        step: UUID | None = unit_id
        while step is not None and step not in found:
            found.add(step)
            step = parents.get(step)
    return found


def valid_grants(on: date | None = None) -> QuerySet[RoleGrant]:
    """Grants valid on a local date (default today)."""
    day = on or clock.today()
    return RoleGrant.objects.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


def people_in(unit_ids: Iterable[UUID] | None, permission: str) -> QuerySet[Person]:
    """Active people who hold a permission in any of the units by a role there or above; None: in any unit. Ordered by name.

    Holders of a citywide role are left out unless ``unit_ids`` is None: they look after the whole city, not this unit.
    """
    grants = valid_grants().filter(person=OuterRef("pk"), role__in=roles_with(permission))
    if unit_ids is not None:
        grants = grants.filter(unit__in=_units_above(unit_ids))
    return Person.objects.filter(Exists(grants), is_active=True).order_by("name", "id")


def people_at(unit_id: UUID, permission: str) -> QuerySet[Person]:
    """As ``people_in``, but only those who hold the permission by a role in this very unit, not in one above it."""
    grants = valid_grants().filter(person=OuterRef("pk"), role__in=roles_with(permission), unit=unit_id)
    return Person.objects.filter(Exists(grants), is_active=True).order_by("name", "id")


def units_up(unit_id: UUID) -> list[UUID]:
    """A unit and those above it, the nearest first; one query."""
    parents, found, step = dict(Unit.objects.values_list("id", "parent_id")), [], unit_id
    while step is not None and step not in found:
        found.append(step)
        step = parents.get(step)
    return found


def display_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names by person for staff pages; one query, none for no identifiers."""
    wanted = {person_id for person_id in ids if person_id is not None}
    if not wanted:
        return {}
    rows = Person.objects.filter(id__in=wanted).values_list("id", "name", "erased_at")
    return {pk: _("konto usunięte") if erased else name or _("osoba bez podanego nazwiska") for pk, name, erased in rows}


def contact_of(person_id: UUID) -> dict[str, Any] | None:
    """Address, name and language of an active person, for sending messages; None where there is none."""
    return (
        Person.objects.filter(pk=person_id, is_active=True, erased_at=None)
        .values("id", "email", "name", "phone", "language")
        .first()
    )


def contacts_of(ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """As ``contact_of`` for many people; one query."""
    rows = Person.objects.filter(pk__in=set(ids), is_active=True, erased_at=None)
    return {row["id"]: row for row in rows.values("id", "email", "name", "phone", "language")}


def confirmed_emails(person_id: UUID) -> list[str]:
    """The addresses that the owner of an account has confirmed; one query."""
    from allauth.account.models import EmailAddress

    found = EmailAddress.objects.filter(user=person_id, verified=True, user__is_active=True)
    return list(found.values_list("email", flat=True))


def organisations() -> QuerySet[Organisation]:
    """All organisations, by name."""
    return Organisation.objects.order_by("name")
