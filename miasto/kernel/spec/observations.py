"""Declarations of the engine of observations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class ThingKind(Spec):
    """A kind of thing that measures (an air station, a water meter).

    ``url`` is the pattern of its page, with ``{slug}`` or ``{id}``; the default is the object's own page.
    """

    name: Any
    name_plural: Any
    icon: str = "radio"
    url: str = "/obiekty/{id}/"

    def problems(self, registry: Registry) -> Iterable[str]:
        if "{id}" not in self.url and "{slug}" not in self.url:
            yield "url holds neither {id} nor {slug}"


@dataclass(frozen=True, kw_only=True)
class Property(Spec):
    """A property that the city observes: what the code calls it, and its name, unit and definition for people and machines.

    ``code`` is unique ("pm10"); ``definition`` the address of the term in a public vocabulary; ``symbol`` the unit as it is
    written ("µg/m³"), ``unit`` its name; ``decimals`` how many are shown. ``model`` is its name in the Smart Data Models, the
    entity type and the attribute ("AirQualityObserved.pm10"), under which NGSI-LD exports it; empty: it does not.
    """

    code: str
    name: Any
    definition: str
    unit: str
    symbol: str
    unit_definition: str = ""
    decimals: int = 1
    model: str = ""

    def problems(self, registry: Registry) -> Iterable[str]:
        if any(one.code == self.code and one.key != self.key for one in registry.all(Property)):
            yield f"the code {self.code!r} is taken by another Property"
