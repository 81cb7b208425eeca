"""The knowledge base of the demo city: the profile's ``services.toml`` through the service that a migration would use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.content.services import import_knowledge
from miasto.kernel.core import clock, free_days
from miasto.kernel.core.city import city

FILE = "services.toml"
REVIEWED_BEFORE, REVIEWED_FOR = timedelta(days=40), timedelta(days=180)


def load(*, seed: int = 1) -> None:
    """Everything in the file; pages were read through some weeks ago, and one day soon is shorter in every unit."""
    data = city().toml(FILE)
    if not data:
        return
    today = clock.today()
    reviewed = {"reviewed_on": today - REVIEWED_BEFORE, "next_review_on": today - REVIEWED_BEFORE + REVIEWED_FOR}
    import_knowledge(
        by=SYSTEM,
        topics=data.get("topics", ()),
        services=[{**reviewed, **row} for row in data.get("services", ())],
        offices=data.get("offices", ()),
        days=[*data.get("days", ()), *_short_day(today)],
    )


def _short_day(today: date) -> list[dict[str, Any]]:
    """A working day about two weeks ahead on which the offices close early."""
    day = free_days.next_working(today + timedelta(days=16))
    reason = {"reason": "szkolenie pracowników", "reason_en": "staff training"}
    return [{"day": day, "hours": "7:30–12:00", "unit": "urzad-miasta", **reason}] if _has_unit("urzad-miasta") else []


def _has_unit(slug: str) -> bool:
    return any(row.get("slug") == slug for row in city().rows("units"))
