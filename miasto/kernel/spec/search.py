"""Declarations of what the search box finds besides city objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from miasto.kernel.core.module import Spec


@dataclass(frozen=True, kw_only=True)
class SearchEntry:
    """One thing to be found. ``words`` is further text that is searched but not shown; ``audience`` as of the object."""

    object_id: UUID
    title: str
    url: str
    summary: str = ""
    words: str = ""
    audience: str = "public"
    unit_id: UUID | None = None
    weight: float = 1.0
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, kw_only=True)
class SearchSource(Spec):
    """A kind of thing that can be found.

    ``entries(ids)`` yields ``SearchEntry`` for the given identifiers, or for all with None; an identifier it does not yield is
    removed from the index. ``visible(ids, viewer)`` returns which of them the viewer may see (asked last, for each page of
    results). ``translated(ids)`` (optional) gives ``(title, summary)`` in the reader's language, asked where that is
    another than the city's, in which the index is written.
    """

    name: Any
    name_plural: Any
    icon: str
    entries: Callable[[Iterable[UUID] | None], Iterable[SearchEntry]]
    visible: Callable[[Iterable[UUID], Any], set[UUID]]
    translated: Callable[[Iterable[UUID]], dict[UUID, tuple[str, str]]] | None = None
    order: int = 100
