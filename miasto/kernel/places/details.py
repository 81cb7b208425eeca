"""What an object's page says of the objects of this engine."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.core.city import city
from miasto.kernel.places.fields import CityObject
from miasto.kernel.places.kinds import kind_name
from miasto.kernel.places.models import Address, Area, Place, Street, Waterway

Rows = list[tuple[Any, Any]]


def area(obj: Area) -> Rows:
    square_km = obj.geom.transform(city().srid, clone=True).area / 1e6
    rows: Rows = [(_("Powierzchnia"), _("%(area)s km²") % {"area": number_format(square_km, 2)})]
    if obj.area_kind == "district":
        rows.append((_("Liczba adresów"), Address.objects.current().filter(district=obj, audience="public").count()))
    if obj.code.isdigit():
        rows.append((_("Kod"), obj.code))
    return rows


def place(obj: Place) -> Rows:
    code = obj.attributes.get("stop_code")
    return [(_("Numer przystanku"), code)] if code else []


def waterway(obj: Waterway) -> Rows:
    if obj.geom.dims == 1:
        return [(_("Długość w mieście"), _length(obj))]
    hectares = obj.geom.transform(city().srid, clone=True).area / 1e4
    return [(_("Powierzchnia"), _("%(area)s ha") % {"area": number_format(hectares, 1)})]


def street(obj: Street) -> Rows:
    crossed = Area.objects.current().filter(area_kind="district", audience="public", geom__intersects=obj.geom)
    names = list(crossed.order_by("name").values_list("name", flat=True))
    rows: Rows = [(_("Długość"), _length(obj)), (_("Liczba adresów przy ulicy"), obj.addresses.current().count())]
    if names:
        rows.insert(0, (ngettext("Osiedle", "Osiedla", len(names)), ", ".join(names)))
    if obj.locality:
        rows.append((_("Miejscowość"), obj.locality))
    return rows


def address(obj: Address) -> Rows:
    return [(_("Kod pocztowy"), obj.postcode)] if obj.postcode else []


def _length(obj: CityObject) -> str:
    metres = obj.geom.transform(city().srid, clone=True).length
    if metres < 1000:
        return _("%(length)s m") % {"length": number_format(round(metres, -1), 0)}
    return _("%(length)s km") % {"length": number_format(metres / 1000, 1)}


def place_words(obj: Place) -> str:
    """Further words by which search finds a place: its kind."""
    return kind_name(obj.place_kind)


def area_words(obj: Area) -> str:
    """Further words by which search finds an area: its kind."""
    return kind_name(obj.area_kind)
