"""The rules of routing of the demo city: a version in force, and a draft with one rule more."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM, current_units
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.kernel.core.city import city
from miasto.kernel.places.selectors import areas
from miasto.modules.contact_centre.case_type import KEY


def make_routes() -> int:
    """Write the rules of the profile's ``demo_reports.toml`` but those that name what is not there; returns how many."""
    rows = [row for row in city().toml("demo_reports.toml").get("routes", ()) if _known(row) is not None]
    if not rows:
        return 0
    for draft in (False, True):
        wanted = [row for row in rows if bool(row.get("draft")) == draft]
        if wanted:
            services.open_draft(by=SYSTEM)
        for row in wanted:
            services.save_rule(rule_id=None, case_type=KEY, by=SYSTEM, **(_known(row) or {}))
        if wanted and not draft:
            services.switch_on(by=SYSTEM)
    return len(rows)


def _known(row: dict[str, Any]) -> dict[str, Any] | None:
    values: dict[str, Any] = {name: row[name] for name in ("owner", "street_class", "priority", "note") if name in row}
    found = {
        "category": next((node for node in _categories() if node.slug == row.get("category")), None),
        "area": next((area for area in areas() if area.name == row.get("area")), None),
        "unit": next((unit for unit in current_units() if unit.slug == row.get("unit")), None),
        "body": next((body for body in cases.external_bodies() if body.slug == row.get("body")), None),
    }
    if any(row.get(name) and value is None for name, value in found.items()):
        return None
    return {**values, **{name: value for name, value in found.items() if value is not None}}


def _categories() -> list[Any]:
    return [one for node in cases.categories(KEY) for one in (node.category, *(child.category for child in node.children))]
