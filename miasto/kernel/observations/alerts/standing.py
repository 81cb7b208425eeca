"""The alerts that stand now, for the pages of modules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from miasto.kernel.observations.models import Alert

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer


def standing_alerts(viewer: Viewer, *, things: Iterable[UUID] | None = None, most: int = 50) -> list[Alert]:
    """Alerts that the viewer may see and that are not over, the gravest and newest first; of these ``things`` only, if named.

    Each with its ``rule`` and ``thing``; one query.
    """
    found = Alert.objects.visible_to(viewer).exclude(state=Alert.State.CLEARED).select_related("rule", "thing")
    if things is not None:
        found = found.filter(thing_id__in=list(things))
    return list(found.order_by("-severity", "-raised_at")[:most])


def raised_alerts(viewer: Viewer, start: datetime, end: datetime) -> list[Alert]:
    """Alerts that the viewer may see and that were raised in ``start`` <= instant < ``end``, oldest first, with their rules."""
    found = Alert.objects.visible_to(viewer).filter(raised_at__gte=start, raised_at__lt=end).select_related("rule")
    return list(found.order_by("raised_at"))
