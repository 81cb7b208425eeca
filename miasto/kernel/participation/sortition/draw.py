"""The draw itself: from the published list, the seed committed to beforehand and the public event to the panel."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.participation.counting.draw import below, commitment, numbers

from .lottery import Lottery
from .model import Problem
from .recount import replacing
from .replacing import Replacement, replacement


@dataclass(frozen=True)
class Draw:
    """A draw that can be repeated: ``seed`` was committed to, ``event`` known to nobody at that time (``counting.draw``)."""

    lottery: Lottery
    seed: str
    event: str

    @property
    def line(self) -> int:
        """The drawn line of the list."""
        return below(numbers(self.seed, self.event), len(self.lottery.lines))

    @property
    def committee(self) -> tuple[str, ...]:
        """The people of that line."""
        return self.lottery.lines[self.line]

    def replaced(
        self, problem: Problem, panel: Iterable[str], gone: str, barred: Iterable[str], turn: int
    ) -> Replacement | None:
        """Who takes the place of ``gone``; ``turn`` counts the replacements of this panel from 1."""
        return replacement(problem, panel, gone, barred, substitute(self.seed, self.event, turn))

    def published(self, replacements: Iterable[Replacement] = ()) -> dict[str, Any]:
        """What ``recount.py`` reads beside the list."""
        return {
            "list_sha256": self.lottery.digest,
            "commitment": commitment(self.seed),
            "seed": self.seed,
            "event": self.event,
            "line": self.line,
            "committee": list(self.committee),
            "replacements": [{"gone": one.gone, "equals": list(one.equals), "chosen": one.chosen} for one in replacements],
        }


def substitute(seed: str, event: str, turn: int) -> Callable[[int], int]:
    """What draws one of so many equals at the replacement ``turn``."""
    return lambda count: below(numbers(seed, replacing(event, turn)), count)
