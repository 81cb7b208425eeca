"""A person's power over their own data: all of it in one file, and erasure (GDPR art. 15, 17 and 20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import translation

from miasto.kernel.accounts.events import PersonErased
from miasto.kernel.accounts.models import Person, RoleGrant
from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import changes, clock, events, mail
from miasto.kernel.core.city import city
from miasto.kernel.core.models import Change, OutgoingMail
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import PersonalData

OWN = "accounts.person"
EXPIRED = "accounts.personal_expired"
UNCONFIRMED_DAYS = 30


def data_of(person_id: UUID) -> dict[str, Any]:
    """All that is held of a person, by declaration: ``{key: {"name", "retention", "rows"}}``."""
    return {
        spec.key: {"name": str(spec.name), "retention": str(spec.retention), "rows": spec.export(person_id)}
        for spec in registry().all(PersonalData)
    }


@transaction.atomic
def erase_person(*, person: Person, by: Viewer) -> dict[str, int]:
    """Overwrite all personal data of a person with tombstones; returns the number of rows by declaration.

    All or nothing, and only by the person or the system. The person's own row comes last, since the other declarations may
    look it up. The audit keeps the identifier only. A last message confirms it. Raises ``ValidationError`` for the last
    administrator.
    """
    from miasto.kernel.accounts.services import refuse_to_lose_last_admin

    if not by.system and by.person_id != person.id:
        raise PermissionDenied
    refuse_to_lose_last_admin(person.id)
    address, language = person.email, person.language
    specs = sorted(registry().all(PersonalData), key=lambda spec: spec.key == OWN)
    erased = {spec.key: spec.erase(person.id) for spec in specs}
    changes.record(action="accounts.person_erased", kind="accounts.person", object_id=person.id, actor=by.actor)
    events.publish(PersonErased(person_id=person.id))
    _say_goodbye(address, language)
    return erased


def expire(spec: PersonalData) -> int:
    """Run the declared end of the term; returns how many rows it anonymised. The audit keeps the key and the count."""
    if spec.expire is None:
        return 0
    count = spec.expire(clock.months_before(clock.now(), spec.months())) if spec.months else spec.expire()
    if count:
        object_id = uuid5(NAMESPACE_OID, spec.key)
        changes.record(
            action=EXPIRED,
            kind="accounts.personal_data",
            object_id=object_id,
            actor=changes.SYSTEM,
            data={"key": spec.key, "count": count},
        )
    return count


@dataclass(frozen=True)
class Holding:
    """One line of the register of personal data: the declaration, who declares it, what is due, what was done last."""

    spec: PersonalData
    owner: str
    due: int | None
    last_at: datetime | None
    last_count: int


def holdings(until: datetime) -> list[Holding]:
    """The register of personal data (GDPR art. 30): every declaration, with what will be anonymised up to ``until``."""
    runs: dict[str, Change] = {}
    for change in Change.objects.filter(action=EXPIRED).order_by("-id")[:500]:
        runs.setdefault(str(change.data.get("key")), change)
    made = []
    for spec in registry().all(PersonalData):
        last = runs.get(spec.key)
        owner = str(registry().modules[spec.key.split(".", 1)[0]].name)
        due = spec.due(until) if spec.due else None
        made.append(Holding(spec, owner, due, last.at if last else None, last.data["count"] if last else 0))
    return made


def _say_goodbye(address: str, language: str) -> None:
    context = {"city": city()}
    with translation.override(language):
        mail.enqueue(
            to=address,
            subject=render_to_string("accounts/email/erased.subject.txt", context),
            text=render_to_string("accounts/email/erased.txt", context),
        )


def export_person(person_id: UUID) -> list[dict[str, Any]]:
    """The account itself, its roles and the messages sent to it lately."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None or person.erased_at:
        return []
    grants = RoleGrant.objects.filter(person=person).select_related("unit")
    mails = OutgoingMail.objects.filter(to=person.email).order_by("queued_at")
    return [
        {
            "id": str(person.id),
            "email": person.email,
            "name": person.name,
            "phone": person.phone,
            "language": person.language,
            "joined": person.date_joined.isoformat(),
            "last_login": person.last_login.isoformat() if person.last_login else None,
            "roles": [{"role": grant.role, "unit": grant.unit.name if grant.unit else None} for grant in grants],
            "messages": [{"queued": row.queued_at.isoformat(), "subject": row.subject} for row in mails],
        }
    ]


def erase_own_row(person_id: UUID) -> int:
    """Turn a person's row into a tombstone; roles, second factors and queued messages go. 0 where it was done before."""
    from allauth.mfa.models import Authenticator

    person = Person.objects.select_for_update().filter(pk=person_id, erased_at=None).first()
    if person is None:
        return 0
    OutgoingMail.objects.filter(to=person.email).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    RoleGrant.objects.filter(person=person).delete()
    person.email = f"{person.id}@erased.invalid"
    person.name = person.phone = ""
    person.language = "pl"
    person.last_login = None
    person.is_active = False
    person.erased_at = clock.now()
    person.set_unusable_password()
    person.save()
    return 1


def forget_unconfirmed() -> int:
    """Erase accounts whose address nobody confirmed within ``UNCONFIRMED_DAYS``; returns how many."""
    before = clock.now() - timedelta(days=UNCONFIRMED_DAYS)
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    old = Person.objects.filter(~Exists(confirmed), erased_at=None, last_login=None, date_joined__lt=before)
    ids = list(old.values_list("id", flat=True))
    with transaction.atomic():
        for person_id in ids:
            erase_own_row(person_id)
            changes.record(action="accounts.person_erased", kind="accounts.person", object_id=person_id, actor=changes.SYSTEM)
    return len(ids)
