"""How likely it is that two reports tell of the same thing.

A logistic regression on what the two have in common; its numbers were fitted on the first part of the demo year and measured on
the rest (``benchmarks/likeness.py``), where the generator knows who told of the same thing. ``category`` and ``thing`` are set
by hand: in the demo both reports of a pair are of one category and name no object. It asks no database.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from miasto.kernel.core import polish
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.likeness.features import telling_words

METRES = 60
LONGEST_RADIUS = 500
EARTH_M = 6_371_000
DAY_S = 86_400
POLITE = frozenset(polish.words(polish.fold(
    "dzien dobry witam czesc prosze pozdrawiam dziekuje zglaszam zglosic zglaszac zglaszalem interwencje szanowni panstwo "
    "zajac problem sprawa gory uprzejmie dzieki reakcje licze wieczor zgloszenie proba prosba pilne pilnie kolejny raz"
)))  # fmt: skip
_NUMBER = re.compile(r"\s\d+\s?\w{0,2}$")


@dataclass(frozen=True)
class Told:
    """A report as the comparison sees it. ``point`` is (longitude, latitude); ``words``: the lemmas of its text or None."""

    category: str
    point: tuple[float, float]
    filed_at: datetime
    words: frozenset[str] | None = None
    street: str = ""
    object_id: UUID | None = None


@dataclass(frozen=True)
class Common:
    """What two reports have in common. ``words`` is 0..1, None where one of the texts is not known."""

    metres: float
    radius: float
    days: float
    words: float | None
    category: bool
    street: bool
    thing: bool


@dataclass(frozen=True)
class Weights:
    """The numbers of the regression, in log-odds."""

    base: float
    near: float
    days: float
    words: float
    unknown: float
    category: float
    street: float
    thing: float = 3.0


WEIGHTS = Weights(base=-1.1, near=-1.25, days=-1.1, words=3.0, unknown=0.6, category=1.5, street=0.5)


def words_of(text: str) -> frozenset[str]:
    """The folded dictionary forms of the telling words of a text, without polite phrases; the last form stands for a word."""
    return frozenset(polish.forms(word)[-1] for word in telling_words(text) if polish.fold(word) not in POLITE)


def street_of(address: str) -> str:
    """The street of an address as people read it, folded, without the number; empty for none."""
    return polish.fold(_NUMBER.sub("", address.strip()))


def common(one: Told, other: Told) -> Common:
    """What two reports have in common; the same whichever is named first."""
    return Common(
        metres=metres_between(one.point, other.point),
        radius=max(radius_of(one.category), radius_of(other.category)),
        days=abs((one.filed_at - other.filed_at).total_seconds()) / DAY_S,
        words=overlap(one.words, other.words),
        category=one.category == other.category,
        street=bool(one.street) and one.street == other.street,
        thing=one.object_id is not None and one.object_id == other.object_id,
    )


def likeness(shared: Common, weights: Weights = WEIGHTS) -> float:
    """How likely the same thing is meant, 0..1; never more for a greater distance."""
    score = (
        weights.base
        + weights.near * min(shared.metres / shared.radius, 1.5)
        + weights.days * math.log1p(shared.days)
        + (weights.unknown if shared.words is None else weights.words * shared.words)
        + weights.category * shared.category
        + weights.street * shared.street
        + weights.thing * shared.thing
    )
    return 1 / (1 + math.exp(-score))


def overlap(one: frozenset[str] | None, other: frozenset[str] | None) -> float | None:
    """The share of common words (Dice), 0..1; None where a text is not known."""
    if one is None or other is None:
        return None
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points (degrees) on the sphere."""
    lat, other_lat = math.radians(one[1]), math.radians(other[1])
    east = math.radians(other[0] - one[0])
    half = math.sin((other_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(other_lat) * math.sin(east / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def radius_of(category: str) -> float:
    """Within how many metres a report of a category may tell of the same thing: ``duplicate_metres`` of the profile."""
    return _radii().get(category, METRES)


@cache
def _radii() -> dict[str, float]:
    return dict(_read(city().toml("categories.toml").get("categories", ()), METRES))


def _read(nodes: Any, inherited: float) -> Any:
    for node in nodes:
        metres = min(max(float(node.get("duplicate_metres", inherited)), 5.0), LONGEST_RADIUS)
        yield node["slug"], metres
        yield from _read(node.get("children", ()), metres)
