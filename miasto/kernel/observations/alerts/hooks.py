"""Partners' servers that are told of alerts and of new readings: adding and switching."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.core import changes
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alerts import noting
from miasto.kernel.observations.alerts.telling import SECRETS
from miasto.kernel.observations.models import AlertHook

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

KIND = "observations.alert_hook"


def hooks_of(viewer: Viewer) -> QuerySet[AlertHook]:
    """The partners of the units in which the viewer handles alerts, by name."""
    if not viewer.holds(ALERTS):
        return AlertHook.objects.none()
    units = viewer.units_with(ALERTS)
    found = AlertHook.objects.all() if units is None else AlertHook.objects.filter(unit_id__in=units)
    return found.select_related("unit").order_by("-active", "name")


@transaction.atomic
def add_hook(
    *,
    name: str,
    url: str,
    least: int,
    unit: Any,
    by: Viewer,
    alerts: bool = True,
    readings: bool = False,
    kinds: Sequence[str] = (),
    codes: Sequence[str] = (),
) -> tuple[AlertHook, str]:
    """A new partner and the secret by which it checks the signature; it is shown once and kept sealed.

    It gets alerts of at least the weight ``least``, new readings (of things of these ``kinds`` and properties with these
    ``codes``; none: of all), or both.

    Raises ``ValidationError`` by field, ``PermissionDenied`` where the viewer handles no alerts in the unit.
    """
    units = by.units_with(ALERTS)
    if not by.holds(ALERTS) or (units is not None and (unit is None or unit.pk not in units)):
        raise PermissionDenied
    wrong = {}
    if not name.strip():
        wrong["name"] = _("Wpisz, czyj to serwer.")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        wrong["url"] = _("Wpisz adres zaczynający się od https:// albo http://, bez hasła w adresie.")
    if not (alerts or readings):
        wrong["wants"] = _("Zaznacz, co wysyłać.")
    if wrong:
        raise ValidationError(wrong)
    secret = secrets.token_urlsafe(32)
    hook = AlertHook.objects.create(
        name=name.strip()[:120],
        url=url,
        secret=SECRETS.seal(secret),
        least=least,
        unit=unit,
        alerts=alerts,
        readings=readings,
        kinds=list(kinds) if readings else [],
        codes=list(codes) if readings else [],
    )
    _record("alert_hook_added", hook, by)
    return hook, secret


@transaction.atomic
def switch_hook(*, hook_id: UUID, active: bool, by: Viewer) -> AlertHook:
    """Stop telling a partner, or tell it again. Raises ``PermissionDenied`` for one that the viewer does not look after."""
    hook = hooks_of(by).select_for_update(of=("self",)).filter(pk=hook_id).first()
    if hook is None:
        raise PermissionDenied
    if hook.active != active:
        hook.active = active
        hook.failures = hook.readings_failures = 0
        hook.readings_next_at = None
        hook.save(update_fields=["active", "failures", "readings_failures", "readings_next_at"])
        noting.hurry(hook.pk)
        _record("alert_hook_on" if active else "alert_hook_off", hook, by)
    return hook


def _record(action: str, hook: AlertHook, by: Viewer) -> None:
    changes.record(action=f"observations.{action}", kind=KIND, object_id=hook.pk, actor=by.actor, unit_id=hook.unit_id)
