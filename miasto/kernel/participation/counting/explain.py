"""What my vote brought: a ballot beside the result. Nothing here needs to know whose ballot it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from miasto.kernel.participation.counting.model import Decision, Result


@dataclass(frozen=True)
class Brought:
    """One project of the ballot: its ``decision`` (order, reason, how near) and what this voter ``paid`` of its cost.

    ``paid`` is in units of the currency, known for equal shares only and exact; ``points`` as the voter gave them.
    """

    id: str
    name: str
    points: Fraction
    decision: Decision
    paid: Fraction | None


@dataclass(frozen=True)
class WhatMyVoteBrought:
    """The projects of one ballot, winners first in the order of winning; ``left`` of the voter's ``share`` was not used."""

    projects: tuple[Brought, ...]
    share: Fraction | None
    left: Fraction | None

    @property
    def won(self) -> int:
        """How many of the voter's projects won."""
        return sum(one.decision.won for one in self.projects)


def what_my_vote_brought(ballot: Mapping[str, Fraction | int], result: Result) -> WhatMyVoteBrought:
    """``ballot``: project id to points (1 for approval). Raises ``KeyError`` for a project that was not on the ballot.

    Under equal shares the payments are repeated purchase by purchase: each voter pays the price times the points, or the rest.
    """
    election = result.election
    index = {project.id: position for position, project in enumerate(election.projects)}
    marks = {index[one]: Fraction(points) for one, points in ballot.items()}
    paid: dict[int, Fraction] = {}
    left = result.share
    if left is not None:
        for bought in result.purchases:
            points = marks.get(bought.project, Fraction(0))
            if points > 0:
                price = bought.price * election.points_scale / election.scale
                paid[bought.project] = min(left, price * points)
                left -= paid[bought.project]
    brought = [
        Brought(
            id=election.projects[p].id,
            name=election.projects[p].name,
            points=points,
            decision=result.decisions[p],
            paid=None if left is None else paid.get(p, Fraction(0)),
        )
        for p, points in marks.items()
    ]
    brought.sort(key=lambda one: (not one.decision.won, one.decision.order or 0, index[one.id]))
    return WhatMyVoteBrought(tuple(brought), result.share, left)
