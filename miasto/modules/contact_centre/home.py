"""What the home page and the search know of reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import selectors as cases
from miasto.kernel.spec.search import SearchEntry
from miasto.modules.contact_centre import selectors
from miasto.modules.contact_centre.case_type import KEY

SHOWN = 5
ANSWERS = 3
TREND_WIDTH, TREND_HEIGHT = 360, 90


def report_choices() -> list[tuple[str, str]]:
    """The categories to which a service page may lead: ``(slug, name)``."""
    return [(row.slug, row.title) for row in cases.leaves(KEY)]


def report_url(slug: str) -> str | None:
    """Where a report of this category begins; no query, a category that is no more is simply not chosen there."""
    return f"{reverse('contact_centre:what')}?{urlencode({'kategoria': slug})}"


def section(viewer: Any) -> dict[str, Any]:
    """The numbers, the newest reports and the newest answers for the home page; at most 10 queries."""
    numbers = selectors.numbers()
    return {
        "numbers": numbers,
        "rows": cases.latest(KEY, SHOWN),
        "answers": cases.latest_answered(KEY, ANSWERS),
        "trend": trend(numbers.weeks),
    }


def trend(weeks: list[cases.Week]) -> dict[str, Any] | None:
    """Two rows of columns of the last weeks as a drawing of TREND_WIDTH by TREND_HEIGHT; None where nothing happened."""
    most = max((max(week.filed, week.answered) for week in weeks), default=0)
    if not most:
        return None
    slot = TREND_WIDTH / len(weeks)

    def column(value: int, left: float) -> dict[str, str]:
        height = round(TREND_HEIGHT * value / most, 1)
        return {
            "x": f"{left:.1f}",
            "y": f"{TREND_HEIGHT - height:.1f}",
            "height": f"{height:.1f}",
            "width": f"{slot * 0.36:.1f}",
        }

    return {
        "width": TREND_WIDTH,
        "height": TREND_HEIGHT,
        "weeks": [
            {
                "monday": week.monday,
                "filed": week.filed,
                "answered": week.answered,
                "columns": (column(week.filed, slot * (at + 0.1)), column(week.answered, slot * (at + 0.5))),
            }
            for at, week in enumerate(weeks)
        ],
    }


def entries(ids: Iterable[UUID] | None) -> Iterator[SearchEntry]:
    """Public reports for the search: category and place, and the description once it is approved."""
    found = cases.visible_cases(SYSTEM).filter(case_type=KEY, public=True).select_related("category", "text")
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    for case in found.iterator(chunk_size=2000):
        yield SearchEntry(
            object_id=case.pk,
            title=_title(case),
            summary=case.number,
            url=f"/sprawy/{case.number}/",
            words=" ".join([case.number, case.text.published_description if case.text_state == "approved" else ""]).strip(),
            unit_id=case.unit_id,
            lon=case.geom.x if case.geom else None,
            lat=case.geom.y if case.geom else None,
        )


def _title(case: Any) -> str:
    name = case.category.title if case.category else case.number
    return f"{name}, {case.address_text}" if case.address_text else name


def translated(ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Title and summary of reports in the reader's language; one query."""
    found = cases.visible_cases(SYSTEM).filter(pk__in=list(ids)).select_related("category")
    return {case.pk: (_title(case), case.number) for case in found.only("number", "address_text", "category")}


def visible(ids: Iterable[UUID], viewer: Any) -> set[UUID]:
    """Which of the reports the viewer may see."""
    return set(cases.visible_cases(viewer).filter(pk__in=list(ids)).values_list("pk", flat=True))
