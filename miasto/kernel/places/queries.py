"""Reads what someone typed as a place: a name, a name with a house number, or a crossing of two streets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from miasto.kernel.core.city import city
from miasto.kernel.core.polish import fold
from miasto.kernel.places.names import PLACE_WORDS, TYPE_WORDS, number_norm, plain

LONGEST = 120
SHORT_TYPES = {"ul", "al", "pl", "os", "ulica", "ulicy", "ulice", "ulicach"}
_POSTCODE = re.compile(r"\b\d{2}-\d{3}\b")
_NUMBER = r"\d+\s?[a-z]?(?:\s?[/-]\s?\d+[a-z]?)?(?:\s+(?:m|lok|lokal|mieszkanie)\.?\s*\d+[a-z]?)?"
_NUMBER_LAST = re.compile(rf"^(?P<name>.*?\S)[\s,]+(?:nr\.?\s*)?(?P<number>{_NUMBER})$")
_NUMBER_FIRST = re.compile(rf"^(?P<number>{_NUMBER})[\s,]+(?P<name>\D.*)$")
_CROSSING_WORD = re.compile(
    r"\b(?:na\s+)?(?:rogu|rog|skrzyzowani[eau]\w*|skrzyz\.?|u\s+zbiegu|zbieg)\b(?:\s+ulic)?", re.IGNORECASE
)
_CROSSING_SIGN = re.compile(r"\s*[/\\&+]\s*|\s+x\s+")
_CROSSING_AND = re.compile(r"\s+(?:i|z|ze|oraz)\s+")


@dataclass(frozen=True)
class Wanted:
    """One reading of the text: ``words`` (folded, without type words and prepositions), a type ("ul.") and a number."""

    words: tuple[str, ...]
    prefix: str = ""
    number: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True)
class Query:
    """All readings of a text, the likeliest first; ``crossing`` holds the two streets of a crossing, if it may be one."""

    readings: tuple[Wanted, ...]
    crossing: tuple[Wanted, Wanted] | None = None


def parse(text: str) -> Query:
    """Read a typed text; no reading is left where it holds no word."""
    folded = " ".join(fold(text[:LONGEST]).split())
    crossing = _crossing(folded)
    folded = _POSTCODE.sub(" ", folded).strip(" ,")
    found: list[Wanted] = []
    for name, number in _splits(folded):
        for wanted in (_wanted(name, number), _wanted(name, number, literal=True)):
            if wanted.words and wanted not in found:
                found.append(wanted)
    return Query(tuple(found[:4]), crossing)


def _splits(folded: str) -> list[tuple[str, str]]:
    """(name, number) in the ways in which the text can be cut: house number last, first, or none."""
    ways = []
    head = folded.split(",")[0].strip()
    for candidate in dict.fromkeys((folded, head)):
        for pattern in (_NUMBER_LAST, _NUMBER_FIRST):
            found = pattern.match(candidate)
            if found:
                ways.append((found["name"], number_norm(found["number"])))
    return [*ways, (folded, "")]


def _wanted(name: str, number: str, *, literal: bool = False) -> Wanted:
    """A reading without type words and the city's name; a ``literal`` one keeps them, since names may hold them."""
    words, prefix = plain(name).split(), ""
    if not literal:
        words = _without_city(words) or words
    kept = []
    for place, word in enumerate(words):
        kind = TYPE_WORDS.get(word)
        if kind and not prefix and place + 1 < len(words):
            prefix = kind
            if literal and word not in SHORT_TYPES:
                kept.append(word)
        elif word not in PLACE_WORDS:
            kept.append(word)
    return Wanted(tuple(kept or words), prefix, number)


def _without_city(words: list[str]) -> list[str]:
    """The words without the city's name, wherever it stands."""
    text = f" {' '.join(words)} "
    for name in (city().name, city().name_genitive, city().name_locative):
        text = text.replace(f" {plain(name)} ", " ")
    return text.split()


def _crossing(folded: str) -> tuple[Wanted, Wanted] | None:
    said = bool(_CROSSING_WORD.search(folded))
    rest = _CROSSING_WORD.sub(" ", folded).strip()
    parts = [part for part in _CROSSING_SIGN.split(rest) if part]
    if len(parts) != 2:
        parts = [part for part in _CROSSING_AND.split(rest) if part]
    if len(parts) != 2 and said:
        parts = [part.strip() for part in rest.split(",") if part.strip()]
    if len(parts) != 2 or not all(re.search(r"[^\W\d]{2}", part) for part in parts):
        return None
    first, second = (_wanted(part, "") for part in parts)
    return (first, second) if first.words and second.words else None
