"""The JSON API of announced results. Before the announcement an election answers as one that does not exist."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from miasto.kernel.participation.tallying import selectors

router = Router()


class ProjectResult(Schema):
    """What became of one project."""

    key: str = Field(description="Its id in the files: number of the pool and number on the ballot")
    name: str
    cost: int = Field(description="grosze")
    won: bool
    place: int | None = Field(description="Order of winning")
    votes: int
    score: int = Field(description="Points; for approval ballots the votes")
    reason: str = Field(description="Code, as in the output of the counting script")
    missing_votes: int | None
    missing_money: int | None = Field(description="grosze")
    object_id: UUID | None = Field(description="The project's own id on the platform")


class CountResult(Schema):
    """One pool of money, or all counted together."""

    name: str
    pools: list[int]
    vote_type: str
    rule: str
    completion: str
    ballots: int
    budget: int = Field(description="grosze")
    cost: int = Field(description="grosze")
    sha256: str = Field(description="Of the counted file")
    projects: list[ProjectResult]


class ResultFile(Schema):
    """A file to download."""

    name: str
    title: str
    size: int
    sha256: str
    url: str


class ElectionResult(Schema):
    """An announced result."""

    election: UUID
    title: str
    announced_at: datetime
    turnout: dict[str, int] = Field(description="Ballots by channel")
    input_sha256: str
    counts: list[CountResult]
    files: list[ResultFile]


@router.get("/{uuid:election}/result/", response=ElectionResult, summary="The announced result of a vote")
def result(request: HttpRequest, election: UUID) -> dict[str, Any]:
    """Winners, losers with reasons, and the files from which anybody can repeat the count; 404 before the announcement."""
    try:
        found = selectors.results(election)
    except selectors.NotYet:
        raise HttpError(404, "there is no such result") from None
    return {
        "election": found.tally.pk,
        "title": found.tally.election.title,
        "announced_at": found.tally.announced_at,
        "turnout": found.turnout,
        "input_sha256": found.tally.input_sha256,
        "counts": [_count(one) for one in found.counts],
        "files": [
            {
                "name": one.name,
                "title": one.title,
                "size": one.size,
                "sha256": one.sha256,
                "url": request.build_absolute_uri(reverse("tallying:file", args=[election, one.name])),
            }
            for one in found.files
        ],
    }


def _count(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "pools": one.pools,
        "vote_type": one.vote_type,
        "rule": one.figures["rule"],
        "completion": one.figures["completion"],
        "ballots": one.ballots,
        "budget": one.budget,
        "cost": one.cost,
        "sha256": one.sha256,
        "projects": [_project(row) for row in one.results.all()],
    }


def _project(row: Any) -> dict[str, Any]:
    names = ("key", "won", "place", "votes", "score", "reason", "missing_votes", "missing_money")
    option = row.option
    return {
        **{name: getattr(row, name) for name in names},
        "name": option.name,
        "cost": option.cost,
        "object_id": option.object_id,
    }
