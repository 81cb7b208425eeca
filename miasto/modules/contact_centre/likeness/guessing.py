"""Which category a text speaks of: the trained model where it is sure enough, the words of the catalogue where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from miasto.kernel.cases import selectors as cases
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness.classifier import current_model

SHORTEST = 3
WORTH_SHOWING = 0.02


@dataclass(frozen=True)
class Guess:
    """A category (a leaf of the tree) and how probable it is (0..1). ``learned``: told by the model, not by keywords."""

    category: Any
    probability: float
    learned: bool = True


def likely_category(text: str, *, limit: int = 4) -> list[Guess]:
    """The categories that a text may speak of, best first; empty for a text of which nothing is known.

    While the model is silent, the keywords' suggestions come first and the model's after them; where no model was trained
    they come alone. 2 queries, 3 while the model is silent.
    """
    if len(text.strip()) < SHORTEST:
        return []
    model = current_model()
    if model is None:
        return _by_keywords(text, limit)
    leaves = {row.slug: row for row in cases.leaves(KEY)}
    best = model.best(text, 2 * limit)
    learned = [Guess(leaves[slug], sure) for slug, sure in best if slug in leaves and sure >= WORTH_SHOWING]
    if learned and learned[0].probability >= model.silence:
        return learned[:limit]
    words = _by_keywords(text, limit)
    named = {guess.category.slug for guess in words}
    return [*words, *(guess for guess in learned if guess.category.slug not in named)][:limit]


def _by_keywords(text: str, limit: int) -> list[Guess]:
    return [Guess(found.category, found.score, learned=False) for found in cases.suggest_categories(KEY, text, limit=limit)]
