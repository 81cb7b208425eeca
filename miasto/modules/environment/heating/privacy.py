"""The inventory holds addresses of buildings without names: no row can be found by a person, so none is exported by one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.core import clock
from miasto.modules.environment.heating.models import HeatingSource

KEEP_DAYS = 6 * 365


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Nothing: the register's export names nobody, and names in a file are not read."""
    return []


def erase(person_id: UUID) -> int:
    """Nothing is held of a person."""
    return 0


def expire() -> int:
    """Delete sources that are gone for longer than the changes are shown."""
    before = clock.today() - timedelta(days=KEEP_DAYS)
    return HeatingSource.objects.filter(removed_on__lt=before).delete()[0]
