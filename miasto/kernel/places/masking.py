"""Personal data in what is about to be published, found with the city's own names and telephones known."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from miasto.kernel.core import clock, personal
from miasto.kernel.core.city import city
from miasto.kernel.core.personal import Known, Span
from miasto.kernel.places import selectors as places

_FRESH_S = 900


def found_in(text: str) -> list[Span]:
    """Personal data of a text, in order."""
    return personal.find(text, _known(int(clock.now().timestamp()) // _FRESH_S)) if text else []


def masked(text: str) -> str:
    """The text as it would be published."""
    return personal.mask(text, spans=found_in(text))


@lru_cache(maxsize=1)
def _known(_period: int) -> Known:
    """The city's streets and places, and the contacts of its offices; read again every ``_FRESH_S`` seconds."""
    rows: list[dict[str, Any]] = [city().contacts, *city().rows("organisations"), *city().rows("units")]
    contacts = [str(value) for row in rows for key, value in row.items() if key in ("phone", "email") and value]
    return personal.known(names=places.public_names(), contacts=contacts)
