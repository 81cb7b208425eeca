"""From the edition to the count and back: the plan of counting, the result entered in the projects, what pages show of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.participation.events import ResultsAnnounced
from miasto.kernel.participation.selectors import tallying
from miasto.kernel.participation.services import tallying as counting
from miasto.kernel.ui.charts import Series
from miasto.modules.idea.budget import outcome
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import Edition, Project

TITLE_IN_CHART = 60
CHANNELS = {
    "account": lambda: _("przez konto"),
    "identity": lambda: _("po podaniu danych i kodu z SMS-a"),
    "paper": lambda: _("na papierze"),
}
RULES = {
    "greedy-votes": lambda: _("od projektu z największą liczbą głosów, aż do wyczerpania puli"),
    "greedy-votes-per-cost": lambda: _("od projektu z największą liczbą głosów na złotówkę, aż do wyczerpania puli"),
    "equal-shares": lambda: _("metodą równych udziałów"),
}


def plan(edition: Edition, *, by: Viewer) -> None:
    """Fix in the engine how this edition's votes will be counted, as its published rules say; before the vote opens.

    Pools without a project on the ballot are not in the vote. Ties settled by lot follow the drawn order of the ballot.
    """
    on_ballot = {pool.number for pool in edition.election.pools.all()}
    money = {pool.number: pool.money for pool in edition.pools.all() if pool.number in on_ballot}
    made = counting.Plan(rule=rules_of(edition).counted(), money=money)
    counting.plan_tally(election=edition.election_id, plan=made, by=by)


def settle(event: ResultsAnnounced) -> None:
    """The announced result becomes the state of the edition's projects. Called again, it changes nothing."""
    edition = Edition.objects.filter(election=event.election_id).first()
    if edition is None:
        return
    rows = [row for one in tallying.results(event.election_id).counts for row in one.results.all()]
    outcome.settle(
        edition=edition,
        winners={row.option.object_id for row in rows if row.won},
        votes={row.option.object_id: row.votes for row in rows},
        by=SYSTEM,
    )


def of_edition(edition: Edition, *, staff: bool = False) -> tallying.Results | None:
    """The result of an edition; ``None`` before the announcement (``staff``: the caller checked the right)."""
    if edition.election_id is None:
        return None
    try:
        return tallying.results(edition.election_id, staff=staff)
    except tallying.NotYet:
        return None


def is_announced(edition: Edition) -> bool:
    """Whether everybody can read the result of an edition."""
    return edition.election_id is not None and edition.election_id in tallying.announced([edition.election_id])


def announced(editions: Iterable[Edition]) -> set[UUID]:
    """Which of the editions have a result that everybody can read; 1 query."""
    by_election = {one.election_id: one.pk for one in editions if one.election_id is not None}
    return {by_election[one] for one in tallying.announced(list(by_election))}


def of_project(project: Project) -> Line | None:
    """What a project got in the announced vote; ``None`` before that, and for a project that was not on the ballot."""
    row = tallying.result_of(project.pk) if project.ballot_number else None
    return _line(row, project.edition, {project.pk: project.number}) if row else None


@dataclass(frozen=True)
class Line:
    """A project in the result: its row, its page, and for a loser why and how near."""

    row: Any
    url: str
    why: str
    missing: str


@dataclass(frozen=True)
class PoolResult:
    """One count as the page shows it. ``other``: what another rule would have chosen (an illustration), or ``None``."""

    count: Any
    winners: list[Line]
    losers: list[Line]
    chart: Series
    percent: int
    other: dict[str, Any] | None


def pools(found: tallying.Results, edition: Edition) -> list[PoolResult]:
    """The counts with the addresses of their projects; 1 query beside those of the result."""
    numbers = dict(Project.objects.filter(edition=edition).values_list("pk", "number"))
    return [_pool(one, edition, numbers) for one in found.counts]


def _pool(one: Any, edition: Edition, numbers: dict[Any, int]) -> PoolResult:
    rows = list(one.results.all())
    lines = [_line(row, edition, numbers) for row in rows]
    strongest = sorted(rows, key=lambda row: (-row.score, row.option.number))
    measure = _("Głosy") if one.vote_type == "approval" else _("Punkty")
    chart = Series(
        title=_("Poparcie projektów: %(pool)s") % {"pool": one.name},
        axis=_("Projekt"),
        measure=measure,
        points=[(_named(row), row.score) for row in strongest],
    )
    return PoolResult(
        count=one,
        winners=[line for line in lines if line.row.won],
        losers=[line for line in lines if not line.row.won],
        chart=chart,
        percent=round(100 * one.cost / one.budget) if one.budget else 0,
        other=_other(one, rows),
    )


def _named(row: Any) -> str:
    """A project in a chart: its number on the ballot and its title, not too long."""
    return f"{row.option.number}. {Truncator(row.option.name).chars(TITLE_IN_CHART)}"


def _line(row: Any, edition: Edition, numbers: dict[Any, int]) -> Line:
    number = numbers.get(row.option.object_id)
    url = reverse("idea:budget_project", args=[edition.slug, number]) if number else ""
    return Line(row, url, tallying.reason(row.reason), tallying.missing(row))


def _other(one: Any, rows: list[Any]) -> dict[str, Any] | None:
    """What the other rule would choose beside what was chosen: the two lists' differences and how many voters each serves."""
    found = one.figures["compared"]
    if found is None:
        return None
    theirs = set(found["winners"])
    return {
        "rule": RULES[found["rule"]](),
        "in": [row for row in rows if row.key in theirs and not row.won],
        "out": [row for row in rows if row.won and row.key not in theirs],
        "cost": found["cost"],
        "served": one.figures["with_winner"],
        "served_then": found["with_winner"],
        "share": _percent(one.figures["with_winner"], one.ballots),
        "share_then": _percent(found["with_winner"], one.ballots),
    }


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def turnout(found: tallying.Results) -> list[tuple[str, int, int]]:
    """(how the ballot came in, ballots, per cent), the most used first."""
    total = sum(found.turnout.values())
    rows = sorted(found.turnout.items(), key=lambda one: -one[1])
    return [(str(CHANNELS[key]()) if key in CHANNELS else key, many, _percent(many, total)) for key, many in rows]


def downloads(found: tallying.Results) -> list[tuple[Any, str]]:
    """The files with their addresses, the ballots first."""
    return [(one, reverse("tallying:file", args=[found.tally.pk, one.name])) for one in found.files]
