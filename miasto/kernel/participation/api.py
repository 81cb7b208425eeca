"""The JSON API of public processes and their ledgers: what everybody reads, and nothing else. Times are ISO 8601."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.participation import law, selectors
from miasto.kernel.participation.models import Process
from miasto.kernel.participation.reporting import public_text
from miasto.kernel.participation.tallying.api import router as results

MOST = 200
router = Router()
router.add_router("/elections", results)


class PhaseItem(Schema):
    """A phase between two local dates, both included."""

    name: str
    starts_on: date
    ends_on: date
    actions: list[str]


class ProcessItem(Schema):
    """A published process."""

    slug: str
    kind: str
    title: str
    decided: str = Field(description="What is decided, in plain words")
    basis: str = Field(description="Legal basis")
    unit: str
    state: str = Field(description="planned, open, considered or ended")
    phases: list[PhaseItem]
    published_at: datetime
    closed_at: datetime | None
    remarks: int
    url: str


class RemarkItem(Schema):
    """A remark of the public ledger."""

    number: int
    channel: str
    author_group: str
    received_on: date
    late: bool = Field(description="Came after the time for remarks")
    document: str
    paragraph: int | None
    text: str = Field(description="As approved for publication; otherwise empty")
    status: str = Field(description="waiting, accepted, partly, rejected, out_of_scope or late")
    reasons: str
    url: str


class RemarkList(Schema):
    """A page of a ledger, by number."""

    next: int | None = Field(description="Value of after for the following page")
    results: list[RemarkItem]


class RemarkQuery(Schema):
    """What may be asked of a ledger."""

    after: int = Field(0, ge=0, description="Number after which the page begins")
    status: str = Field("", pattern="^(|waiting|accepted|partly|rejected|out_of_scope|late)$")
    limit: int = Field(100, ge=1, le=MOST)


@router.get("/", response=list[ProcessItem], summary="Published processes")
def list_processes(request: HttpRequest) -> list[dict[str, Any]]:
    """The newest 500 processes, as everybody sees them."""
    found = Process.objects.visible_to(ANONYMOUS).select_related("unit").prefetch_related("phases")
    return [_process(request, one) for one in found.defer("geom").order_by("-published_at", "-id")[:500]]


def _process(request: HttpRequest, one: Process) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "kind": one.process_kind,
        "title": one.title,
        "decided": one.decided,
        "basis": law.basis(one.basis).act,
        "unit": one.unit.name if one.unit else "",
        "state": selectors.state_of(one),
        "phases": [
            {"name": row.name, "starts_on": row.starts_on, "ends_on": row.ends_on, "actions": row.actions}
            for row in one.phases.all()
        ],
        "published_at": one.published_at,
        "closed_at": one.closed_at,
        "remarks": one.last_number,
        "url": request.build_absolute_uri(selectors.process_url(one)),
    }


@router.get("/{slug}/remarks/", response=RemarkList, summary="The ledger of remarks")
def list_remarks(request: HttpRequest, slug: str, query: Query[RemarkQuery]) -> dict[str, Any]:
    """The remarks of a process by number, each with its answer; the same for all callers."""
    try:
        process = selectors.process_for(slug, ANONYMOUS)
    except Process.DoesNotExist:
        raise HttpError(404, "there is no such process") from None
    found = selectors.ledger(process, ANONYMOUS, selectors.LedgerFilters(status=query.status)).filter(number__gt=query.after)
    rows = list(found.select_related("decision", "text", "group", "paragraph", "version__document")[: query.limit + 1])
    shown = rows[: query.limit]
    return {
        "next": shown[-1].number if len(rows) > query.limit else None,
        "results": [
            {
                "number": row.number,
                "channel": row.channel,
                "author_group": row.author_group,
                "received_on": row.received_on,
                "late": row.late,
                "document": row.version.document.title if row.version else "",
                "paragraph": row.paragraph.number if row.paragraph else None,
                "text": public_text(row),
                "status": row.status,
                "reasons": row.decision.reasons if row.decision else "",
                "url": request.build_absolute_uri(selectors.remark_url(process, row.number)),
            }
            for row in shown
        ],
    }
