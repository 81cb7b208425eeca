"""The draw itself: from the published list, the secret committed to beforehand and the public value to the panel."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .lottery import Lottery
from .model import Problem
from .recount import COMMITTEE, REPLACEMENT, below, commitment, seed
from .replacing import Replacement, replacement


@dataclass(frozen=True)
class Draw:
    """A draw that can be repeated: ``secret`` (32 bytes) was committed to, ``public`` was known to nobody at that time."""

    lottery: Lottery
    secret: bytes
    public: str

    @property
    def line(self) -> int:
        """The drawn line of the list."""
        return below(seed(self.secret, self.public), COMMITTEE, len(self.lottery.lines))

    @property
    def committee(self) -> tuple[str, ...]:
        """The people of that line."""
        return self.lottery.lines[self.line]

    def replaced(
        self, problem: Problem, panel: Iterable[str], gone: str, barred: Iterable[str], turn: int
    ) -> Replacement | None:
        """Who takes the place of ``gone``; ``turn`` counts the replacements of this panel from 1."""
        start = seed(self.secret, self.public)
        return replacement(problem, panel, gone, barred, lambda count: below(start, f"{REPLACEMENT} {turn}", count))

    def published(self, replacements: Iterable[Replacement] = ()) -> dict[str, Any]:
        """What ``recount.py`` reads beside the list."""
        return {
            "list_sha256": self.lottery.digest,
            "commitment": commitment(self.secret),
            "secret": self.secret.hex(),
            "public": self.public,
            "line": self.line,
            "committee": list(self.committee),
            "replacements": [{"gone": one.gone, "equals": list(one.equals), "chosen": one.chosen} for one in replacements],
        }
