"""Categories: the tree, which one a text speaks of, and the templates of answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from uuid import UUID

from django.db.models import Q

from miasto.kernel.cases.models import AnswerTemplate, Category
from miasto.kernel.core.polish import query_terms

ENOUGH = 0.25
LIKE = 0.8
SHORTEST_TYPO = 4


@dataclass(frozen=True)
class CategoryNode:
    """A category with those below it."""

    category: Category
    children: list[CategoryNode] = field(default_factory=list)


@dataclass(frozen=True)
class Suggestion:
    """A category that a text may speak of; ``score`` is between 0 and 1."""

    category: Category
    score: float


def categories(case_type: str, *, active: bool = True) -> list[CategoryNode]:
    """The tree of the categories of a case type, in order; 1 query."""
    rows = _rows(case_type, active)
    below: dict[int | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def grow(parent: int | None) -> list[CategoryNode]:
        return [CategoryNode(row, grow(row.pk)) for row in below.get(parent, [])]

    return grow(None)


def leaves(case_type: str) -> list[Category]:
    """The active categories that have none below them: those that a case may have. 1 query."""
    rows = _rows(case_type, True)
    parents = {row.parent_id for row in rows}
    return [row for row in rows if row.pk not in parents]


def _rows(case_type: str, active: bool) -> list[Category]:
    rows = {row.pk: row for row in Category.objects.filter(case_type=case_type)}
    for row in rows.values():
        if row.parent_id in rows:
            row.parent = rows[row.parent_id]
    return [row for row in rows.values() if row.active or not active]


def suggest_categories(case_type: str, text: str, limit: int = 5) -> list[Suggestion]:
    """The categories that a text may speak of, best first; typos and missing Polish letters are borne. 1 query.

    Each word of the text is compared with the words of the category's name, keywords, hint and parent; a word that few
    categories share weighs more than one that many share, and a keyword of one word more than a part of a phrase. Only a
    word that no category knows is taken for a typing error ("śmieci" is none of "świeci").
    """
    asked = query_terms(text)
    if not asked:
        return []
    rows = leaves(case_type)
    known = {row.pk: _words(row) for row in rows}
    shared: dict[str, int] = {}
    for words in known.values():
        for word in words:
            shared[word] = shared.get(word, 0) + 1
    found = [Suggestion(row, _score(asked, known[row.pk], shared)) for row in rows]
    good = sorted((made for made in found if made.score >= ENOUGH / len(asked) ** 0.5), key=lambda made: -made.score)
    return good[:limit]


def _words(row: Category) -> dict[str, float]:
    return _weighed(row.name, row.hint, row.parent.name if row.parent else "", tuple(row.keywords))


@lru_cache(maxsize=2048)
def _weighed(name: str, hint: str, parent: str, keywords: tuple[str, ...]) -> dict[str, float]:
    """The folded words of a category and how much each tells."""
    weighed: dict[str, float] = {}
    for text, weight in [(name, 1.0), (hint, 0.4), (parent, 0.4), *((keyword, 1.0) for keyword in keywords)]:
        terms = query_terms(text) if text else []
        for form in (form for forms in terms for form in forms):
            weighed[form] = max(weighed.get(form, 0.0), weight / len(terms) ** 0.5)
    return weighed


def _score(asked: list[set[str]], words: dict[str, float], shared: dict[str, int]) -> float:
    total = sum(_best(forms, words, shared) for forms in asked)
    return min(total / len(asked) ** 0.5, 1.0)


def _best(forms: set[str], words: dict[str, float], shared: dict[str, int]) -> float:
    """How much one word of the text speaks for a category; ``shared`` counts the categories that know a word."""
    exact = [form for form in forms if form in shared]
    if exact:
        return max(words.get(form, 0.0) / shared[form] ** 0.5 for form in exact)
    likely = (_likeness(form, word) * weight / shared[word] ** 0.5 for form in forms for word, weight in words.items())
    return max(likely, default=0.0)


def _likeness(asked: str, word: str) -> float:
    """How much a word looks like another with a typing error; 0 for another word."""
    if min(len(asked), len(word)) < SHORTEST_TYPO or asked[0] != word[0] or abs(len(asked) - len(word)) > 2:
        return 0.0
    ratio = SequenceMatcher(None, asked, word, autojunk=False).ratio()
    return ratio * 0.8 if ratio >= LIKE else 0.0


def answer_templates(case_type: str, *, category_id: int | None = None, unit_id: UUID | None = None) -> list[AnswerTemplate]:
    """The prepared answers for a case: those for its category and unit first, then the general ones; 1 query."""
    found = AnswerTemplate.objects.filter(case_type=case_type, active=True)
    found = found.filter(Q(category=None) | Q(category=category_id), Q(unit=None) | Q(unit=unit_id))
    return sorted(found, key=lambda row: (row.category_id is None, row.unit_id is None, row.name))
