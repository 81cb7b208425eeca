"""Counts the opened ballots: makes the files, counts what is in them, and counts them again as they are published.

Knows the election's rows, but writes nothing. What is counted is what is published, to the byte.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any
from uuid import UUID

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.participation.counting import further, pabulib, publishing, report
from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.model import CountingError, Decision, Result, Rule
from miasto.kernel.participation.counting.published import decimal, meta_of
from miasto.kernel.participation.counting.recount import WORDS
from miasto.kernel.participation.tallying import planning
from miasto.kernel.participation.tallying.models import Tally
from miasto.kernel.participation.voting import selectors
from miasto.kernel.participation.voting.models import Election, Option, Pool
from miasto.kernel.participation.voting.rules import Kind

VOTE_TYPES = {Kind.APPROVAL: "approval", Kind.KNAPSACK: "approval", Kind.POINTS: "cumulative", Kind.ORDINAL: "ordinal"}
Ballot = publishing.Ballot
Marks = list[tuple[str, int]]
Progress = Callable[[int, int], None]


@dataclass
class Counted:
    """One count, ready to be stored. ``missing``: project position to the votes that equal shares would have asked more."""

    number: int
    pools: list[Pool]
    name: str
    file: bytes
    result: Result
    figures: dict[str, Any]
    missing: dict[int, int] = field(default_factory=dict)

    def missing_votes(self, one: Decision) -> int | None:
        """The votes that a loser missed, whichever way they were found."""
        return ceil(one.missing_votes) if one.missing_votes is not None else self.missing.get(one.project)


@dataclass
class Paper:
    """The ballot paper as the files have it: pools with their options, in the order of their numbers."""

    election: Election
    pools: list[Pool]
    options: dict[int, list[Option]]

    @classmethod
    def of(cls, election: Election) -> Paper:
        """Read with two queries."""
        pools = list(election.pools.order_by("number"))
        options: dict[int, list[Option]] = defaultdict(list)
        for one in Option.objects.filter(pool__election=election).select_related("pool").order_by("pool__number", "number"):
            options[one.pool.number].append(one)
        return cls(election, pools, options)

    def keys(self, pools: Iterable[Pool]) -> list[str]:
        """The ids of the options of some pools."""
        return [planning.key(pool.number, one.number) for pool in pools for one in self.options[pool.number]]

    def by_key(self) -> dict[str, Option]:
        """Each option by its id."""
        return {planning.key(pool, one.number): one for pool, found in self.options.items() for one in found}


def counted(tally: Tally, progress: Progress) -> tuple[list[Counted], bytes | None]:
    """Every count of the plan, and the file of all pools where one file can be counted as a whole.

    ``progress(done, steps)`` is called after each piece of work. Raises ``CountingError``; ``selectors.NotYet`` before the box
    is open.
    """
    paper, rule = Paper.of(tally.election), planning.from_json(tally.rule)
    ballots = read_ballots(tally.election_id)
    groups = [paper.pools] if tally.together else [[pool] for pool in paper.pools]
    steps = 2 * len(groups) + 1
    made = []
    for number, pools in enumerate(groups, 1):
        one = _count(tally, paper, rule, pools, ballots, number)
        progress(2 * number - 1, steps)
        one.missing = missing_votes(one.result)
        progress(2 * number, steps)
        made.append(one)
    whole = made[0].file if len(groups) == 1 else joined(tally, paper, rule, ballots, made)
    progress(steps, steps)
    return made, whole


def read_ballots(election: UUID) -> list[dict[int, Marks]]:
    """The opened ballots as ``{pool number: [(key, points), ...]}``, in the box's random order."""
    keys = {
        option: planning.key(pool, number)
        for option, pool, number in Option.objects.filter(pool__election=election).values_list("id", "pool__number", "number")
    }
    return [
        {pool: [(keys[option], points) for option, points in chosen] for pool, chosen in ballot.items()}
        for ballot in selectors.ballots(election)
    ]


def _count(tally: Tally, paper: Paper, rule: Rule, pools: list[Pool], ballots: list[dict[int, Marks]], number: int) -> Counted:
    limits = {pool.number: tally.money[str(pool.number)] for pool in pools} if tally.together else None
    own = planning.of_count(rule, paper.keys(pools), limits)
    marked = of_pools(paper, pools, ballots, whole=len(pools) == len(paper.pools))
    file, result = published(tally, paper, own, pools, marked)
    name = pools[0].name if len(pools) == 1 else tally.election.title
    told = figures(result) | {"longest": {str(pool): places for pool, places in longest(paper, pools).items()}}
    return Counted(number, pools, name, file, result, told)


def longest(paper: Paper, pools: Iterable[Pool]) -> dict[int, int]:
    """Of ordinal pools, by number: how many places a ballot has, which is what the first place is worth."""
    return {pool.number: pool.most or len(paper.options[pool.number]) for pool in pools if pool.kind == Kind.ORDINAL}


def of_pools(paper: Paper, pools: list[Pool], ballots: list[dict[int, Marks]], *, whole: bool) -> list[Ballot]:
    """The ballots of some pools as the files have them. ``whole``: ballots that choose nothing are among them."""
    found, places = [], longest(paper, pools)
    for ballot in ballots:
        marks = [
            (one, _points(points, places.get(pool.number))) for pool in pools for one, points in ballot.get(pool.number, ())
        ]
        if marks or whole:
            found.append(Ballot(tuple(marks)))
    return found


def _points(points: int, places: int | None) -> int:
    """Places become points as the standard's Borda count says: the first of ``places`` gets as many, the next one less."""
    return points if places is None else max(places - points + 1, 0)


def published(tally: Tally, paper: Paper, rule: Rule, pools: list[Pool], ballots: list[Ballot]) -> tuple[bytes, Result]:
    """``(the file, its result)``: the file names its winners, and is counted anew as a stranger will count it."""
    meta = meta_for(tally, paper, rule, pools)
    projects = [_row(pool, one) for pool in pools for one in paper.options[pool.number]]
    first = count(pabulib.parse(publishing.write(meta, projects, ballots)), rule)
    election, won = first.election, set(first.winner_ids)
    for row, votes, score in zip(projects, election.votes, election.scores, strict=True):
        row.update(votes=votes, score=score, selected=int(str(row["project_id"]) in won))
    file = publishing.write(meta, projects, ballots)
    result = count(pabulib.parse(file), rule)
    if result.decisions != first.decisions:
        raise CountingError("drugie liczenie dało inny wynik niż pierwsze")
    return file, result


def _row(pool: Pool, one: Option) -> dict[str, str | int]:
    return {
        "project_id": planning.key(pool.number, one.number),
        "cost": decimal(Fraction(one.cost, 100)),
        "name": " ".join(one.name.split()),
        planning.POOL_COLUMN: pool.number,
    }


def meta_for(tally: Tally, paper: Paper, rule: Rule, pools: list[Pool]) -> dict[str, str | int]:
    """META of a file: what was voted on, when, how a ballot could look and how it is counted."""
    election, kinds = paper.election, {VOTE_TYPES[Kind(pool.kind)] for pool in pools}
    if len(kinds) != 1:
        raise CountingError("pule o różnych rodzajach kart nie mogą być liczone razem")
    budget = sum(tally.money[str(pool.number)] for pool in pools)
    meta: dict[str, str | int] = {
        "description": election.title,
        "country": "Poland",
        "unit": city().name,
        **({"subunit": pools[0].name} if len(pools) == 1 and len(paper.pools) > 1 else {}),
        "instance": str(clock.local(election.closes_at).year),
        "budget": decimal(Fraction(budget, 100)),
        "vote_type": kinds.pop(),
        **meta_of(rule),
        "date_begin": f"{clock.local(election.opens_at):%d.%m.%Y}",
        "date_end": f"{clock.local(election.closes_at):%d.%m.%Y}",
        "currency": "PLN",
        "language": "pl",
    }
    if len(pools) == 1:
        meta |= _limits(pools[0])
    return meta


def _limits(pool: Pool) -> dict[str, str | int]:
    limits: dict[str, str | int | None] = {
        "min_length": pool.least or None,
        "max_length": pool.most,
        "max_sum_cost": decimal(Fraction(pool.budget, 100)) if pool.kind == Kind.KNAPSACK and pool.budget else None,
        "max_sum_points": pool.points if pool.kind == Kind.POINTS else None,
        "max_points": pool.most_points if pool.kind == Kind.POINTS else None,
    }
    return {name: value for name, value in limits.items() if value is not None}


def joined(tally: Tally, paper: Paper, rule: Rule, ballots: list[dict[int, Marks]], made: list[Counted]) -> bytes | None:
    """One file of all pools, counted by limits of pools, where it gives the same winners; ``None`` where it cannot.

    Equal shares of one pool are not those of all, a count that stops would stop for all pools, and one file has one kind of
    ballot. Ordinal points depend on a pool's length.
    """
    kinds = {pool.kind for pool in paper.pools}
    if rule.rule == "equal-shares" or rule.too_dear == "stop" or len(kinds) > 1 or Kind.ORDINAL in kinds:
        return None
    limits = {pool.number: tally.money[str(pool.number)] for pool in paper.pools}
    own = planning.of_count(rule, paper.keys(paper.pools), limits)
    file, result = published(tally, paper, own, paper.pools, of_pools(paper, paper.pools, ballots, whole=True))
    if set(result.winner_ids) != {one for count in made for one in count.result.winner_ids}:
        raise CountingError("plik wszystkich pul dał innych zwycięzców niż pliki pul")
    return file


def missing_votes(result: Result) -> dict[int, int]:
    """For equal shares by one further count after another (``further``): loser's position to the votes it missed."""
    found = {one.project: further.completed(result, one.project) for one in result.decisions}
    return {project: votes for project, votes in found.items() if votes is not None}


def figures(result: Result) -> dict[str, Any]:
    """What is kept of a count beside its projects: JSON with exact numbers as text."""
    told, election = report.as_dict(result), result.election
    unit = Fraction(election.points_scale, election.scale)
    return {
        "rule": told["rule"],
        "completion": told["completion"],
        "parameters": told["parameters"],
        "share": told["share"],
        "runs": told["runs"],
        "prefer": told["prefer"],
        "purchases": [[election.projects[one.project].id, str(one.price * unit)] for one in result.purchases],
        "with_winner": with_winner(result),
        "compared": compared(result),
    }


def compared(result: Result) -> dict[str, Any] | None:
    """What another rule would have chosen of the same ballots: an illustration. ``None`` where it cannot be counted."""
    election = result.election
    share = Fraction(election.budget, max(1, election.ballots) * election.scale)
    try:
        other = count(election, planning.alternative(result.rule, share))
    except CountingError:
        return None
    return {
        "rule": other.rule.rule,
        "completion": other.rule.completion,
        "step": decimal(other.rule.step),
        "winners": other.winner_ids,
        "cost": grosze(Fraction(other.cost, election.scale)),
        "with_winner": with_winner(other),
    }


def with_winner(result: Result) -> int:
    """How many ballots see at least one of their projects win."""
    election, won = result.election, set(result.winners)
    owners = {owner for owner, p in zip(election.owner.tolist(), election.chosen.tolist(), strict=True) if p in won}
    return len(owners)


def grosze(amount: Fraction | None) -> int | None:
    """Money of the currency in grosze, what is missing never told too little."""
    return None if amount is None else ceil(amount * 100)


def input_hash(made: Iterable[Counted]) -> str:
    """SHA-256 over the hashes of the counted files, a line for each in the order of the counts."""
    lines = "".join(f"{publishing.sha256(one.file)}\n" for one in made)
    return hashlib.sha256(lines.encode()).hexdigest()


def words(reason: str) -> str:
    """The reason in Polish, as the script says it; pages translate it (``selectors.reason``)."""
    return WORDS["pl"][reason]
