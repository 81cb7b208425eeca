"""A made-up newsletter: what the profile's ``demo_newsletter.toml`` says."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.modules.idea.newsletter import rules, selectors, services


def load(*, seed: int) -> None:
    """Past issues, a draft, and readers whose addresses belong to nobody."""
    told = city().toml("demo_newsletter.toml")
    for row in told.get("issues", []):
        services.import_issue(row=_row(row), sent_at=_moment(row["days"]), counts=row["counts"])
    for row in told.get("drafts", []):
        services.create_issue(row=_row(row), by=SYSTEM)
    _readers(told.get("subscribers", 0))
    for one in marks.get("demo.residents", [])[:1]:
        services.join(wishes=services.Wishes(topics=[rules.topics()[0].key]), by=viewer_for_person(UUID(one)))


def _row(row: dict[str, Any]) -> services.IssueRow:
    blocks = [services.Block(source="demo", key=str(n), **one) for n, one in enumerate(row.get("blocks", []))]
    words = {name: row.get(name, "").strip() for name in ("title", "lead", "text", "title_en", "lead_en", "text_en")}
    return services.IssueRow(**words, blocks=blocks, topics=row.get("topics", []))


def _moment(days: int) -> datetime:
    return datetime.combine(clock.today() + timedelta(days=days), time(9), tzinfo=clock.zone())


def _readers(count: int) -> None:
    """Every second reader chose a topic, every third a district."""
    keys, areas = [one.key for one in rules.topics()], [pk for pk, _name in selectors.area_choices()]
    rows = []
    for n in range(count):
        wishes = services.Wishes(
            topics=[keys[n % len(keys)]] if keys and n % 2 else [],
            areas=[areas[n % len(areas)]] if areas and n % 3 == 0 else [],
            language="en" if n % 9 == 0 else "pl",
        )
        rows.append((f"czytelnik{n + 1}@demo.invalid", wishes, _moment(-90 + n)))
    services.import_subscribers(rows=rows)
