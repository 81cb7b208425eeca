"""The MapLibre style of the city map, from the declared layers; the dark one mirrors the lightness of the basemap."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Mapping
from typing import Any

from miasto.kernel.core.city import city
from miasto.kernel.maps.layers import layers
from miasto.kernel.spec.maps import Layer

LAND = {False: "#efe9df", True: "#1d1b1a"}
COLOURS = ("#9b1c2b", "#1d5a96", "#14603a", "#7a4a00", "#5b3a8c", "#0b6370")
TILES = "/mapa/kafelki/{key}/{{z}}/{{x}}/{{y}}.mvt"
_HEX = re.compile(r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
_DARKEST, _LIGHTEST = 0.11, 0.86
_PALE, _GREY, _ROAD = 0.75, 0.2, 0.22

Json = dict[str, Any]


def style(*, dark: bool = False, specs: Iterable[Layer] | None = None) -> Json:
    """The style document. What a reader may switch is in ``metadata["miasto:layers"]``, see docs/ui.md."""
    known = list(layers() if specs is None else specs)
    drawn = [(_height(spec, one), one) for spec in known for one in _drawn(spec, dark)]
    drawn.sort(key=lambda pair: pair[0])  # stable: the order of declaration within one height
    background = {"id": "background", "type": "background", "paint": {"background-color": LAND[dark]}}
    return {
        "version": 8,
        "name": city().platform_name,
        "center": list(city().centre),
        "zoom": city().zoom,
        "metadata": {"miasto:layers": [_switch(spec) for spec in known if not spec.basemap]},
        "sources": {spec.key: _source(spec) for spec in known},
        "layers": [background, *[one for _height_of_it, one in drawn]],
    }


def attribution() -> str:
    """Who made the map's data, from the city's profile."""
    return str(city().data.get("map_attribution", ""))


def colour_of(spec: Layer) -> str:
    """The colour of a layer that declares no paint: always the same one for the same key."""
    return COLOURS[sum(map(ord, spec.key)) % len(COLOURS)]


def legend_of(spec: Layer) -> list[Json]:
    """``[{label, colour, shape}]``; a layer without a legend is its own single entry."""
    rows = spec.legend or ((spec.name, colour_of(spec), spec.geometry),)
    return [{"label": str(label), "colour": colour, "shape": shape} for label, colour, shape in rows]


def _source(spec: Layer) -> Json:
    return {
        "type": "vector",
        "tiles": [TILES.format(key=spec.key)],
        "minzoom": spec.min_zoom,
        "maxzoom": spec.max_zoom,
        "bounds": [-180, -85.0511, 180, 85.0511],
        "attribution": attribution(),
    }


def _switch(spec: Layer) -> Json:
    return {
        "key": spec.key,
        "name": str(spec.name),
        "summary": str(spec.summary),
        "group": str(spec.group),
        "on": spec.on,
        "url": spec.url,
        "legend": legend_of(spec),
    }


def _drawn(spec: Layer, dark: bool) -> list[Json]:
    made = []
    for number, paint in enumerate(spec.paint or _default_paint(spec)):
        one: Json = {name: value for name, value in paint.items() if name != "dark"}
        if dark:
            one = _merge(_mirrored(one) if spec.basemap else one, paint.get("dark", {}))
        one |= {"id": f"{spec.key}-{number}", "source": spec.key, "source-layer": spec.key}
        if not spec.basemap:
            one["metadata"] = {"miasto:layer": spec.key}
            one["layout"] = {**one.get("layout", {}), "visibility": "visible" if spec.on else "none"}
        made.append(one)
    return made


def _default_paint(spec: Layer) -> list[Json]:
    colour = colour_of(spec)
    if spec.geometry == "point":
        radius = ["interpolate", ["linear"], ["zoom"], 10, 3, 16, 8]
        paint = {"circle-color": colour, "circle-radius": radius, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5}
        return [{"type": "circle", "paint": paint}]
    line = {"type": "line", "paint": {"line-color": colour, "line-width": 2.5}}
    if spec.geometry == "line":
        return [line]
    return [{"type": "fill", "paint": {"fill-color": colour, "fill-opacity": 0.25}}, line]


def _height(spec: Layer, one: Mapping[str, Any]) -> int:
    """Ground, then areas and lines of the city's layers, then names of the ground, then points."""
    if spec.basemap:
        return 3 if one["type"] == "symbol" else 0
    return {"fill": 1, "fill-extrusion": 1, "raster": 1, "heatmap": 2, "line": 2}.get(one["type"], 4)


def _merge(one: Json, over: Mapping[str, Any]) -> Json:
    return {
        **one,
        **{name: {**one.get(name, {}), **value} if isinstance(value, Mapping) else value for name, value in over.items()},
    }


def _mirrored(value: Any, name: str = "") -> Any:
    """The same drawing at night: paper becomes dark, ink becomes light, and pale roads stay lighter than the ground."""
    if isinstance(value, Mapping):
        return {key: _mirrored(one, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_mirrored(one, name) for one in value]
    if isinstance(value, str) and _HEX.match(value):
        return _night(value, is_line=name == "line-color")
    return value


def _night(colour: str, *, is_line: bool) -> str:
    digits = colour[1:] if len(colour) == 7 else "".join(sign * 2 for sign in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    chroma = max(red, green, blue) - min(red, green, blue)
    turned = _DARKEST + (1 - lightness) * (_LIGHTEST - _DARKEST)
    if is_line and chroma < _GREY and lightness > _PALE:
        turned = _DARKEST + (lightness - _PALE) / (1 - _PALE) * _ROAD
    # next to white or black a faint tint counts as full saturation, so the chroma decides how much colour is left
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, turned, min(saturation, chroma * 1.5)))
