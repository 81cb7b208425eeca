"""The public register: every public case by category, place and stage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Polygon
from django.db.models import Exists, OuterRef, Q, QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases.access import own
from miasto.kernel.cases.models import Case, Category, Relation
from miasto.kernel.cases.pages import NEWEST, SUPPORTED, Page, bounded_count, cut
from miasto.kernel.cases.rows import Latitude, Longitude, RegisterRow, first_photos, register_row, with_names
from miasto.kernel.cases.types import case_type
from miasto.kernel.core import clock
from miasto.kernel.core.polish import fold, query_terms

Bbox = tuple[float, float, float, float]
PAGE_SIZE = 20
POINTS_MOST = 5000
_NUMBER = re.compile(r"^[a-z]{1,8}-\d{4}-\d{6,}$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class RegisterFilters:
    """What the reader of the register asked for.

    ``category`` is a slug (its children count too), ``progress`` one of open, waiting, answered, closed, or empty;
    ``stages`` narrows by stage keys; ``bbox`` is (west, south, east, north) in degrees; ``since`` and ``until`` are local
    days of filing; ``text`` searches number, address and category; ``order`` "supported" puts first what most people
    said "me too" to, and leaves out the rest; ``cursor`` comes from ``Page.next`` or ``.previous``.
    """

    case_type: str
    category: str = ""
    district: UUID | None = None
    unit: UUID | None = None
    progress: str = ""
    stages: tuple[str, ...] = ()
    text: str = ""
    bbox: Bbox | None = None
    since: date | None = None
    until: date | None = None
    order: str = ""
    cursor: str = ""
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A case on a map."""

    id: UUID
    number: str
    stage: str
    progress: str
    category: str
    lon: float
    lat: float


def public_register(filters: RegisterFilters) -> Page[RegisterRow]:
    """One page of public cases, newest first; at most 6 queries, whoever asks."""
    found = register_cases(filters)
    count, exact = bounded_count(found)
    order = SUPPORTED if filters.order == "supported" else NEWEST
    cases, after, before = cut(with_names(found), order, filters.cursor, filters.size)
    photos = first_photos([case.pk for case in cases])
    rows = [register_row(case, photos.get(case.pk)) for case in cases]
    return Page(rows, after, before, count, exact)


def register_points(filters: RegisterFilters, limit: int = POINTS_MOST) -> list[CasePoint]:
    """The newest public cases with a place, for a map without tiles; at most 3 queries."""
    return points(register_cases(filters).order_by("-filed_at", "-id"), limit)


def points(found: QuerySet, limit: int) -> list[CasePoint]:
    """The first ``limit`` cases of a query that have a place; two queries, and no geometry object for each of thousands."""
    titles = {row.pk: row.title for row in Category.objects.all()}
    placed = found.filter(geom__isnull=False).annotate(lon=Longitude("geom"), lat=Latitude("geom"))
    rows = placed.values_list("id", "number", "stage", "progress", "category_id", "lon", "lat")[:limit]
    return [
        CasePoint(pk, number, stage, progress, titles.get(category, ""), lon, lat)
        for pk, number, stage, progress, category, lon, lat in rows
    ]


def register_cases(filters: RegisterFilters) -> QuerySet:
    """The public cases that the filters leave."""
    found = Case.objects.filter(public=True, case_type=filters.case_type)
    if filters.unit:
        found = found.filter(unit=filters.unit)
    if filters.stages:
        found = found.filter(stage__in=filters.stages)
    if filters.order == "supported":
        found = found.filter(supporters__gt=0)
    found = common(found, filters)
    return text_matches(found, filters.case_type, filters.text) if filters.text.strip() else found


def common(found: QuerySet, filters: Any) -> QuerySet:
    """Narrow by what the register and the queue share: category, district, progress, place and days of filing."""
    if filters.category:
        found = found.filter(category__in=branch(filters.case_type, filters.category))
    if filters.district:
        found = found.filter(district=filters.district)
    if filters.progress:
        found = found.filter(progress=filters.progress)
    if filters.bbox:
        found = found.filter(geom__bboverlaps=Polygon.from_bbox(filters.bbox))
    if filters.since:
        found = found.filter(filed_at__gte=clock.start_of(filters.since))
    if filters.until:
        found = found.filter(filed_at__lt=clock.start_of(filters.until + timedelta(days=1)))
    return found


def branch(kind: str, slug: str) -> list[int]:
    """A category of a case type (of any, where ``kind`` is empty) and all below it; an unknown slug gives none. One query."""
    found = Category.objects.filter(case_type=kind) if kind else Category.objects.all()
    rows = list(found.values_list("id", "slug", "parent_id"))
    wanted = {pk for pk, name, _parent in rows if name == slug}
    grown = True
    while grown:
        more = {pk for pk, _name, parent in rows if parent in wanted} - wanted
        wanted |= more
        grown = bool(more)
    return sorted(wanted)


def text_matches(found: QuerySet, kind: str, text: str) -> QuerySet:
    """Cases of that number, or whose number or address holds the words, or whose category is called so."""
    if is_number(text):
        return found.filter(number=text.strip().upper())
    words = Q()
    for word in fold(text).split():
        words &= Q(search__contains=word)
    return found.filter(words | Q(category__in=_categories_called(kind, text)))


def is_number(text: str) -> bool:
    """Whether somebody typed a whole public number."""
    return bool(_NUMBER.match(text.strip()))


def _categories_called(kind: str, text: str) -> list[int]:
    asked = query_terms(text)
    if not asked:
        return []
    rows = Category.objects.filter(case_type=kind).values_list("id", "name", "keywords")
    return [pk for pk, name, keywords in rows if _called(asked, [name, *keywords])]


def _called(asked: list[set[str]], names: list[str]) -> bool:
    known = set().union(*(term for name in names for term in query_terms(name)))
    return all(term & known for term in asked)


def my_cases(viewer: Viewer, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[RegisterRow]:
    """The cases that the viewer filed or holds a secret link to, newest first. Texts as the public sees them.

    The parts of a case are on its page and not listed beside it.
    """
    parts = Relation.objects.filter(case=OuterRef("pk"), kind=Relation.Kind.PART_OF)
    found = Case.objects.filter(own(viewer)).filter(~Exists(parts))
    cases, after, before = cut(with_names(found), NEWEST, cursor, size)
    count, exact = bounded_count(found)
    return Page([register_row(case, None) for case in cases], after, before, count, exact)


def latest(kind: str, limit: int = 5) -> list[RegisterRow]:
    """The newest public cases of a type; 2 queries."""
    found = Case.objects.filter(public=True, case_type=case_type(kind).key).order_by("-filed_at", "-id")
    cases = list(with_names(found)[:limit])
    photos = first_photos([case.pk for case in cases])
    return [register_row(case, photos.get(case.pk)) for case in cases]
