"""An address as the city's register has it: a person must be the same text in every way of voting."""

from __future__ import annotations

import re

from miasto.kernel.core.polish import fold, words
from miasto.kernel.places.selectors import geocode

PREFIXES = {"ul", "ulica", "al", "aleja", "aleje", "pl", "plac", "os", "osiedle"}
MOST = 6


def in_register(typed: str) -> tuple[str | None, list[str]]:
    """``(address, [])`` where exactly that one is in the register, otherwise ``(None, those that are like it)``."""
    found = [one.label for one in geocode(typed, limit=MOST) if one.kind == "address"]
    same = [label for label in dict.fromkeys(found) if _key(label) == _key(typed)]
    return (same[0], []) if len(same) == 1 else (None, list(dict.fromkeys(found)))


def _key(text: str) -> list[str]:
    return [word for word in words(fold(text)) if word not in PREFIXES]


def with_flat(address: str, flat: str) -> str:
    """The address with its flat, the same for „12”, „m. 12” and „12 m”; a house without flats stays as it is."""
    number = re.sub(r"^(m|lok|mieszkanie)(?=\d)|(?<=\d)m$", "", "".join(words(fold(flat))))
    return f"{address} m {number}" if number else address
