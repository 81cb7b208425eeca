"""Tells those who follow a part of the city of new public reports and of what became of them. Public words only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext, override

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases.events import CaseOpened, CaseStepTaken
from miasto.kernel.notifications.services import (
    keep_for_later,
    notify,
    recipient_of,
    stop_address,
    stop_headers,
    subscribers,
)
from miasto.kernel.places.selectors import reverse
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.selectors import category_choices

TOPIC = "contact_centre.followed"
ON_STREET_M = 60.0


def tell_opened(event: CaseOpened) -> None:
    """A new report."""
    if event.case_type == KEY:
        _tell(event.case_id, "opened", fresh=True)


def tell_answered(event: CaseStepTaken) -> None:
    """A report that the city has settled or refused; the steps between are for those who follow the report itself."""
    if event.case_type == KEY and _ends(event.to_stage) and not _ends(event.from_stage):
        _tell(event.case_id, f"step:{event.step_id}", fresh=False)


def _ends(stage: str) -> bool:
    return REPORT.stage(stage).clock == "stopped"


def _tell(case_id: UUID, once: str, *, fresh: bool) -> None:
    try:
        case = cases.case_by_id(case_id, ANONYMOUS)
    except ObjectDoesNotExist:
        return
    for row in subscribers(TOPIC, subjects=_subjects(case.category), **_places(case)):
        once_here = f"{case_id}:{once}"
        if row.frequency == row.DAILY:
            keep_for_later(subscription=row, title=_title(case, row.language, fresh), url=case.url, once=once_here)
        else:
            _write(row, case, once_here, fresh)


def _write(row: Any, case: Any, once: str, fresh: bool) -> None:
    stop = "" if row.device_id else stop_address(row.pk)
    notify(
        topic=TOPIC,
        to=[recipient_of(row)],
        context={"case": case, "fresh": fresh, "stop_url": stop, "inbox_url": case.url},
        url=case.url,
        about_id=row.pk,
        once=once,
        headers=stop_headers(stop) if stop else None,
    )


def _subjects(category: Any) -> list[str]:
    """The slugs of a category and of the groups above it."""
    found = []
    while category is not None:
        found.append(category.slug)
        category = category.parent if category.parent_id else None
    return found


def _places(case: Any) -> dict[str, list[UUID]]:
    if case.lon is None:
        return {"area_ids": [], "street_ids": []}
    position = reverse(case.lon, case.lat)
    near = position.street_id is not None and position.street_m is not None and position.street_m <= ON_STREET_M
    return {
        "area_ids": [position.district_id] if position.district_id else [],
        "street_ids": [position.street_id] if near else [],
    }


def _title(case: Any, language: str, fresh: bool) -> str:
    with override(language):
        name = case.category.title if case.category else case.number
        place = case.address_text or case.district_name
        state = gettext("nowe zgłoszenie") if fresh else str(case.stage.name)
        return " – ".join(part for part in (name, place, state) if part)


def category_names(subjects: Iterable[str]) -> dict[str, str]:
    """The titles of followed categories by slug; nothing chosen stands for all of them. One query."""
    flat: list[tuple[str, Any]] = [("", gettext("wszystkie kategorie"))]
    for value, label in category_choices():
        flat.extend(label if isinstance(label, list) else [(value, label)])
    return {slug: str(name) for slug, name in flat if slug in set(subjects)}
