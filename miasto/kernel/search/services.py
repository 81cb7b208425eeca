"""Keeps the index in step with what it tells of. Every call may be repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from miasto.kernel.core import polish
from miasto.kernel.search.models import Document, Word
from miasto.kernel.search.sources import Source, sources
from miasto.kernel.spec.search import SearchEntry

CHUNK = 1000
LEAST_WORD = 4
MOST_WORD = 40

_UPSERT = """
INSERT INTO search_document AS d
    (source, object_id, title, summary, url, audience, unit_id, weight, title_folded, title_vector, vector, point)
SELECT %s, object_id, title, summary, url, audience, unit_id, weight, folded,
       to_tsvector('simple', title_forms),
       setweight(to_tsvector('simple', title_forms), 'A') || setweight(to_tsvector('simple', body_forms), 'C'),
       CASE WHEN lon IS NOT NULL THEN ST_SetSRID(ST_MakePoint(lon, lat), 4326) END
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::float[], %s::text[], %s::text[],
            %s::text[], %s::float[], %s::float[])
    AS row (object_id, title, summary, url, audience, unit_id, weight, folded, title_forms, body_forms, lon, lat)
ON CONFLICT (source, object_id) DO UPDATE SET
    title = EXCLUDED.title, summary = EXCLUDED.summary, url = EXCLUDED.url, audience = EXCLUDED.audience,
    unit_id = EXCLUDED.unit_id, weight = EXCLUDED.weight, title_folded = EXCLUDED.title_folded,
    title_vector = EXCLUDED.title_vector, vector = EXCLUDED.vector, point = EXCLUDED.point
WHERE (d.title, d.summary, d.url, d.audience, d.unit_id, d.weight, d.vector, d.point) IS DISTINCT FROM
    (EXCLUDED.title, EXCLUDED.summary, EXCLUDED.url, EXCLUDED.audience, EXCLUDED.unit_id, EXCLUDED.weight, EXCLUDED.vector,
     EXCLUDED.point)"""
_LEARN = """
INSERT INTO search_word AS w (word, folded, uses) SELECT * FROM unnest(%s::text[], %s::text[], %s::int[])
ON CONFLICT (word) DO UPDATE SET uses = greatest(w.uses, EXCLUDED.uses) WHERE w.uses < EXCLUDED.uses"""


@transaction.atomic
def reindex(source: str, ids: Iterable[UUID] | None = None) -> int:
    """Read a source anew: the given identifiers, or all. What it no longer yields is forgotten. Returns how many it yields.

    A source that is not declared (its module is switched off) is forgotten as a whole.
    """
    known = sources().get(source)
    asked = None if ids is None else list(ids)
    # one writer of a source at a time: a slow one must not put back what a later one, having read later, has forgotten
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"search.reindex:{source}"])
    if known is None:
        Document.objects.filter(source=source).delete()
        return 0
    seen, words = _write(known, asked)
    _learn(words)
    gone = Document.objects.filter(source=source).exclude(object_id__in=seen)
    (gone if asked is None else gone.filter(object_id__in=asked)).delete()
    return len(seen)


def reindex_all() -> dict[str, int]:
    """Read every source anew; returns how many documents each has. Each source is its own transaction."""
    Document.objects.exclude(source__in=sources()).delete()
    counts = {key: reindex(key) for key in sources()}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_document, search_word")
    return counts


def _write(source: Source, ids: list[UUID] | None) -> tuple[list[UUID], Counter[str]]:
    seen: list[UUID] = []
    words: Counter[str] = Counter()
    entries = iter(source.entries(ids))
    while chunk := list(islice(entries, CHUNK)):
        chunk = list({entry.object_id: entry for entry in chunk}.values())
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [source.key, *_columns(chunk)])
        seen += [entry.object_id for entry in chunk]
        words.update(_vocabulary(chunk))
    return seen, words


def _columns(entries: Sequence[SearchEntry]) -> list[list[object]]:
    titles = [_clean(entry.title)[:300] for entry in entries]
    return [
        [entry.object_id for entry in entries],
        titles,
        [_clean(entry.summary) for entry in entries],
        [entry.url for entry in entries],
        [entry.audience for entry in entries],
        [entry.unit_id for entry in entries],
        [entry.weight for entry in entries],
        [polish.fold(title)[:300] for title in titles],
        [polish.search_text(title) for title in titles],
        [polish.search_text(f"{entry.summary} {entry.words}") for entry in entries],
        [entry.lon for entry in entries],
        [entry.lat for entry in entries],
    ]


def _clean(text: str) -> str:
    return " ".join(str(text).replace("\x00", "").split())


def _vocabulary(entries: Iterable[SearchEntry]) -> Iterator[str]:
    """Words that may be offered to anybody: those of public documents alone."""
    for entry in entries:
        if entry.audience == "public":
            for word in polish.words(f"{entry.title} {entry.summary}"):
                if word.isalpha() and LEAST_WORD <= len(word) <= MOST_WORD:
                    yield word


def _learn(words: Counter[str]) -> None:
    pairs = sorted(words.items())  # one order for all writers, so that they cannot block each other
    with connection.cursor() as cursor:
        for start in range(0, len(pairs), CHUNK):
            part = pairs[start : start + CHUNK]
            cursor.execute(
                _LEARN, [[word for word, _n in part], [polish.fold(word) for word, _n in part], [n for _word, n in part]]
            )


def forget_unused_words() -> int:
    """Empty the vocabulary, so that the next ``reindex_all`` fills it with what is still there."""
    return Word.objects.all().delete()[0]
