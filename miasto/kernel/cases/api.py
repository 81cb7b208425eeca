"""The JSON API of public cases: what the register shows, and nothing else. Times are ISO 8601, coordinates EPSG:4326."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.cases import selectors
from miasto.kernel.cases.models import Case
from miasto.kernel.cases.types import case_types

MOST = 100
router = Router()


class CaseItem(Schema):
    """A public case in a list."""

    id: UUID
    number: str = Field(description="Public number, part of the address of the case's page")
    category: str
    category_slug: str
    stage: str = Field(description="Key of the stage in the case type")
    stage_name: str
    progress: str = Field(description="open, waiting (for the filer), answered or closed")
    unit: str = Field(description="Unit that answers for the case")
    address: str
    district: str
    lon: float | None
    lat: float | None
    filed_at: datetime
    stage_since: datetime
    answered_at: datetime | None
    text: str = Field(description="Beginning of the description, once approved for publication; otherwise empty")
    url: str


class CaseList(Schema):
    """A page of public cases, newest first."""

    count: int
    count_is_exact: bool = Field(description="False where there are more than count")
    next: str | None = Field(description="Cursor of the following page")
    previous: str | None
    results: list[CaseItem]


class Answer(Schema):
    """A public answer or comment of the city."""

    at: datetime
    unit: str
    body: str


class HistoryItem(Schema):
    """One public line of the history."""

    at: datetime
    title: str
    stage: str | None


class CaseDetail(Schema):
    """A public case."""

    id: UUID
    number: str
    category: str
    stage: str
    stage_name: str
    stage_since: datetime
    progress: str
    unit: str
    address: str
    district: str
    lon: float | None
    lat: float | None
    filed_at: datetime
    due_on: date
    answered_at: datetime | None
    closed_at: datetime | None
    text: str | None = Field(description="Description as approved for publication; null until then")
    answers: list[Answer]
    history: list[HistoryItem]
    url: str


class CaseQuery(Schema):
    """What may be asked of the list."""

    q: str = Field("", max_length=100, description="Words of number, address or category")
    type: str = Field("", description="Key of a case type; the first one when empty")
    category: str = Field("", description="Slug of a category or of a group of categories")
    district: UUID | None = None
    progress: str = Field("", pattern="^(|open|waiting|answered|closed)$")
    stage: str = ""
    since: date | None = Field(None, description="First local day of filing")
    until: date | None = Field(None, description="Last local day of filing")
    cursor: str = Field("", max_length=200)
    limit: int = Field(20, ge=1, le=MOST)


@router.get("/", response=CaseList, summary="Public cases")
def list_cases(request: HttpRequest, query: Query[CaseQuery]) -> dict[str, Any]:
    """The public register, newest first, as everybody sees it."""
    keys = [one.key for one in case_types()]
    kind = query.type or (keys[0] if keys else "")
    if kind not in keys:
        raise HttpError(404, "there is no such case type")
    page = selectors.public_register(
        selectors.RegisterFilters(
            case_type=kind,
            text=query.q,
            category=query.category,
            district=query.district,
            progress=query.progress,
            stages=(query.stage,) if query.stage else (),
            since=query.since,
            until=query.until,
            cursor=query.cursor,
            size=query.limit,
        )
    )
    return {
        "count": page.count,
        "count_is_exact": page.count_is_exact,
        "next": page.next,
        "previous": page.previous,
        "results": [_item(request, row) for row in page.rows],
    }


@router.get("/{number}/", response=CaseDetail, summary="One public case")
def read_case(request: HttpRequest, number: str) -> dict[str, Any]:
    """One case as everybody sees it: the same for all callers, whatever they are logged in as."""
    try:
        view = selectors.case_page(number, ANONYMOUS)
    except Case.DoesNotExist:
        raise HttpError(404, "there is no such public case") from None
    spoken = [made for made in view.comments if made.by_staff]
    return {
        "id": view.id,
        "number": view.number,
        "category": view.category_name,
        "stage": view.stage.key,
        "stage_name": str(view.stage.name),
        "stage_since": view.stage_since,
        "progress": view.progress,
        "unit": view.unit_name,
        "address": view.address_text,
        "district": view.district_name,
        "lon": view.lon,
        "lat": view.lat,
        "filed_at": view.filed_at,
        "due_on": view.due_on,
        "answered_at": view.answered_at,
        "closed_at": view.closed_at,
        "text": view.text,
        "answers": [{"at": made.at, "unit": made.unit_name, "body": made.body} for made in spoken],
        "history": [
            {"at": line.at, "title": line.title, "stage": line.stage.key if line.stage else None} for line in view.history
        ],
        "url": request.build_absolute_uri(view.url),
    }


def _item(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "category": row.category,
        "category_slug": row.category_slug,
        "stage": row.stage.key,
        "stage_name": str(row.stage.name),
        "progress": row.progress,
        "unit": row.unit_name,
        "address": row.address_text,
        "district": row.district_name,
        "lon": row.lon,
        "lat": row.lat,
        "filed_at": row.filed_at,
        "stage_since": row.stage_since,
        "answered_at": row.answered_at,
        "text": row.text,
        "url": request.build_absolute_uri(row.url),
    }
