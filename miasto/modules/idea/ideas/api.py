"""The JSON API of ideas: what everybody reads, and nothing else. Money in grosze, times ISO 8601."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.participation import selectors as outcomes
from miasto.modules.idea.ideas import selectors
from miasto.modules.idea.ideas.models import Idea, State

MOST = 200
router = Router()


class IdeaItem(Schema):
    """An idea in a list."""

    number: int
    title: str
    topic: str
    reach: str = Field(description="city, district or place")
    area: str
    state: str
    supports: int
    threshold: int
    closes_on: date | None
    due_on: date | None = Field(description="Promised last day of what the city owes now")
    published_at: datetime
    decided_at: datetime | None
    url: str


class StepItem(Schema):
    """A step of the public path."""

    kind: str
    at: datetime
    unit: str
    note: str


class OpinionItem(Schema):
    """An opinion of a unit."""

    unit: str
    asked_at: datetime
    due_on: date
    received_at: datetime | None
    stance: str
    text: str


class OutcomeItem(Schema):
    """What came of the idea."""

    title: str
    url: str
    fate: str


class IdeaPage(IdeaItem):
    """An idea with its path."""

    text: str
    version: int
    reasons: str
    decided_by: str
    cost: int | None = Field(description="Grosze")
    cost_yearly: int | None = Field(description="Grosze a year")
    merged_into: int | None
    steps: list[StepItem]
    opinions: list[OpinionItem]
    outcomes: list[OutcomeItem]


class IdeaList(Schema):
    """A page of ideas, newest number first."""

    next: int | None = Field(description="Value of before for the following page")
    results: list[IdeaItem]


class IdeaQuery(Schema):
    """What may be asked of the ideas."""

    before: int = Field(2**31 - 1, ge=1, le=2**31 - 1, description="Number below which the page begins")
    state: str = Field("", pattern="^(|" + "|".join(one.value for one in State if one != State.DRAFT) + ")$")
    limit: int = Field(100, ge=1, le=MOST)


@router.get("/", response=IdeaList, summary="Ideas")
def list_ideas(request: HttpRequest, query: Query[IdeaQuery]) -> dict[str, Any]:
    """The ideas by number, newest first; the same for all callers."""
    found = selectors.ideas(ANONYMOUS).filter(number__lt=query.before).order_by("-number")
    if query.state:
        found = found.filter(state=query.state)
    rows = list(found[: query.limit + 1])
    shown = rows[: query.limit]
    return {"next": shown[-1].number if len(rows) > query.limit else None, "results": [_item(request, one) for one in shown]}


def _item(request: HttpRequest, one: Idea) -> dict[str, Any]:
    plain = (
        "number", "title", "topic", "reach", "state", "supports", "threshold", "closes_on", "due_on", "published_at",
        "decided_at",
    )  # fmt: skip
    return {
        **{name: getattr(one, name) for name in plain},
        "area": one.area.name if one.area else "",
        "url": request.build_absolute_uri(one.get_absolute_url()),
    }


@router.get("/{int:number}/", response=IdeaPage, summary="One idea with its path")
def one_idea(request: HttpRequest, number: int) -> dict[str, Any]:
    """An idea, every step of its path, the opinions of units and what came of it."""
    one = selectors.ideas(ANONYMOUS).select_related("merged_into").filter(number=number).first() if number < 2**31 else None
    if one is None:
        raise HttpError(404, "there is no such idea")
    version = one.versions.get(number=one.version)
    return {
        **_item(request, one),
        "text": version.text,
        "version": one.version,
        "reasons": one.reasons,
        "decided_by": one.decided_by,
        "cost": one.cost,
        "cost_yearly": one.cost_yearly,
        "merged_into": one.merged_into.number if one.merged_into else None,
        "steps": [
            {"kind": row.kind, "at": row.at, "unit": row.unit.name if row.unit else "", "note": row.note}
            for row in one.steps.select_related("unit")
        ],
        "opinions": [
            {
                "unit": row.unit.name, "asked_at": row.asked_at, "due_on": row.due_on, "received_at": row.received_at,
                "stance": row.stance, "text": row.text,
            }
            for row in one.opinions.select_related("unit")
        ],
        "outcomes": [
            {"title": row.title, "url": request.build_absolute_uri(row.url), "fate": row.fate}
            for row in outcomes.outcomes_of([one.pk]).get(one.pk, [])
        ],
    }  # fmt: skip
