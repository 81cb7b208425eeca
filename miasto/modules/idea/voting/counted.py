"""The result of a vote of its own: how it will be counted, fixed before the first ballot, and what its pages show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.participation.counting import model as counting
from miasto.kernel.participation.selectors import tallying as seen
from miasto.kernel.participation.services import tallying, voting

# What nothing is paid for "costs" one grosz, and the pool is as many grosze as options can win: the count by votes is then
# exactly the first so many. Real costs are whole zlotys, so no page shows such a one.
TOKEN = 1


@dataclass(frozen=True)
class Line:
    """An option in the result: its row, why it lost and by how little."""

    row: Any
    why: str
    missing: str


def priced(cost: int) -> bool:
    """Whether an option really costs something."""
    return cost > TOKEN


def with_tokens(options: Sequence[voting.NewOption]) -> tuple[voting.NewOption, ...]:
    """Options that cost nothing, each with the token in place of a cost."""
    return tuple(replace(one, cost=TOKEN) for one in options)


@transaction.atomic
def create(*, winners: int | None, money: int | None, by: Viewer, **election: Any) -> Any:
    """A vote and the plan of its count: the first ``winners`` options, or as many as ``money`` (grosze) pays for.

    Equal votes are settled by the lower number on the ballot, which stands in the published rules.
    """
    made = voting.create_election(**election, by=by)
    rule = counting.Rule(rule="greedy-votes", ties=("more-votes", "lower-number"))
    plan = tallying.Plan(rule=rule, money={1: money if money is not None else (winners or 1) * TOKEN})
    tallying.plan_tally(election=made.pk, plan=plan, by=by)
    return made


def lines(election: UUID, *, staff: bool = False) -> list[Line]:
    """Each option with its votes, winners first; empty before the announcement (``staff``: once it is counted)."""
    try:
        found = seen.results(election, staff=staff)
    except seen.NotYet:
        return []
    rows = [row for one in found.counts for row in one.results.all()]
    return [Line(row, seen.reason(row.reason) if priced(row.option.cost) else "", _missing(row)) for row in rows]


def _missing(row: Any) -> str:
    return "" if row.won or not priced(row.option.cost) else seen.missing(row)


def downloads(election: UUID) -> list[tuple[str, str, int]]:
    """``(name, address, bytes)`` of the files of an announced result."""
    try:
        found = seen.results(election)
    except seen.NotYet:
        return []
    return [(one.name, reverse("tallying:file", args=[election, one.name]), one.size) for one in found.files]
