"""Domain events: what happened, told to listeners after the writer's commit.

``publish`` is called inside the writer's transaction and defers one job for each listener there, so the job table is
the outbox: a rolled-back write tells nobody, a committed one tells everybody, even if the process dies at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from miasto.kernel.core.ids import uuid7

KNOWN: dict[str, type[Event]] = {}
_PLAIN = (str, int, float, bool, type(None), UUID, datetime, date)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. Fields hold identifiers and other non-personal plain values only."""

    event_name: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        parts = cls.__module__.split(".")
        cls.event_name = f"{parts[-2] if len(parts) > 1 else parts[0]}.{cls.__name__}"
        known = KNOWN.get(cls.event_name)
        if known is not None and known.__module__ != cls.__module__:
            raise TypeError(f"the event {cls.event_name} exists already in {known.__module__}")
        KNOWN[cls.event_name] = cls

    def payload(self) -> dict[str, Any]:
        """The event as JSON values."""
        return {field.name: _plain(field.name, getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def restore(cls, payload: dict[str, Any]) -> Event:
        """The event from its payload."""
        return cls(**{field.name: _typed(field.type, payload[field.name]) for field in fields(cls) if field.name in payload})


def _plain(name: str, value: Any) -> Any:
    if not isinstance(value, _PLAIN):
        raise TypeError(f"event field {name}: {type(value).__name__} is not a plain value; pass an identifier")
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    if "UUID" in name:
        return UUID(value)
    if "datetime" in name:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name.startswith("date") else value


def publish(event: Event) -> None:
    """Defer a job for each listener of the event, all in one statement. Must be called inside ``transaction.atomic``."""
    from django.db import connection

    from miasto.kernel.core import jobs
    from miasto.kernel.core.registry import registry

    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.event_name} was published outside a transaction")
    listeners = registry().listeners(type(event))
    if not listeners:
        return
    uid, payload = str(uuid7()), event.payload()
    jobs.deliver.defer_many(
        {"event": event.event_name, "payload": payload, "listener": listener, "uid": uid} for listener, _function in listeners
    )


def deliver(*, event: str, payload: dict[str, Any], listener: str, uid: str) -> bool:
    """Call one listener once: its effects and the mark that it ran are one transaction. False if it ran before."""
    from django.db import transaction

    from miasto.kernel.core.models import Delivery
    from miasto.kernel.core.registry import registry

    kind = KNOWN[event]
    functions = dict(registry().listeners(kind))
    if listener not in functions:
        return False
    with transaction.atomic():
        if fresh := Delivery.mark(UUID(uid), listener):
            functions[listener](kind.restore(payload))
        return fresh
