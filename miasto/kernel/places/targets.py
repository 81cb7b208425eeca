"""What a feature of a file becomes: an area, a place, a street, a water or an address, by its properties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from miasto.kernel.places.geometry import LINEAR, POLYGONAL, as_multi
from miasto.kernel.places.models import Address, Area, Place, Street, Waterway
from miasto.kernel.places.names import is_number, number_norm, plain, split_type, street_norm
from miasto.kernel.places.problems import Fault

NAMES = ("name", "nazwa", "stop_name", "jpt_nazwa_", "nazwa_pl", "name:pl", "osiedle", "dzielnica", "title", "label")
KEYS = ("id", "source_id", "stop_id", "jpt_kod_je", "teryt", "kod", "code", "gml_id", "globalid", "objectid", "fid")
STREET = ("street", "ulica", "addr:street", "nazwa_ulicy", "ul_nazwa", "str_name")
NUMBER = ("number", "numer", "addr:housenumber", "housenumber", "numerporzadkowy", "numer_porzadkowy", "nr")
POSTCODE = ("postcode", "kod_pocztowy", "kodpocztowy", "addr:postcode", "kod")
LOCALITY = ("locality", "miejscowosc", "addr:city", "nazwa_miejscowosci")
ANY = ("Point", "MultiPoint", *LINEAR, *POLYGONAL)
NOT_ATTRIBUTES = {*NAMES, *KEYS, "kind", "address", "audience"}


class BadFeature(Fault):
    """A feature that lacks something."""


@dataclass(frozen=True, slots=True)
class KnownStreet:
    """A street that an address may name."""

    id: UUID
    label: str
    prefix: str
    locality: str


@dataclass
class Context:
    """What is known while a file is read: the caller's defaults and names of fields, and the streets by name."""

    kind: str = ""
    name_field: str = ""
    key_field: str = ""
    source: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    streets: Mapping[str, list[KnownStreet]] = field(default_factory=dict)

    def name(self, properties: Mapping[str, Any], *, required: bool = True) -> str:
        """The feature's name; raises ``BadFeature`` naming the fields that are there."""
        found = _first(properties, (self.name_field.casefold(),) if self.name_field else NAMES)
        if found or not required:
            return found[:200]
        fields = ", ".join(sorted(map(str, properties))[:12]) or "–"
        raise BadFeature(
            _("brakuje nazwy"), _("Wskaż pole z nazwą: --name-field POLE. Pola obiektu: %(fields)s.") % {"fields": fields}
        )

    def key(
        self, feature: Mapping[str, Any], properties: Mapping[str, Any], name: str, geom: GEOSGeometry | None = None
    ) -> str:
        """The key by which a second load finds the object again: from the file, else the name (and the place)."""
        if self.key_field:
            found = _first(properties, (self.key_field.casefold(),))
            if not found:
                raise BadFeature(_("brakuje klucza w polu „%(field)s”") % {"field": self.key_field})
        else:
            found = _text(feature.get("id")) or _first(properties, KEYS) or _made_key(name, geom)
        return (f"{self.source}:{found}" if self.source else found)[:200]


@dataclass(frozen=True)
class Target:
    """One kind of load: the model, the accepted geometry, the maker of an object, the fields of its natural key."""

    model: type
    accept: tuple[str, ...]
    make: Callable[[Mapping[str, Any], Mapping[str, Any], GEOSGeometry, Context], Any]
    key: tuple[str, ...]


def _made_key(name: str, geom: GEOSGeometry | None) -> str:
    if geom is None:
        return plain(name)
    middle = geom if geom.geom_type == "Point" else geom.centroid
    return f"{plain(name)}@{middle.x:.4f},{middle.y:.4f}"


def key_of(target: Target, obj: Any) -> tuple[Any, ...]:
    """The natural key of an object, as stored."""
    return tuple(getattr(obj, name) for name in target.key)


def _area(feature: Mapping[str, Any], properties: Mapping[str, Any], geom: GEOSGeometry, context: Context) -> Area:
    kind = context.kind or _first(properties, ("kind",)) or context.defaults.get("area_kind") or Area.Kind.DISTRICT
    if kind not in Area.Kind.values:
        kinds = ", ".join(Area.Kind.values)
        raise BadFeature(
            _("nieznany rodzaj obszaru „%(kind)s”") % {"kind": kind}, _("Podaj rodzaj: --kind %(kinds)s.") % {"kinds": kinds}
        )
    name = context.name(properties)
    key = context.key(feature, properties, name)
    code = _first(properties, ("code", "teryt", "jpt_kod_je", "slug"))
    return Area(name=name, area_kind=kind, code=code[:40], source_key=key, geom=as_multi(geom))


def _place(feature: Mapping[str, Any], properties: Mapping[str, Any], geom: GEOSGeometry, context: Context) -> Place:
    name = context.name(properties)
    kind = context.kind or _first(properties, ("kind",)) or context.defaults.get("place_kind") or "other"
    if _first(properties, ("location_type",)) == "1" and kind == "stop":
        kind = "station"
    return Place(
        name=name,
        place_kind=kind[:40],
        source_key=context.key(feature, properties, name, geom),
        address_text=_first(properties, ("address", "adres"))[:300],
        attributes=_attributes(properties, {context.name_field.casefold(), context.key_field.casefold()}),
        geom=geom,
    )


def _street(feature: Mapping[str, Any], properties: Mapping[str, Any], geom: GEOSGeometry, context: Context) -> Street:
    written = context.name(properties)
    prefix, name = split_type(written)
    own = _first(properties, ("prefix", "cecha"))
    if own:
        said, prefix = prefix, split_type(f"{own} x")[0] or own[:12]
        name = name if said == prefix == "ul." else written
    locality = _first(properties, LOCALITY)
    return Street(
        name=name,
        prefix=prefix,
        street_class=(_first(properties, ("kind", "street_class", "highway")) or "local")[:20],
        owner=_first(properties, ("owner", "zarzadca"))[:20],
        locality=locality[:100],
        source_key=context.key(feature, properties, f"{locality} {prefix} {name}"),
        geom=as_multi(geom),
    )


def _water(feature: Mapping[str, Any], properties: Mapping[str, Any], geom: GEOSGeometry, context: Context) -> Waterway:
    name = context.name(properties, required=False)
    kind = context.kind or _first(properties, ("kind", "waterway"))
    return Waterway(
        name=name,
        water_kind=(kind or ("water" if geom.geom_type in POLYGONAL else "river"))[:40],
        source_key=context.key(feature, properties, name, geom),
        geom=geom,
    )


def _address(feature: Mapping[str, Any], properties: Mapping[str, Any], geom: GEOSGeometry, context: Context) -> Address:
    number = _first(properties, NUMBER)
    if not number:
        raise BadFeature(_("brakuje numeru domu (pole „number” albo „numer”)"))
    if len(number) > 20 or not is_number(number):
        raise BadFeature(_("„%(number)s” nie wygląda na numer domu") % {"number": number[:40]})
    street, locality = _first(properties, STREET), _first(properties, LOCALITY)
    if not street and not locality:
        raise BadFeature(_("brakuje ulicy albo miejscowości"))
    found = _find_street(street, locality, context) if street else None
    address = Address(
        number=number,
        number_norm=number_norm(number),
        locality=locality[:100],
        postcode=_first(properties, POSTCODE)[:6],
        geom=geom,
    )
    if found:
        address.street_id, address.address_text = found.id, f"{found.label} {number}"
    else:
        address.address_text = f"{locality} {number}"
    return address


def _find_street(written: str, locality: str, context: Context) -> KnownStreet:
    prefix = split_type(written)[0]
    known = context.streets.get(street_norm(written), [])
    chosen = [street for street in known if street.prefix == prefix] if prefix else known
    chosen = [street for street in chosen if street.locality == locality] or chosen or known
    if not chosen:
        raise BadFeature(_("nie ma ulicy „%(street)s”") % {"street": written}, _("Wczytaj najpierw ulice: --as streets."))
    if len(chosen) > 1:
        raise BadFeature(
            _("jest więcej niż jedna ulica „%(street)s”") % {"street": written},
            _("Podaj w pliku rodzaj ulicy (ul., al., pl.) i miejscowość."),
        )
    return chosen[0]


def _first(properties: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first filled property among these names (in lower case, as those of a file are made); empty if there is none."""
    return next((found for name in names if (found := _text(properties.get(name)))), "")


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return " ".join(_storable(str(value)).split())


def _storable(text: str) -> str:
    """The text without what PostgreSQL cannot hold: the sign NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _attributes(properties: Mapping[str, Any], taken: set[str]) -> dict[str, Any]:
    """The plain further properties of a place, at most 40, for its page."""
    kept: dict[str, Any] = {}
    for name, value in properties.items():
        if name in NOT_ATTRIBUTES or name in taken or len(kept) == 40:
            continue
        if isinstance(value, str):
            kept[_storable(name)[:60]] = _storable(value)[:500]
        elif isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            kept[_storable(name)[:60]] = value
    return kept


TARGETS: dict[str, Target] = {
    "areas": Target(Area, POLYGONAL, _area, ("area_kind", "source_key")),
    "places": Target(Place, ANY, _place, ("place_kind", "source_key")),
    "streets": Target(Street, LINEAR, _street, ("source_key",)),
    "addresses": Target(Address, ("Point",), _address, ("street_id", "locality", "number_norm")),
    "waterways": Target(Waterway, (*LINEAR, *POLYGONAL), _water, ("source_key",)),
}
