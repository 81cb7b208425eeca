"""Factories for tests."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress

from miasto.kernel.accounts.models import Competence, Organisation, Person, RoleGrant, Unit
from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.viewer import Viewer

_numbers = count(1)
PASSWORD = "sekretne-haslo-testowe-1"  # noqa: S105 - of tests only


def make_person(*, email: str = "", password: str | None = None, confirmed: bool = True, **fields: Any) -> Person:
    """A person with a confirmed address; with ``password`` (for example ``PASSWORD``) one who can log in by it."""
    number = next(_numbers)
    fields.setdefault("name", f"Osoba {number}")
    person = Person.objects.create_user(email or f"osoba{number}@przyklad.pl", password, **fields)
    EmailAddress.objects.create(user=person, email=person.email, verified=confirmed, primary=True)
    return person


def make_organisation(*, slug: str = "", **fields: Any) -> Organisation:
    """An organisation; by default a city hall."""
    number = next(_numbers)
    fields.setdefault("kind", Organisation.Kind.CITY)
    return Organisation.objects.create(
        slug=slug or f"organizacja-{number}", name=fields.pop("name", f"Urząd {number}"), **fields
    )


def make_unit(*, slug: str = "", organisation: Organisation | None = None, **fields: Any) -> Unit:
    """A unit; in its parent's organisation, or in a new one."""
    number = next(_numbers)
    parent = fields.get("parent")
    owner = organisation or (parent.organisation if parent else make_organisation())
    return Unit.objects.create(
        slug=slug or f"jednostka-{number}", name=fields.pop("name", f"Wydział {number}"), organisation=owner, **fields
    )


def give_competence(unit: Unit, key: str) -> Unit:
    """The unit answers for a matter, from ever and for ever."""
    Competence.objects.create(key=key, unit=unit)
    return unit


def make_staff(role: str, unit: Unit | None = None, **person: Any) -> Person:
    """A person with a role in a unit (None: in the whole city)."""
    made = make_person(**person)
    RoleGrant.objects.create(person=made, role=role, unit=unit)
    return made


def make_viewer(roles: Mapping[str, Unit | None] | None = None, **person: Any) -> Viewer:
    """The viewer of a new person with roles: ``make_viewer(roles={"cases.clerk": unit})``."""
    made = make_person(**person)
    for role, unit in (roles or {}).items():
        RoleGrant.objects.create(person=made, role=role, unit=unit)
    return viewer_for_person(made.id)
