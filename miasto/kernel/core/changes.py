"""The audit of changes: who did what to which object, when. Rows are appended and never edited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from miasto.kernel.core import clock
from miasto.kernel.core.models import Change


@dataclass(frozen=True)
class Actor:
    """Who acts. ``kind`` is person, link (a secret link's holder), anonymous, system or api; ``id`` the person or link."""

    kind: str
    id: UUID | None = None


SYSTEM = Actor("system")


_waiting: ContextVar[list[Change] | None] = ContextVar("waiting changes", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Append what is recorded inside in one statement at the end; nothing where the block fails. Blocks may be nested."""
    if _waiting.get() is not None:
        yield
        return
    rows: list[Change] = []
    mark = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(mark)
    Change.objects.bulk_create(rows)


def record(
    *, action: str, kind: str, object_id: UUID, actor: Actor, unit_id: UUID | None = None, data: dict[str, Any] | None = None
) -> Change:
    """Append one change. ``data`` holds identifiers and non-personal values only; live pages hear of it at the commit."""
    change = Change(
        at=clock.now(),
        action=action,
        kind=kind,
        object_id=object_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        unit_id=unit_id,
        data=data or {},
    )
    rows = _waiting.get()
    if rows is None:
        change.save(force_insert=True)
    else:
        rows.append(change)
    return change


def history(object_id: UUID) -> list[Change]:
    """The changes of one object, oldest first."""
    return list(Change.objects.filter(object_id=object_id).order_by("id"))
