"""The map's ground and the layers of places. Colours are of the light map; the dark one is made of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.places.kinds import FURTHER, PLACE_KINDS, PlaceKind
from miasto.kernel.spec.maps import Layer

GREEN_KINDS = ("park", "forest", "reserve")
BOUNDARY_KINDS = ("commune", "county", "voivodeship", "country")
REGULAR, BOLD, ITALIC = ["Miasto Text"], ["Miasto Text Bold"], ["Miasto Text Italic"]
INK, HALO = "#4a4540", "#f8f5f0"
BIG = ("trunk", "primary")


def _by_zoom(*stops: float) -> list[Any]:
    """A width or size that grows with the zoom: zoom, value, zoom, value..."""
    return ["interpolate", ["exponential", 1.4], ["zoom"], *stops]


def _label(column: str, *, font: list[str], size: Any, colour: str = INK, **options: Any) -> dict[str, Any]:
    layout = {"text-field": ["get", column], "text-font": font, "text-size": size, **options.pop("layout", {})}
    paint = {"text-color": colour, "text-halo-color": HALO, "text-halo-width": 1.4}
    return {"type": "symbol", "layout": layout, "paint": paint, **options}


def _street(classes: tuple[str, ...], colour: str, widths: list[Any], **options: Any) -> dict[str, Any]:
    return {
        "type": "line",
        "filter": ["in", ["get", "street_class"], ["literal", list(classes)]],
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {"line-color": colour, "line-width": widths},
        **options,
    }


_KNOWN_CLASSES = [*BIG, "secondary", "pedestrian"]
_LOCAL = ["!", ["in", ["get", "street_class"], ["literal", _KNOWN_CLASSES]]]
_LOCAL_CASING = {**_street((), "#d9d0c3", _by_zoom(12, 0.6, 14, 3.4, 17, 13)), "filter": _LOCAL, "minzoom": 12}
_LOCAL_FILL = {**_street((), "#ffffff", _by_zoom(12, 0.3, 14, 2.2, 17, 11)), "filter": _LOCAL, "minzoom": 12.5}
STREET_PAINT = (
    _LOCAL_CASING,
    _street(("secondary",), "#d3c8b6", _by_zoom(11, 1.2, 14, 5.2, 17, 17), minzoom=10),
    _street(BIG, "#cfae72", _by_zoom(10, 1.6, 14, 7.5, 17, 21)),
    _LOCAL_FILL,
    _street(("pedestrian",), "#f3e3d3", _by_zoom(12, 1, 14, 3.4, 17, 11), minzoom=12),
    _street(("secondary",), "#ffffff", _by_zoom(11, 0.6, 14, 3.6, 17, 14), minzoom=10),
    _street(BIG, "#fbe3ad", _by_zoom(10, 0.8, 14, 5.6, 17, 18)),
    _label(
        "name",
        font=REGULAR,
        size=_by_zoom(12, 11, 17, 14),
        minzoom=12.5,
        filter=["in", ["get", "street_class"], ["literal", [*BIG, "secondary"]]],
        layout={"symbol-placement": "line", "symbol-spacing": 320, "text-max-angle": 35},
    ),
    _label(
        "name",
        font=REGULAR,
        size=_by_zoom(14, 10.5, 17, 13),
        minzoom=14.5,
        filter=["!", ["in", ["get", "street_class"], ["literal", [*BIG, "secondary"]]]],
        layout={"symbol-placement": "line", "symbol-spacing": 260, "text-max-angle": 35},
    ),
)
_IS_AREA = ["match", ["geometry-type"], ["Polygon", "MultiPolygon"], True, False]
_IS_LINE = ["match", ["geometry-type"], ["LineString", "MultiLineString"], True, False]
WATER_PAINT = (
    {"type": "fill", "filter": _IS_AREA, "paint": {"fill-color": "#b5d3e7"}},
    {
        "type": "line",
        "filter": _IS_LINE,
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {"line-color": "#a3c8e0", "line-width": _by_zoom(10, 1.2, 14, 4, 17, 10)},
    },
    _label(
        "name",
        font=ITALIC,
        size=12,
        colour="#2f6488",
        minzoom=12.5,
        filter=_IS_LINE,
        layout={"symbol-placement": "line", "symbol-spacing": 420},
    ),
    _label("name", font=ITALIC, size=12, colour="#2f6488", minzoom=13, filter=_IS_AREA, layout={"text-max-width": 7}),
)
NAMED = {"name": "name"}
GROUND = (
    Layer(
        key="places.city",
        name=_("Granica miasta"),
        model="places.Area",
        geometry="polygon",
        where={"area_kind": "city"},
        properties={**NAMED, "code": "code"},
        paint=(
            {"type": "fill", "paint": {"fill-color": "#f8f4ec"}},
            {"type": "line", "paint": {"line-color": "#a2968a", "line-width": 1.6, "line-dasharray": [4, 2]}},
        ),
        order=10,
        basemap=True,
    ),
    Layer(
        key="places.green",
        name=_("Zieleń"),
        model="places.Area",
        geometry="polygon",
        where={"area_kind__in": GREEN_KINDS},
        tile=("area_kind",),
        properties={**NAMED, "kind": "area_kind"},
        paint=(
            {
                "type": "fill",
                "paint": {"fill-color": ["match", ["get", "area_kind"], "forest", "#cfdfbd", "reserve", "#d3e2c3", "#d9e8c9"]},
            },
        ),
        order=20,
        basemap=True,
    ),
    Layer(
        key="places.water",
        name=_("Woda"),
        model="places.Waterway",
        geometry="line",
        tile=("name",),
        properties={**NAMED, "kind": "water_kind"},
        paint=WATER_PAINT,
        order=30,
        basemap=True,
    ),
    Layer(
        key="places.districts",
        name=_("Osiedla"),
        model="places.Area",
        geometry="polygon",
        where={"area_kind": "district"},
        properties={**NAMED, "code": "code"},
        paint=(
            {
                "type": "line",
                "minzoom": 11.5,
                "paint": {"line-color": "#c6b9a8", "line-width": 1, "line-dasharray": [2, 3]},
            },
        ),
        order=40,
        basemap=True,
    ),
    Layer(
        key="places.railways",
        name=_("Linie kolejowe"),
        model="places.Place",
        geometry="line",
        where={"place_kind": "rail"},
        properties=NAMED,
        paint=(
            {"type": "line", "paint": {"line-color": "#8f8a86", "line-width": _by_zoom(10, 1, 16, 4)}},
            {
                "type": "line",
                "minzoom": 12,
                "paint": {"line-color": "#f4f0ea", "line-width": _by_zoom(12, 0.6, 16, 2.4), "line-dasharray": [4, 4]},
            },
        ),
        order=50,
        basemap=True,
    ),
    Layer(
        key="places.streets",
        name=_("Ulice"),
        model="places.Street",
        geometry="line",
        tile=("name", "street_class"),
        properties={**NAMED, "prefix": "prefix", "class": "street_class", "locality": "locality"},
        paint=STREET_PAINT,
        min_zoom=9,
        order=60,
        basemap=True,
    ),
    Layer(
        key="places.green_names",
        name=_("Nazwy terenów zielonych"),
        model="places.Area",
        geometry="point",
        where={"area_kind__in": GREEN_KINDS},
        tile=("name",),
        paint=(_label("name", font=ITALIC, size=11.5, colour="#41652c", minzoom=13, layout={"text-max-width": 8}),),
        min_zoom=12,
        order=70,
        basemap=True,
        collection=False,
    ),
    Layer(
        key="places.district_names",
        name=_("Nazwy osiedli"),
        model="places.Area",
        geometry="point",
        where={"area_kind": "district"},
        tile=("name",),
        paint=(
            _label(
                "name",
                font=BOLD,
                size=_by_zoom(11, 10.5, 14, 14),
                colour="#6f655b",
                minzoom=11.3,
                maxzoom=15.5,
                layout={"text-max-width": 7, "text-padding": 6, "text-letter-spacing": 0.03},
            ),
        ),
        min_zoom=11,
        order=80,
        basemap=True,
        collection=False,
    ),
    Layer(
        key="places.addresses",
        name=_("Adresy"),
        model="places.Address",
        geometry="point",
        tile=("number",),
        properties={
            "address": "address_text",
            "number": "number",
            "street": "street__name",
            "postcode": "postcode",
            "district": "district__name",
        },
        paint=(_label("number", font=REGULAR, size=10.5, colour="#7a7067", minzoom=16, layout={"text-padding": 3}),),
        min_zoom=16,
        order=90,
        basemap=True,
    ),
)


def _dots(colour: str, shown_as: str = "name") -> tuple[dict[str, Any], ...]:
    return (
        {
            "type": "circle",
            "paint": {
                "circle-color": colour,
                "circle-radius": _by_zoom(10, 3, 14, 6, 17, 9),
                "circle-stroke-color": "#ffffff",
                "circle-stroke-width": 1.5,
            },
        },
        {
            **_label(
                shown_as,
                font=REGULAR,
                size=12,
                minzoom=14,
                layout={"text-anchor": "top", "text-offset": [0, 0.8], "text-max-width": 9, "text-optional": True},
            ),
            "dark": {"paint": {"text-color": "#ece7e1", "text-halo-color": "#1b1917"}},
        },
    )


def _of_kind(key: str, kind: PlaceKind, order: int) -> Layer:
    known = "|".join([*PLACE_KINDS, *FURTHER])
    return Layer(
        key=f"places.{key}",
        name=kind.plural,
        model="places.Place",
        geometry="point",
        where={"place_kind": key} if key != "other" else {"place_kind__regex": f"^(?!({known})$)|^other$"},
        tile=("name",),
        properties={**NAMED, "kind": "place_kind", "address": "address_text"},
        paint=_dots(kind.colour),
        legend=((kind.plural, kind.colour, "point"),),
        group=_("Miejsca"),
        order=order,
    )


PLACES = tuple(_of_kind(key, kind, 200 + number) for number, (key, kind) in enumerate(PLACE_KINDS.items()))
BOUNDARIES = Layer(
    key="places.boundaries",
    name=_("Granice gmin, powiatów i województw"),
    model="places.Area",
    geometry="polygon",
    where={"area_kind__in": BOUNDARY_KINDS},
    tile=("name", "area_kind"),
    properties={**NAMED, "kind": "area_kind", "code": "code"},
    paint=(
        {"type": "fill", "paint": {"fill-color": "#6b3fa0", "fill-opacity": 0.06}},
        {"type": "line", "paint": {"line-color": "#6b3fa0", "line-width": ["match", ["get", "area_kind"], "commune", 1.2, 2]}},
    ),
    legend=((_("Granica"), "#6b3fa0", "line"),),
    group=_("Granice"),
    order=300,
)
LAYERS = (*GROUND, *PLACES, BOUNDARIES)
