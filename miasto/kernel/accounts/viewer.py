"""Who looks or acts: a frozen value made once for each request, job or test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.core.changes import Actor
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import ApiRight, Role
from miasto.kernel.spec.accounts import RoleGrant as RoleGrantSpec

Grants = frozenset[tuple[str, UUID | None]]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person or nobody in particular, with all that decides what may be seen and done.

    ``grants`` holds (role key, unit) with every unit below the granted one; None stands for the whole city. ``links`` are
    objects opened by a secret link, ``link_ids`` the links themselves as (object, link). ``withheld`` are roles that the
    person has but that sleep until a second factor is set up. ``api_key`` is the key of a program that acts for people whom
    it knows, or for itself: then ``scopes`` are the permissions that its rights give. ``system`` may do everything.
    """

    person_id: UUID | None = None
    organisation_id: UUID | None = None
    grants: Grants = frozenset()
    links: frozenset[UUID] = frozenset()
    scopes: frozenset[str] = frozenset()
    system: bool = False
    link_ids: tuple[tuple[UUID, UUID], ...] = ()
    withheld: frozenset[str] = frozenset()
    api_key: UUID | None = None

    @property
    def is_anonymous(self) -> bool:
        """Nobody is logged in (a holder of a secret link is anonymous too)."""
        return self.person_id is None and not self.system

    @property
    def is_staff(self) -> bool:
        """Whether any role is held."""
        return bool(self.grants) or self.system

    def holds(self, permission: str) -> bool:
        """Whether a role allows the action in any unit at all."""
        return self.system or any(permission in permissions_of(role) for role, _unit in self.grants)

    def units_with(self, permission: str) -> frozenset[UUID] | None:
        """The units in which the action is allowed; None means every unit, and things that belong to none."""
        if self.system:
            return None
        units = {unit for role, unit in self.grants if permission in permissions_of(role)}
        return None if None in units else frozenset(unit for unit in units if unit is not None)

    @property
    def actor(self) -> Actor:
        """Who the audit names: the person or program, else the one secret link that is open, else nobody."""
        if self.system:
            return Actor("system")
        if self.api_key is not None:
            return Actor("api", self.api_key)
        if self.person_id is not None:
            return Actor("person", self.person_id)
        if self.links:
            return Actor("link", self.link_ids[0][1] if len(self.link_ids) == 1 else None)
        return Actor("anonymous")

    def actor_for(self, object_id: UUID) -> Actor:
        """As ``actor``, but with the secret link that opened this very object."""
        if self.person_id is None and self.api_key is None and object_id in self.links:
            return Actor("link", dict(self.link_ids).get(object_id))
        return self.actor


ANONYMOUS = Viewer()
SYSTEM = Viewer(system=True)


@lru_cache(maxsize=256)
def permissions_of(role: str) -> frozenset[str]:
    """What a role allows: its own permissions and those that modules add; nothing where its module is switched off.

    A right of a program's key is held as a role is.
    """
    known = registry()
    if known.has(ApiRight, role):
        return frozenset(known.get(ApiRight, role).permissions)
    if not known.has(Role, role):
        return frozenset()
    added = [key for grant in known.all(RoleGrantSpec) if grant.role == role for key in grant.permissions]
    return frozenset([*known.get(Role, role).permissions, *added])


def roles_with(permission: str) -> list[str]:
    """The keys of the roles that allow an action."""
    return [role.key for role in registry().all(Role) if permission in permissions_of(role.key)]


_GRANTS = """
WITH RECURSIVE held AS (
    SELECT role_grant.role, role_grant.unit_id
    FROM accounts_rolegrant AS role_grant JOIN accounts_person AS person ON person.id = role_grant.person_id
    WHERE role_grant.person_id = %(person)s AND person.is_active
      AND (role_grant.valid_from IS NULL OR role_grant.valid_from <= %(day)s)
      AND (role_grant.valid_to IS NULL OR role_grant.valid_to >= %(day)s)
    UNION
    SELECT held.role, unit.id FROM held JOIN accounts_unit AS unit ON unit.parent_id = held.unit_id
)
SELECT role, unit_id FROM held"""


def grants_of(person_id: UUID, day: date | None = None) -> Grants:
    """The roles of a person on a local date (default today) with the units below each; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS, {"person": person_id, "day": day or clock.today()})
        return frozenset((role, unit) for role, unit in cursor.fetchall())


def with_links(viewer: Viewer, opened: Iterable[tuple[UUID, UUID]]) -> Viewer:
    """The same viewer holding also the (object, link) pairs ``opened``."""
    pairs = tuple(sorted(opened))
    return replace(viewer, links=frozenset(object_id for object_id, _link in pairs), link_ids=pairs)
