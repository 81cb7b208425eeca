"""Conditions and values in words."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.core.numbers import trimmed
from miasto.kernel.observations.things import declared_property
from miasto.kernel.spec.observations import Property


def _declared(code: str) -> Property | None:
    """The declaration of a code; None for one that nobody declares any more."""
    with suppress(KeyError):
        return declared_property(code)
    return None


def unit_of(code: str) -> str:
    """The symbol of a property's unit; empty where nobody declares the property."""
    found = _declared(code)
    return found.symbol if found else ""


def valued(value: float | None, unit: str) -> str:
    """A value with its unit on one line, at most two decimals; a dash for none."""
    if value is None:
        return "–"
    return f"{trimmed(value)}\u00a0{unit}" if unit else trimmed(value)


def describe(given: dict[str, Any]) -> str:
    """A stored condition as a sentence without its full stop."""
    kind = given.get("kind")
    if kind in ("all", "any"):
        word = _(" i ") if kind == "all" else _(" lub ")
        return word.join(describe(one) for one in given["of"])
    declared = _declared(given["code"])
    values = {"name": str(declared.name) if declared else given["code"]}
    if kind == "absence":
        return _("%(name)s: brak odczytów od %(time)s") % {**values, "time": lasting(given["after_s"])}
    if kind == "deviation":
        values["times"] = trimmed(given["times"], 1)
        return _("%(name)s: odczyt odbiega od prognozy ponad %(times)s razy bardziej niż zwykle") % values
    if kind == "coming":
        values |= {"value": valued(given["value"], unit_of(given["code"])), "time": lasting(given["within_s"])}
        over = _("%(name)s: prognoza przekracza %(value)s w ciągu %(time)s")
        under = _("%(name)s: prognoza spada poniżej %(value)s w ciągu %(time)s")
        return (over if given["op"] == ">" else under) % values
    values["value"] = valued(given["value"], unit_of(given["code"]))
    above = given["op"] == ">"
    if kind == "change":
        values["time"] = lasting(given["within_s"])
        words = (
            _("%(name)s: wzrost o ponad %(value)s w ciągu %(time)s")
            if above
            else _("%(name)s: spadek o ponad %(value)s w ciągu %(time)s")
        )
        return words % values
    return (_("%(name)s powyżej %(value)s") if above else _("%(name)s poniżej %(value)s")) % values


def lasting(seconds: int) -> str:
    """A time in whole minutes, hours or days, in the genitive that follows "w ciągu"."""
    if seconds % 86400 == 0:
        return ngettext("%(n)d dnia", "%(n)d dni", seconds // 86400) % {"n": seconds // 86400}
    if seconds % 3600 == 0:
        return ngettext("%(n)d godziny", "%(n)d godzin", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)d minuty", "%(n)d minut", seconds // 60) % {"n": seconds // 60}
