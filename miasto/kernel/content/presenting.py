"""A service page as its template shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.accounts.models import Unit
from miasto.kernel.content.models import Service
from miasto.kernel.content.offices import desks
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.content import ServiceLink


@dataclass(frozen=True)
class Fact:
    """One of the short answers at the top of a page."""

    label: str
    text: str
    icon: str


@dataclass(frozen=True)
class Next:
    """Something to do after reading."""

    label: str
    url: str
    icon: str


def text_of(row: Any, field: str, language: str = "") -> str:
    """A text in a language (default the reader's); Polish where there is no other."""
    english = (language or get_language() or "pl").startswith("en")
    return (getattr(row, f"{field}_en") if english else "") or getattr(row, field)


def page_context(row: Service, *, preview: bool = False) -> dict[str, Any]:
    """The values of ``content/service.html``; at most 5 queries."""
    english = (get_language() or "pl").startswith("en")
    unit = row.unit
    desk = desks([row.unit_id]).get(row.unit_id) if row.unit_id else None
    return {
        "row": row,
        "title": text_of(row, "title"),
        "line": text_of(row, "line"),
        "facts": facts(row),
        "body": row.body_en if english and row.body_en else row.body,
        "appeal": text_of(row, "appeal"),
        "legal": [line.strip() for line in row.legal.splitlines() if line.strip()],
        "unit": unit,
        "desk": desk,
        "next": next_steps(row),
        "in_polish": english and not (row.title_en and row.line_en and row.body_en),
        "topic_name": text_of(row.topic, "name") if row.topic_id else "",
        "preview": preview,
    }


def facts(row: Service) -> list[Fact]:
    """Who, where, when, how long and for how much, as far as the page says."""
    wanted = (
        ("who", _("Kto"), "user-round"),
        ("place", _("Gdzie"), "map-pin"),
        ("when", _("Kiedy"), "calendar-days"),
        ("duration", _("Ile się czeka"), "hourglass"),
        ("cost", _("Ile to kosztuje"), "banknote"),
    )
    return [Fact(label, text, icon) for field, label, icon in wanted if (text := text_of(row, field))]


def next_steps(row: Service) -> list[Next]:
    """What the page leads to: the report of a problem that belongs to it."""
    key, _colon, value = row.related.partition(":")
    if not value or not registry().has(ServiceLink, key):
        return []
    link = registry().get(ServiceLink, key)
    url = link.url(value)
    return [Next(str(link.label), url, link.icon)] if url else []


def contact_of(unit: Unit | None) -> list[tuple[str, str, str]]:
    """``(label, text, address of a link)`` of a unit's telephone and e-mail."""
    if unit is None:
        return []
    rows = [(_("Telefon"), unit.phone, f"tel:{unit.phone.replace(' ', '')}"), (_("E-mail"), unit.email, f"mailto:{unit.email}")]
    return [row for row in rows if row[1]]
