"""Who takes the place of someone who refuses: the most alike of those who keep the quotas; the same seed decides on equals."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .lottery import in_order
from .model import Problem


@dataclass(frozen=True)
class Replacement:
    """``chosen`` of ``equals``: numbers in order, all with the same count of ``differing`` features; the one at ``drawn``."""

    gone: str
    chosen: str
    equals: tuple[str, ...]
    differing: int
    drawn: int


def replacement(
    problem: Problem, panel: Iterable[str], gone: str, barred: Iterable[str], drawn_below: Callable[[int], int]
) -> Replacement | None:
    """The person for the place of ``gone`` on ``panel``; None when nobody left keeps the quotas.

    ``barred``: who refused before. ``drawn_below(count)`` gives a number 0 … count - 1 from the published seed.
    """
    stay = [number for number in panel if number != gone]
    out = {*stay, gone, *barred}
    fitting = [number for number in sorted(problem.pool, key=in_order) if number not in out and problem.keeps([*stay, number])]
    if not fitting:
        return None
    own = problem.kind_of(gone)
    apart = {
        number: sum(mine != theirs for mine, theirs in zip(own, problem.kind_of(number), strict=True)) for number in fitting
    }
    fewest = min(apart.values())
    equals = tuple(number for number in fitting if apart[number] == fewest)
    place = drawn_below(len(equals))
    return Replacement(gone, equals[place], equals, fewest, place)
