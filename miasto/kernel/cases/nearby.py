"""Open cases around a point: what a duplicate finder looks at."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point, Polygon
from django.db.models import Q

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases.access import SEE, holds
from miasto.kernel.cases.models import Case, Category, Moderation, Progress
from miasto.kernel.cases.rows import RegisterRow, first_photos, register_row, with_names

METRES_IN_DEGREE = 111_250
UNFINISHED = (Progress.OPEN, Progress.WAITING)


@dataclass(frozen=True, slots=True)
class NearbyCase:
    """An unfinished case near a point. ``words`` are those the viewer may read (staff of its unit: all), None where none.

    ``metres`` on the sphere.
    """

    row: RegisterRow
    metres: float
    words: str | None
    object_id: UUID | None
    unit_id: UUID


def nearby_cases(
    kind: str,
    point: tuple[float, float],
    metres: float,
    *,
    viewer: Viewer,
    since: datetime,
    group_of: Category | None = None,
    exclude: Collection[UUID] = (),
    most: int = 60,
) -> list[NearbyCase]:
    """The unfinished cases of a type filed since a moment within ``metres`` of (longitude, latitude), nearest first.

    ``group_of`` narrows to a category and those beside it in the tree. 2 queries, by the index of places.
    """
    found = Case.objects.visible_to(viewer).filter(case_type=kind, progress__in=UNFINISHED, filed_at__gte=since)
    found = found.filter(geom__bboverlaps=_box(point, metres))
    if group_of is not None:
        beside = Q(category__parent=group_of.parent_id) if group_of.parent_id else Q(category=group_of)
        found = found.filter(beside)
    if exclude:
        found = found.exclude(pk__in=exclude)
    away = Distance("geom", Point(*point, srid=4326))
    rows = [row for row in with_names(found).annotate(away=away).order_by("away", "-filed_at")[:most] if row.away.m <= metres]
    photos = first_photos([row.pk for row in rows])
    return [_near(row, photos.get(row.pk), viewer) for row in rows]


def _near(case: Any, photo_id: UUID | None, viewer: Viewer) -> NearbyCase:
    if holds(viewer, SEE, case.unit_id):
        words: str | None = case.text.description
    else:
        words = case.text.published_description if case.text_state == Moderation.APPROVED else None
    return NearbyCase(register_row(case, photo_id), case.away.m, words, case.object_id, case.unit_id)


def _box(point: tuple[float, float], metres: float) -> Polygon:
    lon, lat = point
    north = metres / METRES_IN_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    return Polygon.from_bbox((lon - east, lat - north, lon + east, lat + north))
