"""Accounts of people: registration, invitation of staff, switching off and on, a person's own data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from miasto.kernel.accounts.events import PersonRegistered, RolesChanged
from miasto.kernel.accounts.models import Person
from miasto.kernel.accounts.rights import require
from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import changes, events, mail
from miasto.kernel.core.city import city

OWN_FIELDS = ("name", "phone", "language")


@transaction.atomic
def register_person(
    *, email: str, by: Viewer, name: str = "", password: str | None = None, language: str = "pl", confirmed: bool = True
) -> Person:
    """A new person; raises ``ValidationError`` for a wrong or taken address."""
    email = email.strip().lower()
    validate_email(email)
    if Person.objects.filter(email=email).exists():
        raise ValidationError({"email": _("Osoba z tym adresem e-mail ma już konto.")})
    person = Person.objects.create_user(email, password, name=name, language=language)
    EmailAddress.objects.create(user=person, email=email, verified=confirmed, primary=True)
    _record("accounts.person_registered", person.id, by)
    events.publish(PersonRegistered(person_id=person.id))
    return person


@transaction.atomic
def invite(*, email: str, name: str, by: Viewer, language: str = "pl") -> Person:
    """A staff account without a password, and a message with a link to set one. Roles are given separately."""
    require(by, "accounts.manage")
    person = register_person(email=email, name=name, by=by, language=language)
    send_invitation(person=person, by=by)
    return person


@transaction.atomic
def send_invitation(*, person: Person, by: Viewer) -> None:
    """Send the link to set a password (valid for ``PASSWORD_RESET_TIMEOUT`` seconds); a repeated one is another link."""
    require(by, "accounts.manage")
    if not person.is_active or person.erased_at:
        raise ValidationError(_("Konto jest wyłączone, więc nie można wysłać zaproszenia."))
    context = {
        "url": settings.BASE_URL + _password_address(person),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        "city": city(),
        "name": person.name,
    }
    with translation.override(person.language):
        mail.enqueue(
            to=person.email,
            subject=render_to_string("accounts/email/invitation.subject.txt", context),
            text=render_to_string("accounts/email/invitation.txt", context),
            about_id=person.id,
        )
    _record("accounts.person_invited", person.id, by)


def _password_address(person: Person) -> str:
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    key = default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})


@transaction.atomic
def deactivate(*, person: Person, by: Viewer) -> None:
    """Switch an account off: no log-in, open sessions end at once. Raises ``ValidationError`` for the last administrator."""
    from miasto.kernel.accounts.services import refuse_to_lose_last_admin

    require(by, "accounts.manage")
    refuse_to_lose_last_admin(person.id)
    _switch(person, False, by, "accounts.person_deactivated")


@transaction.atomic
def reactivate(*, person: Person, by: Viewer) -> None:
    """Switch an account on again; an erased one stays off."""
    require(by, "accounts.manage")
    if person.erased_at:
        raise ValidationError(_("To konto zostało usunięte na prośbę właściciela. Nie można go włączyć."))
    _switch(person, True, by, "accounts.person_reactivated")


def _switch(person: Person, active: bool, by: Viewer, action: str) -> None:
    if person.is_active == active:
        return
    person.is_active = active
    person.save(update_fields=["is_active"])
    _record(action, person.id, by)
    events.publish(RolesChanged(person_id=person.id))


@transaction.atomic
def update_own_data(*, person: Person, by: Viewer, **values: Any) -> Person:
    """Change a person's name, phone or language; only the person may (or the system)."""
    if by.person_id != person.id:
        require(by, "accounts.manage")
    changed = [name for name, value in values.items() if name in OWN_FIELDS and getattr(person, name) != value]
    for name in changed:
        setattr(person, name, values[name])
    person.clean_fields(exclude={field.name for field in Person._meta.fields} - set(OWN_FIELDS))
    if changed:
        person.save(update_fields=changed)
        _record("accounts.person_changed", person.id, by, fields=sorted(changed))
    return person


def _record(action: str, person_id: UUID, by: Viewer, **data: Any) -> None:
    changes.record(action=action, kind="accounts.person", object_id=person_id, actor=by.actor, data=data)
