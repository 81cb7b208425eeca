"""Greedy rules: by votes (as most Polish cities count) and by votes for each złoty. All numbers are whole or fractions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from miasto.kernel.participation.counting.gates import Gate
from miasto.kernel.participation.counting.market import least_score
from miasto.kernel.participation.counting.model import Decision, Election, Rule
from miasto.kernel.participation.counting.ties import tie_key


@dataclass
class State:
    """What is left when a project's turn comes: money in all (``1 / scale``), and what its pool and the winners say."""

    left: int
    gate: Gate


class Greedy:
    """One greedy count of the projects not yet ``taken``; ``per_cost`` orders by points for each unit of money."""

    def __init__(self, election: Election, rule: Rule, *, left: int, per_cost: bool, taken: Iterable[int] = ()) -> None:
        gate = Gate.opened(election, rule)
        for p in (taken := list(taken)):
            gate.take(p)
        self.election, self.rule, self.per_cost = election, rule, per_cost
        self.tie = tie_key(election, rule)
        least, skipped = least_score(election, rule), set(taken)
        able = [p for p, score in enumerate(election.scores) if score >= least and p not in skipped]
        self.order = sorted(sorted(able, key=self.tie), key=self._strength, reverse=True)
        self.states: list[State] = []
        self.winners: list[int] = []
        self.lost: dict[int, tuple[str, int | None]] = {}
        self._go(State(left, gate))

    def decisions(self, first: int = 1) -> list[Decision]:
        """A decision for each project in the order, winners numbered from ``first``."""
        made = [Decision(p, True, "won", order=first + place, tied=self._tied(p)) for place, p in enumerate(self.winners)]
        for p, (reason, money) in self.lost.items():
            cost, budget = self.election.projects[p].cost, self.election.budget
            if cost > budget:
                made.append(Decision(p, False, "above-budget", missing_money=self._money(cost - budget)))
                continue
            votes = self._missing_votes(p)
            made.append(
                Decision(
                    p,
                    False,
                    reason,
                    missing_votes=None if votes is None else Fraction(votes, self.election.points_scale),
                    missing_money=None if money is None else self._money(money),
                    tied=self._tied(p),
                )
            )
        return made

    def _go(self, state: State) -> None:
        stopped = False
        for p in self.order:
            if stopped:
                self.lost[p] = ("stopped", None)
                continue
            self.states.append(State(state.left, state.gate.copy()))
            reason = self._why_not(p, state)
            if reason is not None:
                self.lost[p] = reason
                stopped = self.rule.too_dear == "stop" and reason[0] != "excluded"
                continue
            self.winners.append(p)
            state.gate.take(p)
            state.left -= self.election.projects[p].cost

    def _why_not(self, p: int, state: State) -> tuple[str, int | None] | None:
        cost = self.election.projects[p].cost
        if (shut := state.gate.why_not(p)) is not None:
            return shut
        return ("does-not-fit", cost - state.left) if cost > state.left else None

    def _strength(self, p: int, more: int = 0) -> tuple[int, Fraction]:
        """What the order compares; a project without cost is before all others where points are divided by cost."""
        score, cost = self.election.scores[p] + more, self.election.projects[p].cost
        if not self.per_cost:
            return 0, Fraction(score)
        return (0, Fraction(score, cost)) if cost else (1, Fraction(0))

    def _missing_votes(self, p: int) -> int | None:
        """The fewest points more (``1 / points_scale``) with which ``p`` would have had its turn while it could be taken.

        Taking a loser out of the order changes nothing for those before it, so the states that were met hold.
        """
        own = self.order.index(p)
        for place in range(min(own, len(self.states) - 1), -1, -1):
            other = self.order[place]
            if other == p or self._why_not(p, self.states[place]) is not None:
                continue
            kind, level = self._strength(other)
            if kind:
                return None
            needed = level * self.election.projects[p].cost if self.per_cost else level
            more = max(math.ceil(needed - self.election.scores[p]), 0)
            level_with = self._strength(p, more) == self._strength(other)
            return more + 1 if level_with and self.tie(p) > self.tie(other) else more
        return None

    def _tied(self, p: int) -> tuple[int, ...]:
        own = self._strength(p)
        return tuple(sorted(other for other in self.order if other != p and self._strength(other) == own))

    def _money(self, units: int) -> Fraction:
        return Fraction(units, self.election.scale)
