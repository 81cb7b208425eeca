"""Declarations of the kinds of participation processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class ProcessKind(Spec):
    """A kind of process (a consultation, a round of ideas) and where its pages are.

    ``url`` holds ``{slug}``, ``remark_url`` ``{slug}`` and ``{number}``, ``panel_url`` ``{id}``. ``link_url`` holds
    ``{token}``: the address that opens what somebody without an account wrote or registered for.
    """

    name: Any
    name_plural: Any
    url: str
    remark_url: str
    link_url: str
    panel_url: str
    icon: str = "users"

    def problems(self, registry: Registry) -> Iterable[str]:
        wanted = {
            "url": ("{slug}",),
            "remark_url": ("{slug}", "{number}"),
            "link_url": ("{token}",),
            "panel_url": ("{id}",),
        }
        for field, parts in wanted.items():
            for part in parts:
                if part not in getattr(self, field):
                    yield f"{field} holds no {part}"
