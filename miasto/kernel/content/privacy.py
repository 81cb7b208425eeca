"""Opinions are anonymous: nothing in them can be told to be somebody's, and they go after a year."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.content import services


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Nothing is held of a person."""
    return []


def erase(person_id: UUID) -> int:
    """Nothing is held of a person."""
    return 0


def expire() -> int:
    """Daily: delete opinions older than a year."""
    return services.forget_old_opinions()
