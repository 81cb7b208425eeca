"""What the page of the classifier shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import selectors as cases
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness.guessing import Guess, likely_category
from miasto.modules.contact_centre.likeness.measuring import Figures
from miasto.modules.contact_centre.likeness.models import Training
from miasto.modules.contact_centre.likeness.services import running

PAST = 10
SHARP = 0.995
ENDS = {
    Training.State.WAITING: (_("czeka"), "grey"),
    Training.State.RUNNING: (_("trwa"), "blue"),
    Training.State.TAKEN: (_("przyjęty"), "green"),
    Training.State.WORSE: (_("odrzucony, bo gorszy"), "orange"),
    Training.State.TOO_FEW: (_("za mało spraw"), "grey"),
    Training.State.CANCELLED: (_("zatrzymany"), "grey"),
    Training.State.FAILED: (_("nie udało się"), "red"),
}


@dataclass(frozen=True)
class Row:
    """A category with its figures in percents; None where nothing was measured."""

    name: str
    cases: int
    precision: int | None
    recall: int | None
    in_three: int | None


@dataclass(frozen=True)
class Mistake:
    """What was taken for what, and how often."""

    true: str
    said: str
    count: int


@dataclass(frozen=True)
class Past:
    """A training of the past in words."""

    at: Any
    words: Any
    colour: str
    first: int | None
    examples: int


def page(tried: str) -> dict[str, Any]:
    """The values of the template; at most 6 queries, 3 more where a sentence is tried."""
    current = Training.objects.filter(current=True).defer("data").first()
    past = Training.objects.defer("data", "report").order_by("-asked_at")[:PAST]
    figures = Figures.from_json(current.report) if current and current.report else None
    return {
        "current": current,
        "running": running(),
        "past": [_past(row) for row in past if row.ended],
        "figures": _percents(figures) if figures else None,
        "suspicious": bool(figures and figures.first >= SHARP),
        **_rows(figures),
        "guesses": [_guess(one) for one in likely_category(tried)],
    }


def _guess(one: Guess) -> dict[str, Any]:
    return {"name": one.category.title, "percent": _percent(one.probability), "learned": one.learned}


def _rows(figures: Figures | None) -> dict[str, Any]:
    if figures is None:
        return {"rows": [], "mistakes": []}
    names = {row.slug: row.title for row in cases.leaves(KEY)}
    rows = [
        Row(names.get(one.slug, one.slug), one.cases, _percent(one.precision), _percent(one.recall), _percent(one.in_three))
        for one in figures.categories
    ]
    mistakes = [Mistake(names.get(one.true, one.true), names.get(one.said, one.said), one.count) for one in figures.confusions]
    return {"rows": sorted(rows, key=lambda row: (101 if row.recall is None else row.recall, row.name)), "mistakes": mistakes}


def _percents(figures: Figures) -> dict[str, Any]:
    return {
        "cases": figures.cases,
        "first": _percent(figures.first),
        "in_three": _percent(figures.in_three),
        "spoken": _percent(figures.spoken),
        "right_spoken": _percent(figures.right_spoken),
    }


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _past(row: Training) -> Past:
    words, colour = ENDS[Training.State(row.state)]
    return Past(row.asked_at, words, colour, _percent(row.first), row.examples)
