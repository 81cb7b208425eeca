"""Declarations of the kinds of city objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec


@dataclass(frozen=True, kw_only=True)
class ObjectKind(Spec):
    """A model that extends ``CityObject``.

    ``model`` is the model's label ("places.Place"). ``details(obj)`` returns ``[(label, value)]`` for the object's page,
    ``url(obj)`` its own page (default ``/obiekty/<uuid>/``), ``words(obj)`` further text for search.
    """

    model: str
    name: Any
    name_plural: Any
    icon: str = "map-pin"
    details: Callable[[Any], list[tuple[Any, Any]]] | None = None
    url: Callable[[Any], str] | None = None
    words: Callable[[Any], str] | None = None
    searchable: bool = True
