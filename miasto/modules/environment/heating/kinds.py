"""Kinds of sources, classes of boilers and fuels, as the declarations to the register name them.

Source: act of 21 November 2008 on supporting thermomodernisation and renovation and on the central register of emissions of
buildings, art. 27a-27i; declarations on form A (dwellings) and B (other buildings). A declaration names eleven kinds of
sources; of a boiler for solid fuel also its class by PN-EN 303-5 or ecodesign (Regulation (EU) 2015/1189).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.polish import fold

NONE, THREE, FOUR, FIVE, ECO = "none", "3", "4", "5", "eco"
CLASSES: Mapping[str, Any] = {
    NONE: _("poniżej klasy 3 albo klasa nieznana"),
    THREE: _("klasa 3"),
    FOUR: _("klasa 4"),
    FIVE: _("klasa 5"),
    ECO: _("ekoprojekt"),
}
# Key, name as the declaration has it, group of the public table.
NETWORK, GAS, CURRENT, SOLID, SMOKY = "network", "gas", "current", "solid", "smoky"
KINDS: Mapping[str, tuple[Any, str]] = {
    "network": (_("miejska sieć ciepłownicza / ciepło systemowe / lokalna sieć ciepłownicza"), NETWORK),
    "boiler_hand": (_("kocioł na paliwo stałe z ręcznym podawaniem paliwa / zasypowy"), SOLID),
    "boiler_auto": (_("kocioł na paliwo stałe z automatycznym podawaniem paliwa / z podajnikiem"), SOLID),
    "fireplace": (_("kominek / koza / ogrzewacz powietrza na paliwo stałe"), SOLID),
    "tiled": (_("piec kaflowy na paliwo stałe"), SOLID),
    "kitchen": (_("trzon kuchenny / piecokuchnia / kuchnia węglowa"), SOLID),
    "gas": (_("kocioł gazowy / bojler gazowy / podgrzewacz gazowy przepływowy / kominek gazowy"), GAS),
    "oil": (_("kocioł olejowy"), GAS),
    "pump": (_("pompa ciepła"), CURRENT),
    "electric": (_("ogrzewanie elektryczne / bojler elektryczny"), CURRENT),
    "solar": (_("kolektory słoneczne do ciepłej wody użytkowej lub z funkcją wspomagania ogrzewania"), CURRENT),
}
BOILERS = ("boiler_hand", "boiler_auto")
GROUPS: Mapping[str, Any] = {
    NETWORK: _("sieć ciepłownicza"),
    GAS: _("gaz i olej"),
    CURRENT: _("prąd, pompy ciepła, słońce"),
    SOLID: _("paliwo stałe"),
    SMOKY: _("kotły poniżej klasy 3"),
}
# What tells a kind in a cell that is not written letter by letter as the declaration: the first match counts.
_TELLING = (
    ("siec cieplown", "network"), ("cieplo systemowe", "network"), ("zasypow", "boiler_hand"), ("reczn", "boiler_hand"),
    ("podajnik", "boiler_auto"), ("automatyczn", "boiler_auto"), ("kominek gazow", "gas"), ("gazow", "gas"),
    ("olejow", "oil"), ("pompa", "pump"), ("kolektor", "solar"), ("slonecz", "solar"), ("elektryczn", "electric"),
    ("kaflow", "tiled"), ("trzon", "kitchen"), ("piecokuchni", "kitchen"), ("kuchnia", "kitchen"), ("kominek", "fireplace"),
    ("koza", "fireplace"), ("ogrzewacz", "fireplace"),
)  # fmt: skip


def kind_of(text: str) -> str:
    """The key of a kind from a cell; empty where it says none."""
    plain = fold(text)
    return next((key for word, key in _TELLING if word in plain), "")


def class_of(text: str) -> str:
    """The class of a boiler from a cell ("klasa 4", "IV", "Ekoprojekt"); ``NONE`` where it names none."""
    plain = fold(text)
    if "ekoprojekt" in plain or "ecodesign" in plain:
        return ECO
    if "ponizej" in plain or "brak" in plain or "bez" in plain:
        return NONE
    words = {word.strip(".,;()") for word in plain.split()}
    for key, names in ((FIVE, {"5", "v"}), (FOUR, {"4", "iv"}), (THREE, {"3", "iii"})):
        if words & names:
            return key
    return NONE


def group_of(kind: str, boiler_class: str) -> str:
    """The group of the public table."""
    return SMOKY if kind in BOILERS and boiler_class == NONE else KINDS[kind][1]
