"""For tests: layers that exist for the length of a block, and tiles read back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from miasto.kernel.core.registry import registry
from miasto.kernel.spec.maps import Layer


@contextmanager
def declared(*specs: Layer) -> Iterator[None]:
    """Add layers to the registry, as if an engine or a module declared them."""
    known = registry()._specs[Layer]
    before = dict(known)
    known.update({spec.key: spec for spec in specs})
    try:
        yield
    finally:
        known.clear()
        known.update(before)


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    """``(z, x, y)`` of the Web Mercator tile that holds a point given in degrees."""
    count = 2**z
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * count), int(row * count)


def features_of(body: bytes) -> list[dict[str, Any]]:
    """The properties of the features of a tile with at most one layer."""
    import mapbox_vector_tile

    layers = mapbox_vector_tile.decode(body)
    assert len(layers) <= 1
    return [feature["properties"] for layer in layers.values() for feature in layer["features"]]
