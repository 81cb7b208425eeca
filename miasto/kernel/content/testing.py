"""Factories for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from miasto.kernel.accounts.models import Unit
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.content.hours import parse_spans
from miasto.kernel.content.models import Office, Service
from miasto.kernel.content.services import import_knowledge, save_office

_numbers = count(1)


def make_service(*, title: str = "Dowód osobisty", **fields: Any) -> Service:
    """A published page, written by the service that imports use; ``unit`` is a ``Unit``."""
    slug = fields.pop("slug", f"karta-{next(_numbers)}")
    unit = fields.pop("unit", None)
    row = {"slug": slug, "topic": "temat", "title": title, "line": fields.pop("line", f"{title} w jednym zdaniu."), **fields}
    if unit is not None:
        row["unit"] = unit.slug
    import_knowledge(by=SYSTEM, topics=[{"slug": "temat", "name": "Temat"}], services=[row])
    return Service.objects.get(slug=slug)


def make_office(unit: Unit, *, week: str = "7:30–15:30", saturday: str = "", **values: Any) -> Office:
    """An office open at the same hours from Monday to Friday."""
    weekly = [parse_spans(week)] * 5 + [parse_spans(saturday), ()]
    return save_office(unit_id=unit.id, weekly=weekly, by=SYSTEM, **{"address": "Rynek 1", **values})
