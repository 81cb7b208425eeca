"""What an object's page says of the objects of this engine."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.places.kinds import kind_name
from miasto.kernel.places.models import Address, Area, Place, Street, Waterway

Rows = list[tuple[Any, Any]]


def area(obj: Area) -> Rows:
    rows: Rows = [(_("Rodzaj"), kind_name(obj.area_kind))]
    if obj.code and obj.code.isdigit():
        rows.append((_("Kod"), obj.code))
    return rows


def place(obj: Place) -> Rows:
    rows: Rows = [(_("Rodzaj"), kind_name(obj.place_kind))]
    if obj.attributes.get("stop_code"):
        rows.append((_("Numer przystanku"), obj.attributes["stop_code"]))
    return rows


def waterway(obj: Waterway) -> Rows:
    return [(_("Rodzaj"), _("rzeka lub potok") if obj.water_kind in ("river", "stream") else _("zbiornik wodny"))]


def street(obj: Street) -> Rows:
    rows: Rows = [(_("Adresów przy ulicy"), obj.addresses.current().count())]
    if obj.locality:
        rows.append((_("Miejscowość"), obj.locality))
    return rows


def address(obj: Address) -> Rows:
    rows: Rows = [(_("Kod pocztowy"), obj.postcode)] if obj.postcode else []
    if obj.district_id:
        rows.append((_("Osiedle"), obj.district.name))
    return rows


def place_words(obj: Place) -> str:
    """Further words by which search finds a place: its kind."""
    return kind_name(obj.place_kind)


def area_words(obj: Area) -> str:
    """Further words by which search finds an area: its kind."""
    return kind_name(obj.area_kind)
