"""Keys of other people's programs: issuing, switching off, recognising, and what a program may."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.models import ApiKey, Unit
from miasto.kernel.accounts.viewer import Grants, Viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import ApiRight

PERMISSION = "accounts.api_keys"
PREFIX = "miasto_"
KIND = "accounts.api_key"
MOST_PER_HOUR = 100_000


def api_rights() -> list[ApiRight]:
    """What programs may be allowed, in the order in which it is shown."""
    return sorted(registry().all(ApiRight), key=lambda one: (one.order, one.key))


@transaction.atomic
def issue_key(
    *, name: str, rights: Sequence[str], per_hour: int = 100, unit: Unit | None = None, by: Viewer
) -> tuple[ApiKey, str]:
    """A new key and its plain value, which is stored nowhere. ``unit`` binds it to a unit and all below it.

    Raises ``ValidationError`` by field, ``PermissionDenied``.
    """
    _require(by)
    wrong = {}
    if not name.strip():
        wrong["name"] = _("Wpisz, czyj to program.")
    if not rights or set(rights) - {one.key for one in api_rights()}:
        wrong["rights"] = _("Wybierz, co wolno temu programowi.")
    if not 1 <= per_hour <= MOST_PER_HOUR:
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
        unit=unit,
        created_by_id=by.person_id,
    )
    _record("issued", key, by)
    return key, plain


@transaction.atomic
def switch_key(*, key_id: UUID, active: bool, by: Viewer) -> ApiKey:
    """Switch a key off, or on again. Raises ``ApiKey.DoesNotExist``, ``PermissionDenied``."""
    _require(by)
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.active != active:
        key.active = active
        key.save(update_fields=["active"])
        _record("switched_on" if active else "switched_off", key, by)
    return key


def recognise_key(plain: str) -> ApiKey | None:
    """The active key of that value; None for a wrong or switched-off one. Notes the day of its last use."""
    key = ApiKey.objects.filter(digest=_digest(plain), active=True).first() if plain else None
    if key is not None and key.used_on != clock.today():
        ApiKey.objects.filter(pk=key.pk).filter(~Q(used_on=clock.today()) | Q(used_on=None)).update(used_on=clock.today())
    return key


def all_keys(viewer: Viewer) -> QuerySet[ApiKey]:
    """The keys that a viewer may see: all or none."""
    return ApiKey.objects.select_related("created_by", "unit") if viewer.holds(PERMISSION) else ApiKey.objects.none()


def viewer_for_key(key: ApiKey) -> Viewer:
    """Who acts when a program uses its key: the permissions of its rights, in its unit and below or in the whole city."""
    known = [registry().get(ApiRight, one) for one in key.rights if registry().has(ApiRight, one)]
    scopes = frozenset(permission for right in known for permission in right.permissions)
    return Viewer(api_key=key.pk, scopes=scopes, grants=_grants((one.key for one in known if one.permissions), key.unit_id))


def _grants(rights: Iterable[str], unit_id: UUID | None) -> Grants:
    held = list(rights)
    if unit_id is None or not held:
        return frozenset((right, None) for right in held)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE under AS (
                   SELECT %s::uuid AS id UNION SELECT unit.id FROM under JOIN accounts_unit AS unit ON unit.parent_id = under.id
               ) SELECT id FROM under""",
            [unit_id],
        )
        units = [row[0] for row in cursor.fetchall()]
    return frozenset((right, unit) for right in held for unit in units)


def _digest(plain: str) -> str:
    """The value has 240 random bits, so a plain digest of it cannot be guessed back."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _require(by: Viewer) -> None:
    if not by.holds(PERMISSION):
        raise PermissionDenied(PERMISSION)


def _record(action: str, key: ApiKey, by: Viewer) -> None:
    data = {"name": key.name, "rights": key.rights, "per_hour": key.per_hour}
    changes.record(action=f"accounts.key_{action}", kind=KIND, object_id=key.pk, actor=by.actor, unit_id=key.unit_id, data=data)
