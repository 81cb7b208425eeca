"""What others may ask of the knowledge base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.content.answering import Answer, answers
from miasto.kernel.content.hours import Hours
from miasto.kernel.content.models import Opinion, Service, Topic
from miasto.kernel.content.offices import Desk, desks, next_opening, opening
from miasto.kernel.content.presenting import text_of
from miasto.kernel.content.words import body_texts
from miasto.kernel.spec.search import SearchEntry

__all__ = ["Answer", "Desk", "Hours", "answers", "desks", "next_opening", "opening", "services", "topics"]


def services(viewer: Viewer = ANONYMOUS) -> QuerySet[Service]:
    """The service pages that a viewer may see, with topic and unit, by title; without the long texts."""
    return Service.objects.visible_to(viewer).select_related("topic", "unit").defer("body", "body_en").order_by("title")


def topics() -> list[Topic]:
    """The topics that hold any published page, in order; one query."""
    return list(Topic.objects.filter(Exists(Service.objects.filter(live=True, topic=OuterRef("pk")))))


def home_section(viewer: Any) -> dict[str, Any]:
    """The pages needed most, for the home page; one query."""
    rows = [(text_of(row, "title"), row.get_absolute_url()) for row in services().filter(live=True, popular=True)]
    return {"rows": rows}


def search_entries(ids: Iterable[UUID] | None) -> Iterator[SearchEntry]:
    """Published pages for the one search box."""
    rows = Service.objects.filter(live=True).select_related("topic")
    for row in rows if ids is None else rows.filter(id__in=list(ids)):
        words = " ".join([row.keywords, row.who, row.place, row.when, row.topic.name, row.title_en, *body_texts(row.body)])
        url = row.get_absolute_url()
        yield SearchEntry(
            object_id=row.id, title=row.title, url=url, summary=row.line, words=words, unit_id=row.unit_id, weight=1.3
        )


def search_visible(ids: Iterable[UUID], viewer: Viewer) -> set[UUID]:
    """Which of the pages a viewer may see."""
    return set(Service.objects.visible_to(viewer).filter(id__in=list(ids)).values_list("id", flat=True))


def search_translated(ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Title and line of pages in the reader's language; one query."""
    return {row.id: (text_of(row, "title"), text_of(row, "line")) for row in Service.objects.filter(id__in=list(ids))}


def opinions_by_service() -> list[dict[str, Any]]:
    """Pages with opinions: title, slug, ``yes`` and ``no`` counted; those that fail most come first."""
    told = Opinion.objects.values("service_id", "service__title", "service__slug").annotate(
        yes=Count("id", filter=Q(helped=True)), no=Count("id", filter=Q(helped=False))
    )
    return sorted(told, key=lambda row: (-row["no"], row["service__title"]))
