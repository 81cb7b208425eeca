"""Declarations of who may do what, and of which personal data are held."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Permission(Spec):
    """An action that a role may allow (``"cases.assign"``)."""

    name: Any


@dataclass(frozen=True, kw_only=True)
class Role(Spec):
    """A named set of permissions, granted to a person in a unit (and all below it) or in the whole city.

    A module adds its permissions to a role of an engine with ``RoleGrant``.
    """

    name: Any
    summary: Any
    permissions: tuple[str, ...] = ()
    citywide: bool = False

    def problems(self, registry: Registry) -> Iterable[str]:
        return _unknown(registry, self.permissions)


@dataclass(frozen=True, kw_only=True)
class RoleGrant(Spec):
    """Further permissions for a role declared elsewhere."""

    role: str
    permissions: tuple[str, ...]

    def problems(self, registry: Registry) -> Iterable[str]:
        if not registry.has(Role, self.role):
            yield f"no Role {self.role!r} is declared"
        yield from _unknown(registry, self.permissions)


@dataclass(frozen=True, kw_only=True)
class ApiRight(Spec):
    """What the key of a program may allow. Its ``permissions`` hold in the unit of the key, as those of a role would.

    Without any the declarer asks for the right itself, as a standard does that knows no units.
    """

    name: Any
    permissions: tuple[str, ...] = ()
    order: int = 100

    def problems(self, registry: Registry) -> Iterable[str]:
        return _unknown(registry, self.permissions)


@dataclass(frozen=True, kw_only=True)
class PersonalData(Spec):
    """Personal data of one model: ``export`` lists what is held of a person, ``erase`` overwrites it with a tombstone.

    ``retention`` says in plain words how long it is kept and by which basis; ``purpose`` why it is held at all; ``stays`` what
    an erasure leaves and why (empty: nothing). The register and the page on privacy show these words.

    ``expire`` (optional) is run daily by one job and returns how many rows it anonymised. With ``months`` it is called with the
    instant before which things are too old, ``expire(before)``; without, it knows its own terms, ``expire()``. It works in
    small transactions: a killed run goes on at the next. ``due(until)`` counts what will be anonymised up to an instant.
    ``attachments`` yields ``(file name, bytes)`` that belong to a person's export.
    """

    name: Any
    purpose: Any
    retention: Any
    export: Callable[[UUID], list[dict[str, Any]]]
    erase: Callable[[UUID], int]
    stays: Any = ""
    months: Callable[[], int] | None = None
    expire: Callable[..., int] | None = None
    due: Callable[[datetime], int] | None = None
    attachments: Callable[[UUID], Iterable[tuple[str, bytes]]] | None = None

    def problems(self, registry: Registry) -> Iterable[str]:
        if not str(self.purpose).strip():
            yield "purpose is empty; say why the data are held (GDPR art. 5(1)(b))"
        if not str(self.retention).strip():
            yield "retention is empty; say how long the data are held (GDPR art. 5(1)(e))"


@dataclass(frozen=True, kw_only=True)
class SigningOut(Spec):
    """What ends in a browser with the session: ``forget(request)`` is called while the person is still known."""

    forget: Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class ChangeName(Spec):
    """What the log of changes calls an action; ``key`` is the action (``"cases.assigned"``). Without one it shows the key.

    ``former`` actions are recorded no more, but the log still holds them.
    """

    name: Any
    former: bool = False


def _unknown(registry: Registry, keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        if not registry.has(Permission, key):
            yield f"no Permission {key!r} is declared"
