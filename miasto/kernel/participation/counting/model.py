"""What is counted: projects, ballots and the rule, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np

RULES = ("greedy-votes", "greedy-votes-per-cost", "equal-shares")
COMPLETIONS = ("none", "greedy", "add-one", "add-one-greedy", "add-one-comparison", "comparison")
UTILITIES = ("cost", "cardinality")
TIES = ("lower-cost", "higher-cost", "more-votes", "lower-number", "drawn")
STARTS = ("exact", "whole")
TOO_DEAR = ("skip", "stop")


class CountingError(Exception):
    """The count cannot be made as asked; the text says what is missing, in Polish."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project on the ballot. ``cost`` is in units of ``1 / Election.scale`` of the currency; ``columns`` as in the file."""

    id: str
    cost: int
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The project's name, empty where the file has none."""
        return self.columns.get("name", "")


@dataclass
class Election:
    """One pool of money, its projects and the ballots cast in it.

    Ballot ``i`` holds the projects ``chosen[ends[i]:ends[i + 1]]`` (positions in ``projects``, in the voter's order) with
    the points ``points[...]`` in units of ``1 / points_scale``; approval gives each 1. Shapes: ``ends`` (ballots + 1,) int64,
    ``chosen`` (entries,) int32, ``points`` (entries,) int64. Money is in units of ``1 / scale`` of the currency.
    """

    projects: list[Project]
    budget: int
    ends: np.ndarray
    chosen: np.ndarray
    points: np.ndarray
    vote_type: str = "approval"
    scale: int = 1
    points_scale: int = 1
    default_score: int = 0
    meta: dict[str, str] = field(default_factory=dict)
    voters: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    sha256: str = ""

    @property
    def ballots(self) -> int:
        """How many ballots were cast, empty ones included."""
        return len(self.ends) - 1

    @cached_property
    def owner(self) -> np.ndarray:
        """The ballot of each entry, shape (entries,)."""
        return np.repeat(np.arange(self.ballots), np.diff(self.ends))

    @cached_property
    def in_order(self) -> np.ndarray:
        """The entries ballot by ballot, each ballot's projects rising: positions, shape (entries,)."""
        return np.argsort(self.owner * max(1, len(self.projects)) + self.chosen, kind="stable")

    @cached_property
    def votes(self) -> list[int]:
        """How many ballots name each project, in the order of ``projects``."""
        return np.bincount(self.chosen, minlength=len(self.projects)).tolist()

    @cached_property
    def scores(self) -> list[int]:
        """The sum of points of each project in units of ``1 / points_scale``; for approval the number of votes."""
        sums = np.zeros(len(self.projects), dtype=np.int64)
        np.add.at(sums, self.chosen, self.points)
        return [int(sums[p]) + self.default_score * (self.ballots - votes) for p, votes in enumerate(self.votes)]

    @property
    def selected(self) -> set[str] | None:
        """The projects that the file itself names as selected (column ``selected`` is 1); ``None`` where it does not say."""
        if not self.projects or "selected" not in self.projects[0].columns:
            return None
        return {one.id for one in self.projects if one.columns["selected"].strip() == "1"}


@dataclass(frozen=True)
class Rule:
    """How the votes are counted; every parameter is published before the vote.

    ``min_score``: a project with fewer points (votes) cannot win; 0 is no threshold. ``too_dear``: whether a project that does
    not fit is skipped or ends the count. ``ties``: asked one after another; ``drawn`` is the order of projects drawn by lot,
    asked where ``ties`` names it. ``utility``: what a voter has of a project that wins, its cost or 1, times the points given
    to it. ``step``: by how many units of the currency add-one raises every voter's share; ``start``: whether it begins from
    the exact share (as pabutools does) or from whole units (a setting of the tool of equalshares.net). ``pools``: the most that
    projects whose column ``pool_column`` has this value may cost together, in units of the currency. ``exclusive``: groups
    of projects of which at most one can win.
    """

    rule: str = "greedy-votes"
    completion: str = "none"
    utility: str = "cost"
    ties: tuple[str, ...] = ("lower-cost", "more-votes", "lower-number")
    drawn: tuple[str, ...] = ()
    min_score: Fraction = Fraction(0)
    too_dear: str = "skip"
    step: Fraction = Fraction(1)
    start: str = "exact"
    pool_column: str = "category"
    pools: tuple[tuple[str, Fraction], ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        for value, allowed in (
            (self.rule, RULES),
            (self.completion, COMPLETIONS),
            (self.utility, UTILITIES),
            (self.too_dear, TOO_DEAR),
            (self.start, STARTS),
            *((one, TIES) for one in self.ties),
        ):
            if value not in allowed:
                raise CountingError(f"nieznana wartość „{value}”; można wybrać: {', '.join(allowed)}")
        if self.step <= 0:
            raise CountingError("krok metody „add-one” musi być większy od zera")
        if self.rule == "equal-shares" and self.too_dear == "stop":
            raise CountingError("„stop” dotyczy tylko reguł „greedy-…”")
        if self.rule != "equal-shares" and self.completion != "none":
            raise CountingError("uzupełnienie (completion) dotyczy tylko reguły „equal-shares”")


@dataclass(frozen=True)
class Decision:
    """What became of one project: ``order`` (from 1) of the winners, the ``reason`` (a code of ``words``) and its numbers.

    ``price``: what one point (approval: one voter) paid at most, in units of the currency. ``missing_votes`` are points
    (votes), ``missing_money`` units of the currency. ``tied``: the projects it was exactly equal to when it was decided.
    """

    project: int
    won: bool
    reason: str
    order: int | None = None
    price: Fraction | None = None
    missing_votes: Fraction | None = None
    missing_money: Fraction | None = None
    tied: tuple[int, ...] = ()


@dataclass(frozen=True)
class Payment:
    """One purchase of equal shares: the project's position and what one point paid at most (units ``1 / scale``)."""

    project: int
    price: Fraction


@dataclass(frozen=True)
class Result:
    """The whole result. ``winners`` are positions in the order of winning; ``decisions`` one per project, in file order.

    ``share``: each voter's share of the money in the last run (units of the currency), ``purchases`` what was bought with
    it, both for equal shares only. ``prefer``: voters who prefer (equal shares, greedy), where the two were compared.
    """

    election: Election
    rule: Rule
    winners: tuple[int, ...]
    decisions: tuple[Decision, ...]
    share: Fraction | None = None
    purchases: tuple[Payment, ...] = ()
    runs: int = 0
    prefer: tuple[int, int] | None = None

    @property
    def cost(self) -> int:
        """What the winners cost together, in units of ``1 / scale`` of the currency."""
        return sum(self.election.projects[one].cost for one in self.winners)

    @property
    def winner_ids(self) -> list[str]:
        """The winners' ids in the order of winning."""
        return [self.election.projects[one].id for one in self.winners]
