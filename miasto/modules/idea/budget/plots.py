"""The plot check: what the city's own layers say of a place. Layers are declared in the profile (``budget.toml``).

Roles: ``ownership`` (whose land), ``plan`` (what plan holds), ``clash`` (what is in the way), ``near`` (good to know). Where a
layer holds nothing in this city at all, the finding says so instead of passing over it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.gis.db.models.functions import Distance, Transform
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.contrib.gis.measure import D
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core.city import city
from miasto.kernel.places.selectors import shape_name, size_of

FILE = "budget.toml"
MODELS = {
    "areas": ("places.Area", "area_kind"),
    "places": ("places.Place", "place_kind"),
    "waterways": ("places.Waterway", "water_kind"),
    "streets": ("places.Street", "street_class"),
}
ROLES = {
    "ownership": gettext_lazy("Czyj to teren"),
    "plan": gettext_lazy("Co mówi plan"),
    "clash": gettext_lazy("Co może przeszkodzić"),
    "near": gettext_lazy("Co jeszcze warto wiedzieć"),
}
OK, LOOK, STOP, UNKNOWN = "ok", "look", "stop", "unknown"
WEIGHTS = (OK, LOOK, STOP)
MOST = 5
# Of a drawn line or area everything is told; the limit is only against a shape drawn over half the city.
MOST_TOUCHED = 200
WGS84 = 4326
UNITS = {"line": "m", "area": "m²"}
METRES_IN_DEGREE = 111_250


class PlotCheckError(ValueError):
    """The profile's ``plot_checks`` cannot be used; says which and why."""


@dataclass(frozen=True)
class PlotLayer:
    """One declared question about a place; ``values`` maps an attribute's value to ``(words, weight)``."""

    key: str
    role: str
    source: str
    kinds: tuple[str, ...]
    within: int
    attribute: str
    weight: str
    row: dict[str, Any]

    def says(self, field: str) -> str:
        """A text of the layer in the reader's language."""
        translated = self.row.get("translations", {}).get(get_language() or "", {})
        return str(translated.get(field) or self.row.get(field, ""))

    def value(self, raw: str) -> tuple[str, str]:
        """What a value of the attribute means to the reader, and its weight."""
        known = self.row.get("values", {}).get(raw)
        if known is None:
            return raw, self.weight
        translated = self.row.get("translations", {}).get(get_language() or "", {}).get("values", {}).get(raw)
        return str(translated or known["name"]), known.get("weight", self.weight)


@dataclass(frozen=True)
class Finding:
    """One fact about a place: its role, how it weighs (``ok``, ``look``, ``stop``, ``unknown``) and the sentence."""

    role: str
    weight: str
    text: str


@cache
def layers() -> tuple[PlotLayer, ...]:
    """The declared layers of the profile; raises ``PlotCheckError``."""
    return tuple(_layer(row) for row in city().toml(FILE).get("plot_checks", []))


def _layer(row: dict[str, Any]) -> PlotLayer:
    try:
        layer = PlotLayer(
            key=row["key"],
            role=row["role"],
            source=row["from"],
            kinds=tuple(row.get("kinds", ())),
            within=int(row.get("within", 0)),
            attribute=row.get("attribute", ""),
            weight=row.get("weight", LOOK),
            row=row,
        )
    except KeyError as error:
        raise PlotCheckError(f"{FILE}: plot_checks: the field {error} is missing") from error
    weights = [layer.weight, *(one.get("weight", layer.weight) for one in row.get("values", {}).values())]
    for value, allowed in ((layer.role, ROLES), (layer.source, MODELS), *((one, WEIGHTS) for one in weights)):
        if value not in allowed:
            raise PlotCheckError(f"{FILE}: plot_checks {layer.key}: {value!r}; use one of {', '.join(allowed)}")
    return layer


def check(place: GEOSGeometry) -> list[dict[str, str]]:
    """The facts about a place (EPSG:4326) as JSON rows ``{layer, name, value}``; ``name`` None: the layer is empty here.

    Of a line or an area, everything that it touches, the largest part first, with ``m2`` (square metres of the area) or ``m``
    (metres of the line, or of a street within the area) where that is more than a touch. One query for each declared layer,
    and one more for a layer that found nothing.
    """
    found: list[dict[str, Any]] = []
    for layer in layers():
        rows = list(_hits(layer, place))
        made = [{"layer": layer.key, "name": one.label, "value": _raw(layer, one), **_part(one, place)} for one in rows]
        found += sorted(made, key=lambda row: -max(row.get("m2", 0), row.get("m", 0)))
        if not rows and not _rows(layer).exists():
            found.append({"layer": layer.key, "name": None, "value": ""})
    return found


def _rows(layer: PlotLayer) -> QuerySet:
    model, column = MODELS[layer.source]
    rows = apps.get_model(model)._default_manager.visible_to(ANONYMOUS).current()
    return rows.filter(**{f"{column}__in": layer.kinds}) if layer.kinds else rows


def overlap(geom: GEOSGeometry, place: GEOSGeometry) -> tuple[float, float]:
    """(square metres, metres) of what is common to a thing of the register and a drawn place, in the city's metric system."""
    if not geom.valid:
        geom = geom.make_valid()
    common = geom.intersection(place)
    common.srid = WGS84
    flat = common.transform(city().srid, clone=True)
    return flat.area, flat.length if not flat.area else 0.0


def _part(found: Any, place: GEOSGeometry) -> dict[str, int]:
    """The size of the part, whole metres; empty of a point, and where the thing is only near or touched."""
    if place.geom_type == "Point":
        return {}
    m2, m = (round(one) for one in overlap(found.geom, place))
    return {"m2": m2} if m2 else {"m": m} if m else {}


def size_words(place: GEOSGeometry) -> str:
    """How long a drawn line or how large an area is, in words; empty of a point."""
    size = round(size_of(place))
    words = {"line": _("Długość zaznaczonej linii: %(size)s."), "area": _("Powierzchnia zaznaczonego obszaru: %(size)s.")}
    shape = shape_name(place)
    return words[shape] % {"size": _sized(size, UNITS[shape])} if size else ""


def _sized(number: int, unit: str) -> str:
    """A whole number with the space that Polish puts between thousands, and its unit on the same line."""
    return f"{number:,} {unit}".replace(",", "\u00a0").replace(" ", "\u00a0")


def _hits(layer: PlotLayer, place: GEOSGeometry) -> QuerySet:
    rows = _rows(layer)
    most = MOST if place.geom_type == "Point" else MOST_TOUCHED
    if not layer.within:
        return rows.filter(geom__intersects=place)[:most]
    flat = place.transform(city().srid, clone=True)
    near = rows.filter(geom__bboverlaps=around(place, layer.within))
    near = near.annotate(away=Distance(Transform("geom", city().srid), flat))
    return near.filter(away__lte=D(m=layer.within)).order_by("away")[:most]


def around(place: GEOSGeometry, metres: float) -> Polygon:
    """The box around a place, so many metres wider on each side."""
    west, south, east, north = place.extent
    up = metres / METRES_IN_DEGREE
    wide = up / max(math.cos(math.radians(south)), 0.01)
    box = Polygon.from_bbox((west - wide, south - up, east + wide, north + up))
    box.srid = 4326
    return box


def _raw(layer: PlotLayer, found: Any) -> str:
    if not layer.attribute:
        return ""
    further = getattr(found, "attributes", None) or {}
    return str(further.get(layer.attribute) or getattr(found, layer.attribute, "") or "")


def findings(rows: Iterable[dict[str, Any]]) -> list[Finding]:
    """The stored facts in the reader's language, by role; a role about which nothing is known says so."""
    known = {layer.key: layer for layer in layers()}
    made = [_finding(known[row["layer"]], row) for row in rows if row["layer"] in known]
    told = {one.role for one in made}
    for role in ("ownership", "plan"):
        if role not in told:
            made.append(Finding(role, UNKNOWN, str(UNTOLD[role])))
    order = list(ROLES)
    return sorted(made, key=lambda one: order.index(one.role))


UNTOLD = {
    "ownership": gettext_lazy("W danych miasta nie ma tu nic o własności terenu. Sprawdzi to urząd."),
    "plan": gettext_lazy("W danych miasta nie ma tu nic o planie miejscowym. Sprawdzi to urząd."),
}


def _finding(layer: PlotLayer, row: dict[str, Any]) -> Finding:
    if row["name"] is None:
        return Finding(layer.role, UNKNOWN, layer.says("missing") or _("Miasto nie ma tu danych do tego sprawdzenia."))
    value, weight = layer.value(row["value"])
    return Finding(layer.role, weight, layer.says("says").format(name=row["name"], value=value) + _how_much(row))


def _how_much(row: dict[str, Any]) -> str:
    """How much of the drawn place it is; rows of points and of places checked before have no size."""
    if row.get("m2"):
        return " " + _("Wspólna powierzchnia: %(size)s.") % {"size": _sized(row["m2"], UNITS["area"])}
    if row.get("m"):
        return " " + _("Wspólny odcinek: %(size)s.") % {"size": _sized(row["m"], UNITS["line"])}
    return ""


def by_role(found: Iterable[Finding]) -> list[tuple[Any, list[Finding]]]:
    """The findings under the names of their roles, as a page shows them; roles without any are left out."""
    rows = list(found)
    return [(name, part) for role, name in ROLES.items() if (part := [one for one in rows if one.role == role])]


def worst(found: Iterable[Finding]) -> str:
    """The heaviest weight among the findings; "ok" where there are none."""
    weights = {one.weight for one in found}
    return next((one for one in (STOP, LOOK, UNKNOWN) if one in weights), OK)
