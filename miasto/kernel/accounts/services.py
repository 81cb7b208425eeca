"""Everything that changes people, roles, units and secret links: one call = change + audit + event."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts import links
from miasto.kernel.accounts.api_keys import issue_key, recognise_key, switch_key
from miasto.kernel.accounts.bulk import import_people
from miasto.kernel.accounts.events import RolesChanged, UnitChanged
from miasto.kernel.accounts.models import Person, RoleGrant, SecretLink, Unit
from miasto.kernel.accounts.people import deactivate, invite, reactivate, register_person, update_own_data
from miasto.kernel.accounts.personal import data_of, erase_person
from miasto.kernel.accounts.profile import sync_profile
from miasto.kernel.accounts.rights import may, require
from miasto.kernel.accounts.selectors import valid_grants
from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import Role

__all__ = [
    "data_of",
    "deactivate",
    "erase_person",
    "grant_role",
    "import_people",
    "invite",
    "issue_key",
    "make_link",
    "may",
    "open_link",
    "reactivate",
    "recognise_key",
    "register_person",
    "require",
    "revoke_link",
    "revoke_links",
    "revoke_role",
    "switch_key",
    "sync_profile",
    "update_own_data",
    "update_unit",
]
ADMIN = "accounts.admin"
MANAGE = "accounts.manage"


@transaction.atomic(savepoint=False)
def make_link(*, object_id: UUID, purpose: str, by: Viewer, expires_at: datetime | None = None) -> str:
    """A new secret link to an object; returns the token, which exists nowhere else from now on."""
    token = links.new_token()
    link = SecretLink.objects.create(digest=links.digest(token), object_id=object_id, purpose=purpose, expires_at=expires_at)
    _record_link("accounts.link_made", link, by)
    return token


def open_link(token: str) -> SecretLink | None:
    """The link of a token, or None where it is wrong, revoked or out of date."""
    return links.find(token)


@transaction.atomic
def revoke_link(*, link_id: UUID, by: Viewer) -> bool:
    """Make one link unusable at once, also where it is open already; False where it was."""
    link = SecretLink.objects.select_for_update().filter(pk=link_id, revoked=False).first()
    if link is None:
        return False
    link.revoked = True
    link.save(update_fields=["revoked"])
    _record_link("accounts.link_revoked", link, by)
    return True


@transaction.atomic
def revoke_links(*, object_id: UUID, purpose: str, by: Viewer) -> int:
    """Make every link of a purpose to an object unusable; returns how many were usable before."""
    ids = SecretLink.objects.filter(object_id=object_id, purpose=purpose, revoked=False).values_list("id", flat=True)
    return sum(revoke_link(link_id=link_id, by=by) for link_id in list(ids))


def _record_link(action: str, link: SecretLink, by: Viewer) -> None:
    changes.record(
        action=action,
        kind="accounts.link",
        object_id=link.object_id,
        actor=by.actor,
        data={"link": str(link.id), "purpose": link.purpose},
    )


@transaction.atomic
def grant_role(
    *,
    person: Person,
    role: str,
    unit: Unit | None,
    by: Viewer,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> RoleGrant:
    """Give a role in a unit (None: the whole city) between two local dates; one that is held already gets these dates.

    Raises ``PermissionDenied``, and ``ValidationError`` for an unknown role, a wrong scope or dates the wrong way round.
    """
    require(by, MANAGE)
    _check_role(role, unit, valid_from, valid_to)
    Person.objects.select_for_update().get(pk=person.pk)
    held = RoleGrant.objects.filter(person=person, role=role, unit=unit).exclude(valid_to__lt=clock.today()).first()
    grant = held or RoleGrant(person=person, role=role, unit=unit)
    grant.valid_from, grant.valid_to = valid_from, valid_to
    grant.save()
    _record_role("accounts.role_granted", grant, by)
    return grant


def _check_role(role: str, unit: Unit | None, valid_from: date | None, valid_to: date | None) -> None:
    if not registry().has(Role, role):
        raise ValidationError({"role": _("Nie ma takiej roli.")})
    citywide = registry().get(Role, role).citywide
    if citywide and unit is not None:
        raise ValidationError({"unit": _("Ta rola obejmuje całe miasto. Nie wybieraj jednostki.")})
    if not citywide and unit is None:
        raise ValidationError({"unit": _("Wybierz jednostkę, w której osoba ma pełnić tę rolę.")})
    if valid_from and valid_to and valid_to < valid_from:
        raise ValidationError({"valid_to": _("Data końca nie może być wcześniejsza niż data początku.")})


@transaction.atomic
def revoke_role(*, grant: RoleGrant, by: Viewer) -> None:
    """Take a role away at once; its row ends yesterday and stays. Raises ``ValidationError`` for the last administrator."""
    require(by, MANAGE)
    if grant.role == ADMIN:
        refuse_to_lose_last_admin(grant.person_id)
    grant.valid_to = clock.today() - timedelta(days=1)
    grant.save(update_fields=["valid_to"])
    _record_role("accounts.role_revoked", grant, by)


def refuse_to_lose_last_admin(person_id: UUID) -> None:
    """Raises ``ValidationError`` where nobody else administers accounts. Locks the grants against a parallel removal."""
    admins = valid_grants().filter(role=ADMIN).select_for_update().values_list("person_id", flat=True)
    others = Person.objects.filter(pk__in=set(admins) - {person_id}, is_active=True)
    if person_id in set(admins) and not others.exists():
        raise ValidationError(_("To jedyna osoba, która zarządza kontami. Najpierw nadaj tę rolę komuś innemu."))


def _record_role(action: str, grant: RoleGrant, by: Viewer) -> None:
    changes.record(
        action=action,
        kind="accounts.person",
        object_id=grant.person_id,
        actor=by.actor,
        unit_id=grant.unit_id,
        data={
            "role": grant.role,
            "valid_from": grant.valid_from.isoformat() if grant.valid_from else None,
            "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
        },
    )
    events.publish(RolesChanged(person_id=grant.person_id))


UNIT_FIELDS = ("name", "short_name", "email", "phone", "valid_from", "valid_to")


@transaction.atomic
def update_unit(*, unit: Unit, by: Viewer, **values: Any) -> Unit:
    """Change a unit's ``UNIT_FIELDS``; raises ``ValidationError`` for wrong values."""
    require(by, MANAGE)
    changed = [name for name, value in values.items() if name in UNIT_FIELDS and getattr(unit, name) != value]
    for name in changed:
        setattr(unit, name, values[name])
    if unit.valid_from and unit.valid_to and unit.valid_to < unit.valid_from:
        raise ValidationError({"valid_to": _("Data końca nie może być wcześniejsza niż data początku.")})
    unit.full_clean(exclude=["organisation", "parent"])
    if changed:
        unit.save(update_fields=changed)
        changes.record(
            action="accounts.unit_changed",
            kind="accounts.unit",
            object_id=unit.id,
            actor=by.actor,
            unit_id=unit.id,
            data={"fields": sorted(changed)},
        )
        events.publish(UnitChanged(unit_id=unit.id))
    return unit
