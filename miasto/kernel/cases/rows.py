"""What a list shows of each case: one line for the public, one for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, FloatField, Func, QuerySet

from miasto.kernel.cases.case_page import days_left
from miasto.kernel.cases.models import Case, CaseFile, Moderation
from miasto.kernel.cases.types import case_type, stage_of
from miasto.kernel.spec.cases import Stage

EXCERPT = 160


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A case as the public register lists it. ``text`` and ``photo_id`` (a file) only where they were approved."""

    id: UUID
    number: str
    category: str
    category_slug: str
    stage: Stage
    progress: str
    unit_name: str
    address_text: str
    district_name: str
    filed_at: datetime
    stage_since: datetime
    answered_at: datetime | None
    lon: float | None
    lat: float | None
    text: str
    photo_id: UUID | None
    supporters: int = 0

    @property
    def url(self) -> str:
        return f"/sprawy/{self.number}/"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case as the staff queue lists it. ``pending`` counts texts, photos and messages that wait for approval."""

    id: UUID
    number: str
    version: int
    category: str
    category_slug: str
    danger: bool
    stage: Stage
    progress: str
    unit_id: UUID
    unit_name: str
    assignee_id: UUID | None
    assignee_name: str
    address_text: str
    district_name: str
    filed_at: datetime
    due_on: date
    days_left: int | None
    pending: int
    disputed: bool
    supporters: int
    channel: str
    lon: float | None
    lat: float | None
    excerpt: str

    @property
    def url(self) -> str:
        return f"/panel/sprawy/{self.number}/"

    @property
    def overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0


class Longitude(Func):
    """The longitude of a point as a number, without a geometry object for each row."""

    function = "ST_X"
    output_field = FloatField()


class Latitude(Func):
    """The latitude of a point as a number."""

    function = "ST_Y"
    output_field = FloatField()


_UNSHOWN = ("geom", "geom_3857", "search", "category__keywords", "category__questions", "text__search")


def with_names(found: QuerySet) -> QuerySet:
    """Cases with what the public rows show, in one query; outlines and geometry objects stay in the database."""
    named = found.select_related("category", "text").annotate(unit_name=F("unit__name"), district_name=F("district__name"))
    return named.annotate(lon=Longitude("geom"), lat=Latitude("geom")).defer(*_UNSHOWN)


def with_staff_names(found: QuerySet) -> QuerySet:
    """Cases with what the staff's rows show, in one query."""
    return with_names(found).annotate(assignee_name=F("assignee__name"))


def register_row(case: Case, photo_id: UUID | None) -> RegisterRow:
    """The public line of a case read by ``with_names``."""
    approved = case.text_state == Moderation.APPROVED
    return RegisterRow(
        id=case.pk, number=case.number, category=case.category.title if case.category else "",
        category_slug=case.category.slug if case.category else "", stage=stage_of(case), progress=case.progress,
        unit_name=case.unit_name, address_text=case.address_text, district_name=case.district_name or "",
        filed_at=case.filed_at, stage_since=case.stage_since, answered_at=case.answered_at,
        lon=case.lon, lat=case.lat,
        text=excerpt(case.text.published_description) if approved else "", photo_id=photo_id, supporters=case.supporters,
    )  # fmt: skip


def queue_row(case: Case) -> QueueRow:
    """The staff's line of a case read by ``with_staff_names``."""
    return QueueRow(
        id=case.pk, number=case.number, version=case.version,
        category=case.category.title if case.category else _type_name(case),
        category_slug=case.category.slug if case.category else "", danger=bool(case.category and case.category.danger),
        stage=stage_of(case), progress=case.progress, unit_id=case.unit_id, unit_name=case.unit_name,
        assignee_id=case.assignee_id, assignee_name=case.assignee_name or "", address_text=case.address_text,
        district_name=case.district_name or "", filed_at=case.filed_at, due_on=case.due_on, days_left=days_left(case),
        pending=case.pending, disputed=case.disputed > 0, supporters=case.supporters, channel=case.channel,
        lon=case.lon, lat=case.lat,
        excerpt=excerpt(case.text.description),
    )  # fmt: skip


def _type_name(case: Case) -> str:
    """What a case without a category is called."""
    try:
        return str(case_type(case.case_type).name)
    except KeyError:
        return ""


def first_photos(case_ids: list[UUID]) -> dict[UUID, UUID]:
    """The first approved photo (a file) of each case; one query."""
    rows: Any = CaseFile.objects.filter(case__in=case_ids, state=Moderation.APPROVED).order_by("case", "order", "id")
    found: dict[UUID, UUID] = {}
    for case_id, file_id in rows.values_list("case", "file"):
        found.setdefault(case_id, file_id)
    return found


def public_photos(case_ids: list[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """All approved photos (files) of each case, in their order; one query."""
    rows: Any = CaseFile.objects.filter(case__in=case_ids, state=Moderation.APPROVED).order_by("order", "id")
    found: dict[UUID, tuple[UUID, ...]] = {}
    for case_id, file_id in rows.values_list("case", "file"):
        found[case_id] = (*found.get(case_id, ()), file_id)
    return found


def excerpt(text: str, most: int = EXCERPT) -> str:
    """The beginning of a text, cut at a word."""
    words = " ".join(text.split())
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0].rstrip(",.;:–-") + "…"
