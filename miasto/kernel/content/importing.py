"""Bulk import of the knowledge base: used by the demo city and by a city that leaves its old system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from miasto.kernel.accounts.models import Unit
from miasto.kernel.accounts.rights import require
from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.content.events import ServicesImported
from miasto.kernel.content.hours import parse_spans
from miasto.kernel.content.models import EDIT, Office, OpeningSpan, Service, SpecialDay, Term, Topic
from miasto.kernel.content.words import weighed
from miasto.kernel.core import changes, events
from miasto.kernel.core.ids import uuid7

KIND = "content.service"
PLAIN = (
    "title", "title_en", "line", "line_en", "who", "who_en", "place", "place_en", "when", "when_en", "duration",
    "duration_en", "cost", "cost_en", "appeal", "appeal_en", "online_url", "related", "popular",
    "reviewed_on", "next_review_on",
)  # fmt: skip
PARTS = ("documents", "steps", "fees", "points", "notice", "links", "text")
KNOWN = frozenset({"slug", "topic", "unit", "legal", "keywords", "body", "body_en", *PLAIN, *PARTS})
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class KnowledgeError(ValueError):
    """A row of the import is wrong; says which and how."""


@dataclass(frozen=True)
class Imported:
    """What an import did; ``kept`` pages were left as they are because somebody edited them here."""

    services: int
    kept: int
    offices: int
    days: int


@transaction.atomic
def import_knowledge(
    *,
    by: Viewer,
    topics: Iterable[Mapping[str, Any]] = (),
    services: Iterable[Mapping[str, Any]] = (),
    offices: Iterable[Mapping[str, Any]] = (),
    days: Iterable[Mapping[str, Any]] = (),
) -> Imported:
    """Topics, published service pages, offices with their week, and special days, by slug; may be repeated.

    A page that somebody has edited in the editor stays as it is. All or nothing; raises ``KnowledgeError`` naming the row,
    ``PermissionDenied``. The fields are told in docs/content.md.
    """
    require(by, EDIT)
    units = dict(Unit.objects.values_list("slug", "id"))
    shelves = _topics(topics)
    written, kept = _services(list(services), shelves, units, by)
    counts = Imported(written, kept, _offices(offices, units), _days(days, units))
    object_id = uuid7()
    changes.record(action="content.imported", kind="content.import", object_id=object_id, actor=by.actor, data=vars(counts))
    events.publish(ServicesImported(count=written))
    return counts


def _topics(rows: Iterable[Mapping[str, Any]]) -> dict[str, Topic]:
    for number, row in enumerate(rows):
        values = {"name": row["name"], "name_en": row.get("name_en", ""), "icon": row.get("icon", "file-text"), "order": number}
        Topic.objects.update_or_create(slug=row["slug"], defaults=values)
    return {topic.slug: topic for topic in Topic.objects.all()}


def _services(rows: list[Mapping[str, Any]], topics: dict[str, Topic], units: dict[str, Any], by: Viewer) -> tuple[int, int]:
    slugs = [str(row.get("slug", "")) for row in rows]
    if len(set(slugs)) < len(slugs):
        raise KnowledgeError(f"services: twice there: {', '.join(sorted({one for one in slugs if slugs.count(one) > 1}))}")
    known = {row.slug: row for row in Service.objects.filter(slug__in=slugs)}
    edited = _edited(known.values())
    written = [
        _write(_filled(row, known.get(str(row["slug"])), topics, units))
        for row in map(_checked, rows)
        if row["slug"] not in edited
    ]
    Term.objects.filter(service__in=written).delete()
    Term.objects.bulk_create(
        Term(service=row, form=form, weight=weight) for row in written for form, weight in weighed(row).items()
    )
    for row in written:
        changes.record(action="content.service_imported", kind=KIND, object_id=row.id, actor=by.actor, unit_id=row.unit_id)
    return len(written), len(edited)


def _edited(rows: Iterable[Service]) -> set[str]:
    from miasto.kernel.core.models import Change

    by_id = {row.id: row.slug for row in rows}
    marked = Change.objects.filter(object_id__in=by_id, kind=KIND).exclude(action="content.service_imported")
    return {by_id[object_id] for object_id in marked.values_list("object_id", flat=True)}


def _checked(row: Mapping[str, Any]) -> Mapping[str, Any]:
    missing = [field for field in ("slug", "topic", "title", "line") if not row.get(field)]
    unknown = sorted(set(row) - KNOWN)
    if missing or unknown:
        problem = f"needs {', '.join(missing)}" if missing else f"unknown fields {', '.join(unknown)}"
        raise KnowledgeError(f"service {row.get('slug') or row.get('title') or row!r}: {problem}")
    return row


def _filled(row: Mapping[str, Any], known: Service | None, topics: dict[str, Topic], units: dict[str, Any]) -> Service:
    made = known or Service(slug=row["slug"])
    if row["topic"] not in topics:
        raise KnowledgeError(f"service {row['slug']}: there is no topic {row['topic']!r}")
    if row.get("unit") and row["unit"] not in units:
        raise KnowledgeError(f"service {row['slug']}: there is no unit {row['unit']!r}")
    made.topic, made.unit_id = topics[row["topic"]], units.get(row.get("unit", ""))
    for field in PLAIN:
        setattr(made, field, row.get(field, Service._meta.get_field(field).get_default()))
    made.legal, made.keywords = "\n".join(row.get("legal", ())), "\n".join(row.get("keywords", ()))
    made.body = _body(row.get("body") or _parts(row))
    made.body_en = _body(row.get("body_en", ()))
    try:
        made.full_clean(exclude=["topic", "unit", "live_revision", "latest_revision"], validate_unique=False)
    except ValidationError as error:
        raise KnowledgeError(f"service {row['slug']}: {error}") from error
    return made


def _write(row: Service) -> Service:
    """Public at once, with a revision to which an editor may return; no line in Wagtail's own log."""
    if row._state.adding:
        row.live = False
        row.save()
    row.save_revision(log_action=False).publish(log_action=False)
    row.refresh_from_db(fields=["live", "live_revision", "latest_revision"])
    return row


def _body(blocks: Iterable[Mapping[str, Any]]) -> Any:
    """Blocks as ``[{"type", "value"}]`` for the StreamField."""
    stream = Service._meta.get_field("body").stream_block
    return stream.to_python([{"type": block["type"], "value": block["value"]} for block in blocks])


def _parts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The usual parts of a page from the short fields of a row, in the order in which they are read."""
    found: list[dict[str, Any]] = [_block("notice", text=text) for text in _many(row.get("notice"))]
    if row.get("documents"):
        found.append(_block("documents", items=list(row["documents"]), note=""))
    if row.get("steps"):
        steps = [{"name": step, "text": ""} if isinstance(step, str) else {"text": "", **step} for step in row["steps"]]
        found.append(_block("steps", items=steps))
    if row.get("fees"):
        found.append(_block("fees", rows=[{"what": what, "amount": amount} for what, amount in row["fees"]], note=""))
    for points in row.get("points", ()):
        found.append(_block("points", heading=points.get("heading", ""), items=list(points["items"])))
    for text in row.get("text", ()):
        found.append(_block("paragraph", heading=text.get("heading", ""), text=text["text"]))
    found += [_block("link", label=link["label"], url=link["url"]) for link in row.get("links", ())]
    return found


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _block(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value}


def _offices(rows: Iterable[Mapping[str, Any]], units: dict[str, Any]) -> int:
    count = 0
    for row in rows:
        if row.get("unit") not in units:
            raise KnowledgeError(f"office: there is no unit {row.get('unit')!r}")
        values = {name: row.get(name, "") for name in ("address", "directions", "directions_en")}
        values["open_on_holidays"] = bool(row.get("open_on_holidays", False))
        office, _new = Office.objects.update_or_create(unit_id=units[row["unit"]], defaults=values)
        office.spans.all().delete()
        OpeningSpan.objects.bulk_create(
            OpeningSpan(office=office, weekday=number, opens=opens, closes=closes)
            for number, day in enumerate(WEEK)
            for opens, closes in _spans(row.get(day, ""), f"office {row['unit']}, {day}")
        )
        count += 1
    return count


def _spans(text: str, where: str) -> Any:
    try:
        return parse_spans(text)
    except ValueError as error:
        raise KnowledgeError(f"{where}: {error}") from error


def _days(rows: Iterable[Mapping[str, Any]], units: dict[str, Any]) -> int:
    count = 0
    for row in rows:
        if row.get("unit") and row["unit"] not in units:
            raise KnowledgeError(f"day {row['day']}: there is no unit {row['unit']!r}")
        _spans(row.get("hours", ""), f"day {row['day']}")
        day = row["day"] if isinstance(row["day"], date) else date.fromisoformat(row["day"])
        values = {"hours": row.get("hours", ""), "reason": row["reason"], "reason_en": row.get("reason_en", "")}
        SpecialDay.objects.update_or_create(unit_id=units.get(row.get("unit", "")), day=day, defaults=values)
        count += 1
    return count
