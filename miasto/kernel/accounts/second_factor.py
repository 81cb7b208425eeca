"""Secrets of the second factor at rest: whoever reads the database or a backup computes no codes. Removal for who lost it."""

from __future__ import annotations

import base64
import logging
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.accounts.events import RolesChanged
from miasto.kernel.accounts.models import Person
from miasto.kernel.accounts.rights import require
from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import changes, events, mail
from miasto.kernel.core.city import city
from miasto.kernel.core.sealed import MARK, Sealer, Unreadable, lasting

SEALER = Sealer("miasto.accounts.second_factor")
logger = logging.getLogger(__name__)


def encrypt(text: str) -> str:
    """The text under the present key."""
    return SEALER.seal(text)


def decrypt(stored: str) -> str:
    """What ``encrypt`` was given; a text from before there was encryption comes back as it is.

    Where no key opens it, the answer is a new random secret: no code fits, and nobody gets in.
    """
    if not stored.startswith(MARK):
        return stored
    try:
        return SEALER.unseal(stored)
    except Unreadable:
        logger.error("a second factor was encrypted with another MIASTO_SECRET_KEY; name that in MIASTO_SECRET_KEY_FALLBACKS")
        return base64.b32encode(secrets.token_bytes(20)).decode()


@transaction.atomic
def renew() -> int:
    """Encrypt what is plain or under a former key with the present one; returns how many rows changed.

    Run at each ``prepare``, so the rows from before this version and a change of the key need nothing else. Nothing is done
    without a lasting key: a key that ends with this process would lock everybody out.
    """
    from allauth.mfa.models import Authenticator

    if not lasting():
        return 0
    changed = 0
    for row in Authenticator.objects.select_for_update().order_by("pk"):
        fresh = {name: _renewed(value) if name in ("secret", "seed") else value for name, value in row.data.items()}
        if fresh != row.data:
            row.data = fresh
            row.save(update_fields=["data"])
            changed += 1
    return changed


class Proof(models.TextChoices):
    """How the administrator made sure that it is the account's owner who lost the second factor."""

    DOCUMENT = "document", gettext_lazy("okazanie dokumentu tożsamości")
    VIDEO = "video", gettext_lazy("rozmowa wideo z osobą, którą administrator zna")
    SUPERIOR = "superior", gettext_lazy("potwierdzenie przełożonego na piśmie")


@transaction.atomic
def remove(*, person: Person, proof: str, by: Viewer) -> None:
    """Remove the application and the recovery codes of somebody who lost both, and tell the person.

    The password is still asked for; roles that need a second factor sleep at once, in open sessions too, until the person sets
    up a new one. Raises
    ``ValidationError`` for one's own account (that has its own page), for an unknown proof and where there is nothing.
    """
    from allauth.mfa.models import Authenticator

    require(by, "accounts.manage")
    if by.person_id == person.id:
        raise ValidationError(_("Swoje logowanie dwuskładnikowe zmienisz w ustawieniach własnego konta."))
    if proof not in Proof.values:
        raise ValidationError(_("Zaznacz, jak potwierdzono tożsamość tej osoby."))
    if not Authenticator.objects.filter(user_id=person.id).delete()[0]:
        raise ValidationError(_("Ta osoba nie ma włączonego logowania dwuskładnikowego."))
    _tell(person)
    changes.record(
        action="accounts.second_factor_removed",
        kind="accounts.person",
        object_id=person.id,
        actor=by.actor,
        data={"proof": proof},
    )
    events.publish(RolesChanged(person_id=person.id))


def _tell(person: Person) -> None:
    context = {"city": city(), "name": person.name, "url": settings.BASE_URL + reverse("mfa_activate_totp")}
    with translation.override(person.language):
        mail.enqueue(
            to=person.email,
            subject=render_to_string("accounts/email/second_factor_removed.subject.txt", context),
            text=render_to_string("accounts/email/second_factor_removed.txt", context),
            about_id=person.id,
        )


def _renewed(stored: str) -> str:
    return SEALER.renewed(stored) if stored.startswith(MARK) else encrypt(stored)
