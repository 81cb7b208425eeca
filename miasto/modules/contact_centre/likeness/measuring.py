"""How good a model is, on texts that it was not trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

CONFUSIONS = 12
BINS = 10
Asked = Callable[[str], list[tuple[str, float]]]


@dataclass(frozen=True)
class OfCategory:
    """One category: ``cases`` in the measured part, and how the first guess did. Shares are 0..1, None where undefined."""

    slug: str
    cases: int
    precision: float | None
    recall: float | None
    in_three: float | None


@dataclass(frozen=True)
class Confusion:
    """How often a case of category ``true`` was taken for one of ``said``."""

    true: str
    said: str
    count: int


@dataclass(frozen=True)
class Figures:
    """Shares (0..1) of ``cases`` texts. ``spoken``: the model was not silent; ``right_spoken``: how many of those were right.

    ``calibration`` is the expected calibration error: how far the probability told lies from the share of right guesses, in
    ``BINS`` classes. ``brier`` is the mean square of what the probability of the first guess misses (0 best; Brier 1950).
    """

    cases: int = 0
    first: float = 0.0
    in_three: float = 0.0
    spoken: float = 0.0
    right_spoken: float = 0.0
    calibration: float = 0.0
    brier: float = 0.0
    categories: list[OfCategory] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Figures:
        """What ``as_json`` made."""
        known = {**data}
        known["categories"] = [OfCategory(**row) for row in data.get("categories", ())]
        known["confusions"] = [Confusion(**row) for row in data.get("confusions", ())]
        return cls(**known)


def measure(ask: Asked, examples: Sequence[tuple[str, str]], *, silence: float = 0.0) -> Figures:
    """Measure guesses on (text, slug of the right category); ``ask`` gives (slug, probability), best first."""
    if not examples:
        return Figures()
    answers = [(true, ask(text)[:3]) for text, true in examples]
    total = len(answers)
    firsts = [(true, said[0][0] if said else "", said[0][1] if said else 0.0) for true, said in answers]
    spoken = [(true, said) for true, said, sure in firsts if said and sure >= silence]
    return Figures(
        cases=total,
        first=sum(true == said for true, said, _sure in firsts) / total,
        in_three=sum(_among(true, said) for true, said in answers) / total,
        spoken=len(spoken) / total,
        right_spoken=sum(true == said for true, said in spoken) / len(spoken) if spoken else 0.0,
        calibration=_calibration([(true == said, sure) for true, said, sure in firsts]),
        brier=sum(((true == said) - sure) ** 2 for true, said, sure in firsts) / total,
        categories=_by_category(answers),
        confusions=_confusions((true, said) for true, said, _sure in firsts),
    )


def _among(true: str, said: list[tuple[str, float]]) -> bool:
    return any(slug == true for slug, _sure in said)


def _calibration(guesses: list[tuple[bool, float]]) -> float:
    bins: dict[int, list[tuple[bool, float]]] = {}
    for right, sure in guesses:
        bins.setdefault(min(int(sure * BINS), BINS - 1), []).append((right, sure))
    off = (abs(sum(right for right, _ in rows) - sum(sure for _, sure in rows)) for rows in bins.values())
    return sum(off) / len(guesses)


def _by_category(answers: list[tuple[str, list[tuple[str, float]]]]) -> list[OfCategory]:
    cases = Counter(true for true, _said in answers)
    said_first = Counter(said[0][0] for _true, said in answers if said)
    right = Counter(true for true, said in answers if said and said[0][0] == true)
    in_three = Counter(true for true, said in answers if _among(true, said))
    return [
        OfCategory(
            slug=slug,
            cases=cases[slug],
            precision=right[slug] / said_first[slug] if said_first[slug] else None,
            recall=right[slug] / cases[slug] if cases[slug] else None,
            in_three=in_three[slug] / cases[slug] if cases[slug] else None,
        )
        for slug in sorted(cases | said_first)
    ]


def _confusions(pairs: Any) -> list[Confusion]:
    wrong = Counter((true, said) for true, said in pairs if said and true != said)
    ordered = sorted(wrong.items(), key=lambda row: (-row[1], row[0]))
    return [Confusion(true, said, count) for (true, said), count in ordered[:CONFUSIONS]]
