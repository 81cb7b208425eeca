"""What kinds of places and areas are called, and how the map draws them. An unknown kind is shown by its own code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AreaKind(TextChoices):
    """The kinds of areas."""

    CITY = "city", _("miasto")
    COMMUNE = "commune", _("gmina")
    DISTRICT = "district", _("osiedle")
    COUNTY = "county", _("powiat")
    VOIVODESHIP = "voivodeship", _("województwo")
    COUNTRY = "country", _("państwo")
    PARK = "park", _("park")
    FOREST = "forest", _("las")
    RESERVE = "reserve", _("rezerwat przyrody")


@dataclass(frozen=True)
class PlaceKind:
    """A usual kind of place: its names, icon and colour on the map."""

    name: Any
    plural: Any
    icon: str
    colour: str


PLACE_KINDS: dict[str, PlaceKind] = {
    "office": PlaceKind(_("urząd"), _("Urzędy"), "building-2", "#6b3fa0"),
    "school": PlaceKind(_("szkoła"), _("Szkoły i przedszkola"), "graduation-cap", "#1d5fa8"),
    "hospital": PlaceKind(_("szpital lub przychodnia"), _("Zdrowie"), "hospital", "#b3122a"),
    "culture": PlaceKind(_("kultura"), _("Kultura"), "landmark", "#8a4b08"),
    "sport": PlaceKind(_("sport i rekreacja"), _("Sport i rekreacja"), "dumbbell", "#0b6e4f"),
    "playground": PlaceKind(_("plac zabaw"), _("Place zabaw"), "toy-brick", "#a83279"),
    "park": PlaceKind(_("park"), _("Parki"), "trees", "#2f6b1f"),
    "reserve": PlaceKind(_("rezerwat przyrody"), _("Rezerwaty przyrody"), "leaf", "#2f6b1f"),
    "market": PlaceKind(_("targowisko"), _("Targowiska"), "store", "#7a5a00"),
    "shopping": PlaceKind(_("centrum handlowe"), _("Centra handlowe"), "shopping-bag", "#7a5a00"),
    "station": PlaceKind(_("dworzec lub stacja"), _("Dworce i stacje"), "train-front", "#3a3f47"),
    "stop": PlaceKind(_("przystanek"), _("Przystanki"), "bus", "#0b5c8a"),
    "other": PlaceKind(_("miejsce"), _("Inne miejsca"), "map-pin", "#4a4f57"),
}
# Who keeps a road (ustawa o drogach publicznych art. 19-20); the profile's file of streets names these codes.
ROAD_OWNERS: dict[str, Any] = {
    "city": _("miejski zarządca dróg"),
    "national": _("zarządca dróg krajowych"),
    "voivodeship": _("zarządca dróg wojewódzkich"),
    "county": _("zarządca dróg powiatowych"),
    "housing": _("spółdzielnia lub wspólnota mieszkaniowa"),
    "private": _("właściciel drogi wewnętrznej"),
    "railway": _("zarządca terenu kolejowego"),
}
STREET_CLASSES: dict[str, Any] = {
    "trunk": _("droga ekspresowa lub główna przyspieszona"),
    "primary": _("droga główna"),
    "secondary": _("droga zbiorcza"),
    "local": _("droga lokalna"),
    "pedestrian": _("deptak lub plac"),
}
FURTHER = {"rail": _("linia kolejowa")}


def kind_name(kind: str | None) -> str:
    """What a place's or an area's kind is called; an unknown one is its own name."""
    if not kind:
        return ""
    if kind in PLACE_KINDS:
        return str(PLACE_KINDS[kind].name)
    if kind in FURTHER:
        return str(FURTHER[kind])
    return str(AreaKind(kind).label) if kind in AreaKind.values else kind
