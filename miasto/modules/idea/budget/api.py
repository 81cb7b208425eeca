"""The JSON API of the budget: editions, projects and how the work on the winners goes. Money in grosze, times ISO 8601.

What everybody reads, and nothing else; the votes and the count are at ``/api/participation/elections/``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.files.selectors import link
from miasto.modules.idea.budget import selectors
from miasto.modules.idea.budget.models import Edition, Project, Realisation, RealisationEntry
from miasto.modules.idea.budget.states import HIDDEN_STATES, ProjectState, RealisationStage

MOST = 200
STAGES = ", ".join(RealisationStage.values)
router = Router()


class PhaseItem(Schema):
    """A phase between two local dates, both included."""

    kind: str
    starts_on: date
    ends_on: date


class EditionItem(Schema):
    """A published edition."""

    slug: str
    year: int
    title: str
    total: int = Field(description="Grosze")
    phases: list[PhaseItem]
    election: str | None = Field(description="The vote, for /api/participation/elections/")
    finished_at: datetime | None = Field(description="When the result was entered in the projects")
    url: str


class WorkItem(Schema):
    """How far the work on a winner is."""

    stage: str = Field(description=f"One of: {STAGES}")
    planned: int = Field(description="Grosze")
    spent: int = Field(description="Grosze")
    starts_on: date | None
    ends_on: date | None
    updated_at: datetime


class ProjectItem(Schema):
    """A project in a list."""

    number: int
    ballot_number: int | None
    title: str
    summary: str
    pool: str
    cost: int = Field(description="Grosze")
    state: str
    votes: int | None
    work: WorkItem | None = Field(description="Of winners only")
    url: str


class Photo(Schema):
    """A photo of the work; its addresses are valid for an hour or longer."""

    thumb: str
    large: str


class News(Schema):
    """A piece of news of the work, as the unit wrote it; stage and money as they were then."""

    at: datetime
    stage: str
    spent: int = Field(description="Grosze")
    text: str
    photos: list[Photo]


class WorkPage(WorkItem):
    """The work on a winner with all its news, newest first."""

    unit: str
    news: list[News]


class ProjectPage(ProjectItem):
    """A project with its place and the work on it."""

    description: str
    for_whom: str
    place: str
    geometry: dict[str, Any] | None = Field(description="GeoJSON, EPSG:4326; null for the whole city")
    verdict: str
    realisation: WorkPage | None = Field(description="Of winners only")


class ProjectList(Schema):
    """A page of projects, newest number first."""

    next: int | None = Field(description="Value of before for the following page")
    results: list[ProjectItem]


class ProjectQuery(Schema):
    """What may be asked of the projects."""

    before: int = Field(2**31 - 1, ge=1, le=2**31 - 1, description="Number below which the page begins")
    state: str = Field("", pattern="^(|" + "|".join(one.value for one in ProjectState if one not in HIDDEN_STATES) + ")$")
    stage: str = Field("", pattern="^(|" + "|".join(RealisationStage.values) + ")$", description="Of the work on winners")
    limit: int = Field(100, ge=1, le=MOST)


@router.get("/", response=list[EditionItem], summary="Editions of the participatory budget")
def list_editions(request: HttpRequest) -> list[dict[str, Any]]:
    """The published editions, newest first."""
    return [
        {
            **{name: getattr(one, name) for name in ("slug", "year", "title", "total", "finished_at")},
            "phases": [{"kind": row.kind, "starts_on": row.starts_on, "ends_on": row.ends_on} for row in one.phases.all()],
            "election": str(one.election_id) if one.election_id else None,
            "url": request.build_absolute_uri(one.get_absolute_url()),
        }
        for one in selectors.editions(ANONYMOUS)
    ]


def _edition(slug: str) -> Edition:
    found = selectors.edition_for(slug, ANONYMOUS)
    if found is None:
        raise HttpError(404, "there is no such edition")
    return found


@router.get("/{slug:slug}/projects/", response=ProjectList, summary="Projects of an edition")
def list_projects(request: HttpRequest, slug: str, query: Query[ProjectQuery]) -> dict[str, Any]:
    """The projects by number, newest first; the same for all callers."""
    edition = _edition(slug)
    found = selectors.projects(edition, ANONYMOUS, selectors.ProjectFilters(state=query.state))
    found = found.filter(number__lt=query.before).order_by("-number")
    if query.stage:
        found = found.filter(realisation__stage=query.stage)
    rows = list(found[: query.limit + 1])
    shown = rows[: query.limit]
    return {
        "next": shown[-1].number if len(rows) > query.limit else None,
        "results": [_item(request, edition, one) for one in shown],
    }


def _item(request: HttpRequest, edition: Edition, one: Project) -> dict[str, Any]:
    plain = ("number", "ballot_number", "title", "summary", "cost", "state", "votes")
    one.edition = edition
    work = getattr(one, "realisation", None)
    return {
        **{name: getattr(one, name) for name in plain},
        "pool": one.pool.name,
        "work": _work(work) if work is not None else None,
        "url": request.build_absolute_uri(one.get_absolute_url()),
    }


def _work(work: Realisation) -> dict[str, Any]:
    return {name: getattr(work, name) for name in ("stage", "planned", "spent", "starts_on", "ends_on", "updated_at")}


@router.get("/{slug:slug}/projects/{int:number}/", response=ProjectPage, summary="One project and the work on it")
def one_project(request: HttpRequest, slug: str, number: int) -> dict[str, Any]:
    """A project with its place, its verdict and, for a winner, every piece of news of the work with money and photos."""
    edition = _edition(slug)
    one = selectors.project_for(edition, number, ANONYMOUS) if number < 2**31 else None
    if one is None:
        raise HttpError(404, "there is no such project")
    work = selectors.realisation_of(one)
    told = None
    if work is not None:
        news = [_news(request, entry) for entry in work.entries.all()]
        told = {**_work(work), "unit": work.unit.name, "news": news}
    return {
        **_item(request, edition, one),
        "work": _work(work) if work is not None else None,
        "description": one.description,
        "for_whom": one.for_whom,
        "place": one.address_text,
        "geometry": selectors.shape_of(one),
        "verdict": one.verdict_text,
        "realisation": told,
    }


def _news(request: HttpRequest, entry: RealisationEntry) -> dict[str, Any]:
    photos = [
        {name: request.build_absolute_uri(link(one.file_id, name)) for name in ("thumb", "large")} for one in entry.photos.all()
    ]
    return {"at": entry.at, "stage": entry.stage, "spent": entry.spent, "text": entry.text, "photos": photos}
