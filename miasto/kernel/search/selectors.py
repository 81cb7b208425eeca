"""Finds what a text asks for among all that the viewer may see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils.translation import get_language

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import polish
from miasto.kernel.places import selectors as places
from miasto.kernel.places.selectors import Found
from miasto.kernel.search import queries
from miasto.kernel.search.models import Document
from miasto.kernel.search.queries import Asked
from miasto.kernel.search.sources import Shortcut, shortcuts, sources

PAGE = 20
MOST = 500
SUGGESTIONS = 8
LIKENESS = 0.7
ADDRESS_KINDS = ("address", "crossing")
CROSSING = re.compile(r"/|\b(i|x|rog|z)\b|skrzyzowan")
_LIKE = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})

# Candidates first (by the beginning of the title, by the title's words, by all words; each bounded, so that a common word
# costs no more than a rare one), then their rank.
_RANKED = """
WITH hits AS (
    (SELECT id FROM search_document WHERE title_folded LIKE %(prefix)s AND {audience} LIMIT 100)
    UNION
    (SELECT id FROM search_document WHERE title_vector @@ to_tsquery('simple', %(query)s) AND {audience} LIMIT %(most)s)
    UNION
    (SELECT id FROM search_document WHERE vector @@ to_tsquery('simple', %(query)s) AND {audience} LIMIT %(most)s)
)
SELECT d.id, d.source
FROM hits JOIN search_document AS d USING (id)
ORDER BY d.weight * (
        ts_rank_cd('{{0.1, 0.2, 0.4, 1}}', d.vector, to_tsquery('simple', %(query)s), 1)
        + CASE WHEN d.title_folded = %(folded)s THEN 1.0 WHEN d.title_folded LIKE %(prefix)s THEN 0.5 ELSE 0 END
        + CASE WHEN d.title_vector @@ to_tsquery('simple', %(query)s) THEN 0.3 ELSE 0 END
    ) DESC, length(d.title_folded), d.id"""
_LIKE_WORDS = """
SELECT asked.term, near.word, near.folded, near.uses
FROM unnest(%s::text[]) AS asked (term)
CROSS JOIN LATERAL (
    SELECT word, folded, uses FROM search_word
    WHERE folded %% asked.term
        OR (folded LIKE left(asked.term, 1) || '%%' AND abs(length(folded) - length(asked.term)) < 2)
    ORDER BY similarity(folded, asked.term) DESC, uses DESC LIMIT 12
) AS near"""


@dataclass(frozen=True)
class Hit:
    """One result. ``title`` and ``summary`` are cut into (part, whether it answers the query)."""

    source: str
    kind: str
    icon: str
    object_id: UUID
    url: str
    title: list[tuple[str, bool]]
    summary: list[tuple[str, bool]]
    point: Point | None


@dataclass(frozen=True)
class Facet:
    """How many results a kind has; ``on`` where the reader chose it."""

    key: str
    name: Any
    count: int
    on: bool


@dataclass(frozen=True)
class Results:
    """One page of results. ``corrected`` is the text that was searched instead, where the one typed found nothing.

    ``more`` says that there are more than ``total``: only so many are counted.
    """

    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    more: bool = False
    page: int = 1
    facets: list[Facet] = field(default_factory=list)
    shortcuts: list[Shortcut] = field(default_factory=list)
    addresses: list[Found] = field(default_factory=list)
    corrected: str = ""

    @property
    def pages(self) -> int:
        return -(-self.total // PAGE)

    @property
    def empty(self) -> bool:
        return not (self.total or self.shortcuts or self.addresses)


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box."""

    label: str
    detail: str
    url: str


def search(text: str, viewer: Viewer, *, kinds: Iterable[str] | None = None, page: int = 1) -> Results:
    """A page of what the viewer may see of what the text asks for; at most six queries with one source on the page."""
    query = queries.asked(text)
    if query is None:
        return Results()
    chosen = [key for key in kinds or () if key in sources()]
    addresses = _addresses(query, 5) if page == 1 else []
    tasks = [one for one in shortcuts() if queries.found_in(query, one.forms)] if page == 1 and not chosen else []
    ranked = _ranked(query, viewer)
    corrected = ""
    if not ranked and not addresses:
        corrected = _corrected(query)
        if corrected and (better := queries.asked(corrected)):
            query, ranked = better, _ranked(better, viewer)
            corrected = corrected if ranked else ""
    counts = Counter(source for _id, source in ranked)
    kept = [id for id, source in ranked if not chosen or source in chosen]
    page = max(1, min(page, -(-len(kept) // PAGE) or 1))
    return Results(
        hits=_hits(kept[(page - 1) * PAGE : page * PAGE], query, viewer),
        total=len(kept),
        more=len(ranked) >= MOST,
        page=page,
        facets=[Facet(key, one.name_plural, counts[key], key in chosen) for key, one in sources().items() if counts[key]],
        shortcuts=tasks,
        addresses=addresses,
        corrected=corrected,
    )


def suggest(text: str, viewer: Viewer) -> list[Suggestion]:
    """What may be meant by a text that is still being typed: pages, things, addresses."""
    query = queries.asked(text)
    if query is None or len(query.folded) < queries.LEAST_PREFIX:
        return []
    found = [Suggestion(one.label, one.hint, one.url) for one in shortcuts() if queries.found_in(query, one.forms)][:2]
    found += [Suggestion(one.label, one.detail, map_url(one.lon, one.lat)) for one in _addresses(query, 4)]
    for hit in _hits([id for id, _source in _ranked(query, viewer, most=100)[:SUGGESTIONS]], query, viewer):
        found.append(Suggestion("".join(part for part, _on in hit.title), str(hit.kind), hit.url))
    return list({(one.label, one.url): one for one in found}.values())[:SUGGESTIONS]


def map_url(lon: float, lat: float) -> str:
    """The map of the city with a point in its middle."""
    return f"/mapa/#17/{lat:.5f}/{lon:.5f}"


def _addresses(query: Asked, limit: int) -> list[Found]:
    """Addresses and crossings, which are not in the index: the geocoder is asked where the text may name one."""
    if not any(sign.isdigit() for sign in query.text) and not CROSSING.search(query.folded):
        return []
    return [one for one in places.geocode(query.text, limit=limit) if one.kind in ADDRESS_KINDS]


def _ranked(query: Asked, viewer: Viewer, most: int = MOST) -> list[tuple[int, str]]:
    """``(id, source)`` of the best candidates, best first; one query."""
    audience, units = _audience(viewer)
    prefix = query.folded.translate(_LIKE) + "%"
    values = {"query": query.tsquery, "folded": query.folded, "prefix": prefix, "most": most, "units": units}
    with connection.cursor() as cursor:
        cursor.execute(_RANKED.format(audience=audience), values)
        return cursor.fetchall()


def _audience(viewer: Viewer) -> tuple[str, list[UUID]]:
    """The stored audience as a condition: a first sieve; what passes it is asked of the kind's own ``visible`` at last."""
    units = {unit for _role, unit in viewer.grants}
    if viewer.system or None in units:
        return "true", []
    if not units:
        return "audience = 'public'", []
    return "(audience = 'public' OR unit_id = ANY(%(units)s))", sorted(unit for unit in units if unit is not None)


def _hits(ids: Sequence[int], query: Asked, viewer: Viewer) -> list[Hit]:
    rows = Document.objects.defer("vector", "title_vector").in_bulk(ids)
    known = sources()
    found = [rows[id] for id in ids if id in rows and rows[id].source in known]
    seen = _visible(found, viewer)
    shown = [row for row in found if (row.source, row.object_id) in seen]
    _translate(shown)
    return [_hit(row, query) for row in shown]


def _translate(rows: Iterable[Document]) -> None:
    """Titles and summaries in the reader's language, where it is another than the index's and the source knows them."""
    if (get_language() or settings.LANGUAGE_CODE)[:2] == settings.LANGUAGE_CODE[:2]:
        return
    by_source: dict[str, dict[UUID, Document]] = {}
    for row in rows:
        by_source.setdefault(row.source, {})[row.object_id] = row
    for key, documents in by_source.items():
        translated = sources()[key].translated
        for object_id, words in (translated(list(documents)) if translated else {}).items():
            documents[object_id].title, documents[object_id].summary = words


def _visible(rows: Iterable[Document], viewer: Viewer) -> set[tuple[str, UUID]]:
    """Which of the documents the viewer may see; city objects of all kinds are asked of their index at once."""
    by_source: dict[str, list[UUID]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row.object_id)
    asked: dict[Any, list[str]] = {}
    for key in by_source:
        asked.setdefault(sources()[key].visible, []).append(key)
    seen: set[tuple[str, UUID]] = set()
    for visible, keys in asked.items():
        allowed = visible([id for key in keys for id in by_source[key]], viewer)
        seen |= {(key, id) for key in keys for id in by_source[key] if id in allowed}
    return seen


def _hit(row: Document, query: Asked) -> Hit:
    source = sources()[row.source]
    return Hit(
        source=row.source,
        kind=source.name,
        icon=source.icon,
        object_id=row.object_id,
        url=row.url,
        title=queries.marked(row.title, query),
        summary=queries.marked(row.summary[:300], query),
        point=row.point,
    )


def _corrected(query: Asked) -> str:
    """The text with each word that looks like a typing error replaced by the most similar known word; empty if none was."""
    words = [word for word in polish.words(query.text) if word.isalpha() and len(word) > 3]
    if not words:
        return ""
    folded = {word: polish.fold(word) for word in words}
    with connection.cursor() as cursor:
        cursor.execute(_LIKE_WORDS, [list(folded.values())])
        rows = cursor.fetchall()
    text, changed = query.text.casefold(), False
    for word, plain in folded.items():
        near = [(like, uses, known) for term, known, like, uses in rows if term == plain]
        if not near or any(like == plain for like, _uses, _known in near):
            continue
        like, _uses, known = max(near, key=lambda one: (_likeness(plain, one[0]), one[1]))
        if _likeness(plain, like) >= LIKENESS:
            text, changed = text.replace(word, known), True
    return text if changed else ""


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
