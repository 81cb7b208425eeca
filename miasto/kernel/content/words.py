"""The words by which a service page is found, and how much each tells of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from miasto.kernel.content.models import Service
from miasto.kernel.core import polish

TITLE, KEYWORD, LINE, BODY, TOPIC = 1.0, 1.0, 0.3, 0.12, 0.15
LONGEST = 60


def weighed(service: Service) -> dict[str, float]:
    """The folded forms of the words of a page with their weights (0 to 1); both languages together."""
    found: dict[str, float] = {}
    for phrase in phrases(service):
        _add(found, phrase, KEYWORD)
    for text in (service.line, service.line_en):
        _add_each(found, text, LINE)
    _add_each(found, service.topic.name, TOPIC)
    rest = (service.who, service.place, service.when, service.duration, service.cost, *body_texts(service.body))
    for text in rest:
        _add_each(found, text, BODY)
    return {form[:LONGEST]: weight for form, weight in found.items()}


def phrases(service: Service) -> list[str]:
    """The title in both languages and the residents' own words for it."""
    return [one for one in (service.title, service.title_en, *service.keywords.splitlines()) if one.strip()]


@lru_cache(maxsize=4096)
def terms(phrase: str) -> tuple[frozenset[str], ...]:
    """The meaningful words of a phrase, each by its folded forms."""
    return tuple(frozenset(term) for term in polish.query_terms(phrase))


def _add(found: dict[str, float], phrase: str, weight: float) -> None:
    parts = terms(phrase)
    for form in (form for part in parts for form in part):
        found[form] = max(found.get(form, 0.0), weight / math.sqrt(len(parts)))


def _add_each(found: dict[str, float], text: str, weight: float) -> None:
    for form in (form for part in terms(text) for form in part):
        found[form] = max(found.get(form, 0.0), weight)


def body_texts(value: Any) -> Iterable[str]:
    """Every text in the parts of a page, addresses left out."""
    for block in value:
        yield from _texts(block.value)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        if not value.startswith("http"):
            yield value
    elif hasattr(value, "items"):
        for part in value.values():
            yield from _texts(part)
    elif hasattr(value, "__iter__"):
        for part in value:
            yield from _texts(part)
