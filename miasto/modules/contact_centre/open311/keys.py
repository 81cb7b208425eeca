"""Keys of programs: issuing, switching off, recognising."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import changes, clock
from miasto.modules.contact_centre.open311.models import ApiKey

PERMISSION = "contact_centre.api_keys"
PREFIX = "miasto_"
KIND = "contact_centre.api_key"


@transaction.atomic
def issue(*, name: str, rights: Sequence[str], per_hour: int = 100, by: Viewer) -> tuple[ApiKey, str]:
    """A new key and its plain value, which is stored nowhere. Raises ``ValidationError`` by field, ``PermissionDenied``."""
    _require(by)
    wrong = {}
    if not name.strip():
        wrong["name"] = _("Wpisz, czyj to program.")
    if not rights or set(rights) - set(ApiKey.Right.values):
        wrong["rights"] = _("Wybierz, co wolno temu programowi.")
    if not 1 <= per_hour <= 100_000:
        wrong["per_hour"] = _("Wpisz liczbę od 1 do 100 000.")
    if wrong:
        raise ValidationError(wrong)
    plain = PREFIX + secrets.token_urlsafe(30)
    key = ApiKey.objects.create(
        name=name.strip()[:120],
        digest=_digest(plain),
        start=plain[len(PREFIX) :][:5],
        rights=sorted(set(rights)),
        per_hour=per_hour,
        created_by_id=by.person_id,
    )
    _record("issued", key, by)
    return key, plain


@transaction.atomic
def switch(*, key_id: UUID, active: bool, by: Viewer) -> ApiKey:
    """Switch a key off, or on again. Raises ``ApiKey.DoesNotExist``, ``PermissionDenied``."""
    _require(by)
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.active != active:
        key.active = active
        key.save(update_fields=["active"])
        _record("switched_on" if active else "switched_off", key, by)
    return key


def recognise(plain: str) -> ApiKey | None:
    """The active key of that value; None for a wrong or switched-off one. Notes the day of its last use."""
    key = ApiKey.objects.filter(digest=_digest(plain), active=True).first() if plain else None
    if key is not None and key.used_on != clock.today():
        ApiKey.objects.filter(pk=key.pk).filter(~Q(used_on=clock.today()) | Q(used_on=None)).update(used_on=clock.today())
    return key


def all_keys(viewer: Viewer) -> QuerySet[ApiKey]:
    """The keys that a viewer may see: all or none."""
    return ApiKey.objects.select_related("created_by") if viewer.holds(PERMISSION) else ApiKey.objects.none()


def viewer_of(key: ApiKey, *cases: UUID) -> Viewer:
    """Who acts when a program files a report, or adds to those that it filed."""
    return Viewer(api_key=key.pk, links=frozenset(cases))


def _digest(plain: str) -> str:
    """The value has 240 random bits, so a plain digest of it cannot be guessed back."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _require(by: Viewer) -> None:
    if not by.holds(PERMISSION):
        raise PermissionDenied(PERMISSION)


def _record(action: str, key: ApiKey, by: Viewer) -> None:
    data = {"name": key.name, "rights": key.rights, "per_hour": key.per_hour}
    changes.record(action=f"contact_centre.key_{action}", kind=KIND, object_id=key.pk, actor=by.actor, data=data)
