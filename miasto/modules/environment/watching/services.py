"""Asking to be told of a threshold at an address. Confirming and stopping belong to the engine of notifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import digests
from miasto.kernel.core.numbers import trimmed
from miasto.kernel.notifications import services as notifications
from miasto.modules.environment.watching.judging import TOPIC
from miasto.modules.environment.watching.kinds import KINDS
from miasto.modules.environment.watching.models import AddressWatch


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A threshold at a place: the address as it reads, degrees, a kind and its limit, local hours (equal: always)."""

    label: str
    lon: float
    lat: float
    what: str
    limit: float
    hours: tuple[int, int] = (0, 0)
    daily: bool = True

    @property
    def subject(self) -> str:
        """What makes the same wish known again without telling the address."""
        parts = (f"{self.lon:.5f}", f"{self.lat:.5f}", self.what, f"{self.limit:g}", *self.hours)
        return digests.keyed("miasto.environment.watch", " ".join(map(str, parts)))


@transaction.atomic
def watch(*, wanted: Wanted, by: Viewer, email: str = "", device_id: UUID | None = None, language: str = "pl") -> AddressWatch:
    """Watch a threshold for the viewer's account, browser, or an address that its owner must confirm.

    Asked twice, it is the same watch. Raises ``ValidationError``.
    """
    kind = KINDS.get(wanted.what)
    if kind is None:
        raise ValidationError(_("Wybierz, o czym mamy pisać."))
    allowed = [value for value, _name in kind.choices]
    if (allowed and wanted.limit not in allowed) or (not allowed and not kind.least <= wanted.limit <= kind.most):
        raise ValidationError(
            _("Wpisz próg od %(least)s do %(most)s.") % {"least": trimmed(kind.least), "most": trimmed(kind.most)}
        )
    row = notifications.subscribe(
        topic=TOPIC,
        scope=notifications.Scope(subject=wanted.subject),
        by=by,
        email=email,
        device_id=device_id,
        language=language,
        frequency="daily" if wanted.daily else "now",
    )
    values: dict[str, Any] = {
        "label": wanted.label[:200],
        "geom": Point(wanted.lon, wanted.lat, srid=4326),
        "what": wanted.what,
        "limit": wanted.limit,
        "hour_from": wanted.hours[0],
        "hour_to": wanted.hours[1],
    }
    return AddressWatch.objects.get_or_create(subscription=row, defaults=values)[0]
