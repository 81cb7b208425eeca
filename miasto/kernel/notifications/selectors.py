"""Reading the bell and the choices of channels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications.models import DeliveryLog, Notice, Preference, PushDevice, Subscription
from miasto.kernel.spec.notifications import NewsItem, NewsSource, Topic

UNREAD_SHOWN_MOST = 99


def notices(viewer: Viewer) -> QuerySet:
    """The viewer's own notices, newest first; none for who is not logged in."""
    if viewer.person_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(person=viewer.person_id).order_by("-created_at", "-id")


def unread(viewer: Viewer) -> int:
    """How many notices the viewer has not read, at most one more than ``UNREAD_SHOWN_MOST``; 1 query, none without a login."""
    if viewer.person_id is None:
        return 0
    return Notice.objects.filter(person=viewer.person_id, read_at=None)[: UNREAD_SHOWN_MOST + 1].count()


@dataclass(frozen=True, slots=True)
class Choice:
    """A topic by a channel, whether the viewer gets it, and whether that can be changed."""

    topic: Topic
    channel: str
    wanted: bool
    fixed: bool

    @property
    def name(self) -> str:
        return f"{self.topic.key}:{self.channel}"


def choices(viewer: Viewer) -> list[tuple[Topic, list[Choice]]]:
    """Every topic that concerns the viewer, with the viewer's choices; 1 query.

    Topics that only go to the bell are duties of staff: they come last, and for staff only.
    """
    topics = sorted((one for one in registry().all(Topic) if not one.own_page), key=lambda topic: "email" not in topic.channels)
    rows = Preference.objects.filter(person=viewer.person_id).values_list("topic", "channel", "wanted")
    chosen = {(topic, channel): wanted for topic, channel, wanted in rows}
    return [
        (
            topic,
            [Choice(topic, way, topic.urgent or chosen.get((topic.key, way), True), topic.urgent) for way in topic.channels],
        )
        for topic in topics
        if viewer.is_staff or "email" in topic.channels
    ]


def news(language: str, most: int = 12) -> list[tuple[NewsSource, list[NewsItem]]]:
    """What engines and modules have to tell residents now, by source; at most so many items of each."""
    found = [(source, list(source.items(language))[:most]) for source in registry().all(NewsSource)]
    return [(source, items) for source, items in found if items]


def deliveries(about_id: UUID) -> list[dict[str, Any]]:
    """What was sent about an object, without addresses."""
    return list(DeliveryLog.objects.filter(about_id=about_id).order_by("id").values("at", "topic", "channel"))


def browsers(viewer: Viewer) -> int:
    """In how many browsers the viewer's account gets messages; one query."""
    return PushDevice.objects.filter(person=viewer.person_id).count() if viewer.person_id else 0


def subscriptions(viewer: Viewer) -> QuerySet:
    """What the viewer follows, by account or by the link sent to an address, newest first; one query with its names."""
    return Subscription.objects.visible_to(viewer).select_related("area", "street").defer(*_OUTLINES).order_by("-created_at")


def device_named(posted: str, viewer: Viewer) -> UUID | None:
    """The browser that a form names to be told instead of an address, for who has no account; its right is judged later."""
    try:
        return UUID(posted) if viewer.person_id is None else None
    except ValueError:
        return None


def subject_names(rows: Iterable[Subscription]) -> dict[str, str]:
    """What the viewer's own subscriptions are about, by subject, for topics that say it themselves; one query for each."""
    by_topic: dict[str, list[str]] = {}
    for row in rows:
        by_topic.setdefault(row.topic, []).append(row.subject)
    found: dict[str, str] = {}
    for topic, subjects in by_topic.items():
        spec = next((one for one in registry().all(Topic) if one.key == topic), None)
        if spec is not None and spec.subjects is not None:
            found |= spec.subjects(subjects)
    return found


_OUTLINES = ("area__geom", "area__geom_3857", "street__geom", "street__geom_3857")
