"""People in bulk: the demo city and migration from old systems. No invitations, no events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from miasto.kernel.accounts.models import Person, RoleGrant, Unit
from miasto.kernel.core import changes, clock


@transaction.atomic
def import_people(rows: Iterable[Mapping[str, Any]]) -> list[Person]:
    """People with confirmed addresses and their roles, in a few queries; returned in the order of the rows.

    A row holds ``email`` and optionally ``name``, ``phone``, ``language``, ``password`` (plain; hashed once for equal ones),
    ``date_joined`` and ``roles`` = ``[(role key, Unit | None)]``. Somebody whose address is known already is left unchanged.
    """
    wanted = [{**row, "email": row["email"].strip().lower()} for row in rows]
    known = {person.email: person for person in Person.objects.filter(email__in=[row["email"] for row in wanted])}
    hashes: dict[str | None, str] = {}
    made: list[Person] = []
    grants: list[RoleGrant] = []
    for row in wanted:
        if row["email"] in known:
            continue
        person = known[row["email"]] = _person(row, hashes)
        made.append(person)
        grants.extend(_grant(person, role, unit) for role, unit in row.get("roles", ()))
    Person.objects.bulk_create(made, batch_size=1000)
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in made], batch_size=1000
    )
    RoleGrant.objects.bulk_create(grants, batch_size=1000)
    for person in made:
        if any(grant.person_id == person.id for grant in grants):
            changes.record(action="accounts.person_imported", kind="accounts.person", object_id=person.id, actor=changes.SYSTEM)
    return [known[row["email"]] for row in wanted]


def _person(row: Mapping[str, Any], hashes: dict[str | None, str]) -> Person:
    password = row.get("password")
    if password not in hashes:
        hashes[password] = make_password(password)
    return Person(
        email=row["email"],
        name=row.get("name", ""),
        phone=row.get("phone", ""),
        language=row.get("language", "pl"),
        password=hashes[password],
        date_joined=row.get("date_joined") or clock.now(),
    )


def _grant(person: Person, role: str, unit: Unit | None) -> RoleGrant:
    return RoleGrant(person=person, role=role, unit=unit)
