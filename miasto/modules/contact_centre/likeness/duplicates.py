"""Unfinished reports that probably tell of the same thing as a new one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness.pairs import (
    LONGEST_RADIUS,
    Common,
    Told,
    common,
    likeness,
    radius_of,
    street_of,
    words_of,
)

WINDOW_DAYS = 120
LIKELY = 0.3
SIMILAR_WORDS = 0.3


@dataclass(frozen=True)
class Likeness:
    """A report (``case``: its public line) that may tell of the same thing.

    ``metres`` from the point asked, ``alike`` 0..1 how likely it is the same, ``why`` in words for the reader.
    """

    case: cases.RegisterRow
    metres: int
    alike: float
    why: tuple[Any, ...]

    @property
    def percent(self) -> int:
        return round(100 * self.alike)


def likely_duplicates(
    *,
    category: Any,
    point: tuple[float, float] | None,
    text: str,
    viewer: Viewer,
    exclude: Collection[UUID] = (),
    object_id: UUID | None = None,
    address: str = "",
    filed_at: Any = None,
    least: float = LIKELY,
    limit: int = 5,
) -> list[Likeness]:
    """Unfinished reports near ``point`` (longitude, latitude) that may tell of the same thing, the likeliest first; 2 queries.

    ``category`` is the new report's, None where it is not known yet: then every category is looked at. Categories of the same
    group count too, since people choose differently. Words are compared only where the viewer may read them: residents see no
    trace of an unapproved text. ``least`` is the smallest likeness shown.
    """
    if point is None:
        return []
    now = filed_at or clock.now()
    asked = Told(category.slug if category else "", point, now, words_of(text), street_of(address), object_id)
    near = cases.nearby_cases(
        KEY,
        point,
        radius_of(asked.category) if category else LONGEST_RADIUS / 4,
        viewer=viewer,
        since=now - timedelta(days=WINDOW_DAYS),
        group_of=category,
        exclude=exclude,
    )
    found = [_compared(asked, one) for one in near]
    found = [one for one in found if one.alike >= least]
    return sorted(found, key=lambda one: (-one.alike, one.metres))[:limit]


def _compared(asked: Told, near: cases.NearbyCase) -> Likeness:
    row = near.row
    words = None if near.words is None else words_of(near.words)
    point = (row.lon or 0.0, row.lat or 0.0)
    other = Told(row.category_slug, point, row.filed_at, words, street_of(row.address_text), near.object_id)
    shared = common(asked, other)
    return Likeness(row, round(shared.metres), likeness(shared), tuple(reasons(shared)))


def reasons(shared: Common) -> list[Any]:
    """What speaks for two reports being of the same thing, in words."""
    told: list[Any] = [_metres(round(shared.metres))]
    if shared.thing:
        told.append(gettext_lazy("ten sam obiekt"))
    if shared.category:
        told.append(gettext_lazy("ta sama kategoria"))
    if shared.street:
        told.append(gettext_lazy("ta sama ulica"))
    if shared.words is not None and shared.words >= SIMILAR_WORDS:
        told.append(gettext_lazy("podobny opis"))
    if shared.days < 1:
        told.append(gettext_lazy("tego samego dnia"))
    return told


def _in_words(metres: int) -> str:
    return _("w tym samym miejscu") if metres < 3 else _("%(metres)d m dalej") % {"metres": metres}


_metres = lazy(_in_words, str)
