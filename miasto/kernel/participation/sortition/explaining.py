"""What to say when no panel can be made: the smallest change of the quotas that would do."""

from collections.abc import Callable
from dataclasses import dataclass

from .committees import EXACT, Committees
from .model import Problem


@dataclass(frozen=True)
class Change:
    """One bound that has to give way, from ``was`` to ``becomes``: ``least`` goes down or ``most`` goes up.

    ``there``: how many people of the pool are in the category.
    """

    feature: str
    value: str
    bound: str
    was: int
    becomes: int
    there: int


def relaxation(problem: Problem) -> list[Change]:
    """The changes of quotas with the smallest sum after which a panel exists; empty when one exists already."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    known = Committees(problem)
    kinds, bounds = len(known.sizes), len(known.low) - 1
    give = np.vstack([np.zeros((1, bounds)), np.eye(bounds)])
    nothing = np.zeros((bounds + 1, bounds))
    endless = np.full(bounds + 1, np.inf)
    found = milp(
        np.concatenate([np.zeros(kinds), np.ones(2 * bounds)]),
        integrality=np.ones(kinds + 2 * bounds),
        bounds=Bounds(0, np.concatenate([known.sizes, known.low[1:], np.full(bounds, problem.size)])),
        constraints=[
            LinearConstraint(np.hstack([known.rows, give, nothing]), known.low, endless),
            LinearConstraint(np.hstack([known.rows, nothing, -give]), -endless, known.high),
        ],
        options=EXACT,
    )
    lowered, raised = np.round(found.x[kinds:]).astype(int).reshape(2, bounds)
    there = problem.counts()
    changes = []
    for (feature, value), down, up in zip(problem.categories, lowered, raised, strict=True):
        quota, count = problem.quotas[feature][value], there[feature, value]
        if down:
            changes.append(Change(feature, value, "least", quota.least, quota.least - int(down), count))
        if up:
            changes.append(Change(feature, value, "most", quota.most, quota.most + int(up), count))
    return changes


def in_words(changes: list[Change], _: Callable[[str], str] = str) -> list[str]:
    """The explanation, a sentence each; ``_`` translates (gettext of whoever shows it)."""
    if not changes:
        return []
    words = [
        _(
            "Z tych zgłoszeń nie da się ułożyć panelu, który spełnia wszystkie wymagania naraz. "
            "Najmniejsza zmiana, która wystarczy:"
        )
    ]
    for one in changes:
        if one.bound == "most":
            text = _("{feature}, {value}: najwyżej {becomes} zamiast {was} (zgłosiło się: {there}).")
        elif one.there < one.was:
            text = _("{feature}, {value}: co najmniej {becomes} zamiast {was} (zgłosiło się: {there}).")
        else:
            text = _("{feature}, {value}: co najmniej {becomes} zamiast {was} – na więcej nie pozwalają inne wymagania.")
        words.append(text.format(feature=one.feature, value=one.value, was=one.was, becomes=one.becomes, there=one.there))
    return words
