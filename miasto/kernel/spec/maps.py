"""Declarations of map layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry

GEOMETRIES = ("point", "line", "polygon")


@dataclass(frozen=True, kw_only=True)
class Layer(Spec):
    """A layer of the city map, its vector tiles and its OGC API collection, from any model with geometry.

    ``model`` is a label ("places.Place") whose manager has ``visible_to(viewer)`` and whose rows have the columns ``geom``
    (EPSG:4326) and the generated ``geom_3857``. ``where`` narrows the rows by Django look-ups. ``tile`` names the few
    columns that the tile carries besides ``id`` (small codes for styling; names only where they are drawn as labels).
    ``properties`` maps the public property names of the collection to look-ups. ``url`` is a pattern with ``{id}`` for the
    feature's page (asked with ``?fragment=1`` for the map's panel). ``paint`` is a tuple of MapLibre style layers without
    ``id``, ``source`` and ``source-layer``; ``legend`` is ``((label, colour, shape), ...)``. ``basemap`` layers are always
    drawn and are not in the layer list; ``on`` layers are shown at first. ``far(day)`` gives the condition (a Django ``Q``) on
    what the tiles of the zooms below ``far_below`` hold on a local day: seen from afar, ten years of a city are a blot.
    """

    name: Any
    model: str
    geometry: str
    summary: Any = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    tile: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    url: str = "/obiekty/{id}/"
    paint: tuple[Mapping[str, Any], ...] = ()
    legend: tuple[tuple[Any, str, str], ...] = ()
    group: Any = ""
    min_zoom: int = 0
    max_zoom: int = 16
    order: int = 100
    basemap: bool = False
    on: bool = False
    collection: bool = True
    datetime: str = ""
    far: Callable[[date], Any] | None = None
    far_below: int = 0

    def problems(self, registry: Registry) -> Iterable[str]:
        if self.geometry not in GEOMETRIES:
            yield f"geometry is {self.geometry!r}; use one of {', '.join(GEOMETRIES)}"
        if "{id}" not in self.url:
            yield "url holds no {id}"
        if (self.far is None) != (self.far_below == 0):
            yield "far and far_below go together"
