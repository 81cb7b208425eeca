"""Where documents come from: declared sources, every searchable kind of city object, and the pages of the menus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.gis.db.models.functions import PointOnSurface
from django.urls import reverse
from django.utils.translation import get_language

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import polish
from miasto.kernel.core.registry import registry
from miasto.kernel.places import selectors as places
from miasto.kernel.spec.places import ObjectKind
from miasto.kernel.spec.search import SearchEntry, SearchSource
from miasto.kernel.spec.ui import HomeTask, NavItem


@dataclass(frozen=True)
class Source:
    """A kind of thing that can be found, declared or made from a kind of city object."""

    key: str
    name: Any
    name_plural: Any
    icon: str
    order: int
    entries: Callable[[Iterable[UUID] | None], Iterable[SearchEntry]]
    visible: Callable[[Iterable[UUID], Viewer], set[UUID]]
    translated: Callable[[Iterable[UUID]], dict[UUID, tuple[str, str]]] | None = None


@cache
def sources() -> dict[str, Source]:
    """Every source by its key, in the order in which kinds are listed."""
    declared = [
        Source(one.key, one.name, one.name_plural, one.icon, one.order, one.entries, one.visible, one.translated)
        for one in registry().all(SearchSource)
    ]
    objects = [_of_objects(kind) for kind in registry().all(ObjectKind) if kind.searchable]
    return {one.key: one for one in sorted([*declared, *objects], key=lambda one: (one.order, one.key))}


def _of_objects(kind: ObjectKind) -> Source:
    def entries(ids: Iterable[UUID] | None) -> Iterator[SearchEntry]:
        rows = apps.get_model(kind.model)._default_manager.current()
        if ids is not None:
            rows = rows.filter(pk__in=list(ids))
        for obj in rows.defer("geom", "geom_3857").annotate(_point=PointOnSurface("geom")).iterator(chunk_size=2000):
            yield _entry(kind, obj)

    return Source(kind.key, kind.name, kind.name_plural, kind.icon, 100, entries, _visible_objects)


def _visible_objects(ids: Iterable[UUID], viewer: Viewer) -> set[UUID]:
    return set(places.object_index(ids, viewer))


def _entry(kind: ObjectKind, obj: Any) -> SearchEntry:
    label = str(obj.label)
    return SearchEntry(
        object_id=obj.pk,
        title=label,
        url=kind.url(obj) if kind.url else obj.get_absolute_url(),
        summary=obj.address_text if obj.address_text != label else "",
        words=f"{kind.words(obj) if kind.words else ''} {kind.name}",
        audience=obj.audience,
        unit_id=obj.unit_id,
        lon=obj._point.x if obj._point else None,
        lat=obj._point.y if obj._point else None,
    )


@dataclass(frozen=True)
class Shortcut:
    """A page of the platform that the menus name."""

    label: str
    hint: str
    url: str
    icon: str
    forms: tuple[frozenset[str], ...]


def shortcuts() -> tuple[Shortcut, ...]:
    """The pages of the menu and the main tasks, in the reader's language."""
    return _shortcuts(get_language() or "")


@cache
def _shortcuts(_language: str) -> tuple[Shortcut, ...]:
    found: dict[str, Shortcut] = {}
    for item in [*registry().all(HomeTask), *registry().all(NavItem)]:
        url, label, hint = reverse(item.url_name), str(item.label), str(getattr(item, "hint", ""))
        forms = tuple(frozenset(polish.forms(word)) for word in polish.words(f"{label} {hint}"))
        found.setdefault(url, Shortcut(label, hint, url, item.icon or "file-text", forms))
    return tuple(found.values())
