"""Public cases for other systems: a page by time, place and category, the news of them, and photos that come late.

What stands here is what everybody may know; a standard's API (GeoReport v2) only writes it in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point, Polygon
from django.db import transaction
from django.db.models import F, FloatField, Func, Max, Q, QuerySet, Value

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.cases import writing
from miasto.kernel.cases.events import CaseCommented
from miasto.kernel.cases.filing import attach
from miasto.kernel.cases.models import Case, CaseFile, CaseStep, Moderation, Progress
from miasto.kernel.cases.rows import Latitude, Longitude, public_photos
from miasto.kernel.cases.types import stage_of
from miasto.kernel.core import events
from miasto.kernel.spec.cases import Stage

OPEN, ENDED = (Progress.OPEN, Progress.WAITING), (Progress.ANSWERED, Progress.CLOSED)
METRES_PER_DEGREE = 111_320.0
_TOLD = Q(kind__in=[CaseStep.Kind.FILED, CaseStep.Kind.TRANSITION, CaseStep.Kind.RECATEGORISED]) | Q(
    kind=CaseStep.Kind.ASSIGNED, unit_id__isnull=False
)
_SAID = Q(comment__audience="public", comment__state="published")
TOLD = _TOLD | Q(kind__in=[CaseStep.Kind.TEXT_DECIDED, CaseStep.Kind.FILE_DECIDED]) | _SAID
NEWS = Q(kind=CaseStep.Kind.TRANSITION) | (Q(kind__in=[CaseStep.Kind.COMMENT, CaseStep.Kind.ADDED]) & _SAID)


class _Metres(Func):
    """The distance of two points on the sphere."""

    function = "ST_DistanceSphere"
    output_field = FloatField()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which public cases of a type. Times are aware; ``near`` is (longitude, latitude, metres); ``ended`` None means both.

    ``numbers`` overrides everything else. Categories are slugs of leaves. The newest filed come first.
    """

    case_type: str
    numbers: Sequence[str] = ()
    categories: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    changed_since: datetime | None = None
    changed_until: datetime | None = None
    ended: bool | None = None
    near: tuple[float, float, float] | None = None
    offset: int = 0
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class SharedCase:
    """A public case as other systems read it. ``text`` and ``photo_ids`` (files) only where they were approved.

    ``changed_at`` is the last public change, and for an ended case the moment it was answered; ``answer`` the city's last
    public answer.
    """

    id: UUID
    number: str
    category_slug: str
    category: str
    stage: Stage
    ended: bool
    text: str
    answer: str
    unit_name: str
    filed_at: datetime
    changed_at: datetime
    due_on: Any
    address_text: str
    lon: float | None
    lat: float | None
    photo_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class News:
    """One public step or message of a case. ``stage`` is the one the case was in after it; ``body`` may be empty."""

    id: int
    case_id: UUID
    number: str
    at: datetime
    stage: Stage
    body: str


def shared_cases(wanted: Wanted) -> list[SharedCase]:
    """The public cases that were asked for; 4 queries, whoever asks."""
    found = (
        _matching(wanted)
        .select_related("category", "text")
        .annotate(unit_name=F("unit__name"), lon=Longitude("geom"), lat=Latitude("geom"))
    )
    found = found.defer("geom", "geom_3857", "search", "category__keywords", "category__questions", "text__search")
    rows = list(found.order_by("-filed_at", "-id")[wanted.offset : wanted.offset + wanted.limit])
    ids = [row.pk for row in rows]
    photos, answers, changed = public_photos(ids), _answers(ids), _changed(ids)
    return [_shared(row, photos.get(row.pk, ()), answers.get(row.pk, ""), changed.get(row.pk)) for row in rows]


def _matching(wanted: Wanted) -> QuerySet:
    found = Case.objects.visible_to(ANONYMOUS).filter(case_type=wanted.case_type)
    if wanted.numbers:
        return found.filter(number__in=wanted.numbers)
    limits = {
        "category__slug__in": list(wanted.categories) or None,
        "filed_at__gte": wanted.since,
        "filed_at__lte": wanted.until,
        "progress__in": None if wanted.ended is None else (ENDED if wanted.ended else OPEN),
    }
    found = found.filter(**{name: value for name, value in limits.items() if value is not None})
    if wanted.changed_since or wanted.changed_until:
        found = found.filter(_changed_between(wanted.changed_since, wanted.changed_until))
    return _near(found, *wanted.near) if wanted.near else found


def _changed_between(since: datetime | None, until: datetime | None) -> Q:
    """Ended cases by their answer, the others by their public steps: both by an index, never by all cases."""
    ended, open_ = Q(progress__in=ENDED), Q(progress__in=OPEN)
    steps = CaseStep.objects.filter(TOLD)
    if since:
        ended, steps = ended & Q(answered_at__gte=since), steps.filter(at__gte=since)
    if until:
        ended &= Q(answered_at__lte=until)
        later = CaseStep.objects.filter(TOLD, at__gt=until)
        open_ &= ~Q(pk__in=later.values("case_id"))
    return ended | (open_ & Q(pk__in=steps.values("case_id")))


def _near(found: QuerySet, lon: float, lat: float, metres: float) -> QuerySet:
    """Cases within a distance on the sphere; the box before it is what the index answers."""
    up = metres / METRES_PER_DEGREE
    aside = up / max(cos(radians(lat)), 0.01)
    box = Polygon.from_bbox((lon - aside, lat - up, lon + aside, lat + up))
    box.srid = 4326
    point = Value(Point(lon, lat, srid=4326), PointField(srid=4326))
    return found.filter(geom__bboverlaps=box).annotate(metres=_Metres(F("geom"), point)).filter(metres__lte=metres)


def _answers(ids: list[UUID]) -> dict[UUID, str]:
    rows = CaseStep.objects.filter(_SAID, case__in=ids, by_filer=False).order_by("case_id", "-id").distinct("case_id")
    return {row.case_id: row.comment.text.shown for row in rows.select_related("comment__text")}


def _changed(ids: list[UUID]) -> dict[UUID, datetime]:
    rows = CaseStep.objects.filter(TOLD, case__in=ids).order_by().values("case_id").annotate(last=Max("at"))
    return dict(rows.values_list("case_id", "last"))


def _shared(row: Any, photos: tuple[UUID, ...], answer: str, changed: datetime | None) -> SharedCase:
    ended = row.progress in ENDED
    approved = row.text_state == Moderation.APPROVED
    return SharedCase(
        id=row.pk, number=row.number, category_slug=row.category.slug if row.category else "",
        category=row.category.title if row.category else "", stage=stage_of(row), ended=ended,
        text=row.text.published_description if approved else "", answer=answer, unit_name=row.unit_name,
        filed_at=row.filed_at, changed_at=(row.answered_at if ended else None) or changed or row.filed_at, due_on=row.due_on,
        address_text=row.address_text, lon=row.lon, lat=row.lat, photo_ids=photos,
    )  # fmt: skip


def news(
    *, case_type: str, since: datetime, until: datetime, numbers: Sequence[str] = (), limit: int = 1000, offset: int = 0
) -> list[News]:
    """What everybody could read of public cases between two moments, oldest first; 2 queries."""
    steps = CaseStep.objects.filter(NEWS, at__gte=since, at__lte=until, case__public=True, case__case_type=case_type)
    if numbers:
        steps = steps.filter(case__number__in=numbers)
    steps = steps.select_related("case", "comment__text").defer("case__geom", "case__geom_3857", "case__search")
    rows = list(steps.order_by("at", "id")[offset : offset + limit])
    stages = _stages_after(rows)
    return [_news(row, stages[row.pk]) for row in rows]


def _stages_after(rows: Iterable[CaseStep]) -> dict[int, str]:
    """The stage after each step; a message leaves the case in the stage of the last transition before it."""
    silent = {row.case_id for row in rows if not row.to_stage}
    moves: dict[UUID, list[tuple[int, str]]] = {}
    if silent:
        known = CaseStep.objects.filter(case__in=silent).exclude(to_stage="").order_by("id")
        for pk, case_id, stage in known.values_list("id", "case_id", "to_stage"):
            moves.setdefault(case_id, []).append((pk, stage))
    found = {}
    for row in rows:
        before = [stage for pk, stage in moves.get(row.case_id, ()) if pk < row.pk]
        found[row.pk] = row.to_stage or (before[-1] if before else row.case.stage)
    return found


def _news(row: CaseStep, stage: str) -> News:
    made = row.comment
    told = made is not None and made.audience == "public" and made.state == "published"
    case = row.case
    case.stage = stage
    return News(row.pk, row.case_id, case.number, row.at, stage_of(case), made.text.shown if told else "")


@transaction.atomic
def add_late_photos(*, case: Case, file_ids: Sequence[UUID], by: Viewer) -> Case:
    """Photos of the filer that came after the case itself (fetched from an address); they wait for approval.

    Unlike ``add_from_filer`` it is no answer to a question of the city. Raises ``Refused`` for a file that is no more.
    """
    locked = writing.lock(case, None)
    attach(locked, file_ids, CaseFile.Phase.FILED, by)
    locked.pending = writing.count_pending(locked)
    writing.save(locked, "pending")
    step = writing.step(locked, CaseStep.Kind.ADDED, by, by_filer=True)
    writing.record("add_photos", locked, by, files=len(file_ids))
    events.publish(
        CaseCommented(
            case_id=locked.pk, case_type=locked.case_type, step_id=step.pk, comment_id=None, audience="public", by_filer=True
        )
    )
    return locked
