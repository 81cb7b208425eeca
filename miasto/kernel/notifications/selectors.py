"""Reading the bell and the choices of channels."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications.models import DeliveryLog, Notice, Preference, PushDevice, Subscription
from miasto.kernel.places.selectors import object_index
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


@dataclass(frozen=True, slots=True)
class Followed:
    """One subscription in words: what of which topic, where, how often; ``browser`` is told instead of an address."""

    id: UUID
    topic: str
    topic_name: Any
    name: Any
    area: str
    street: str
    confirmed: bool
    daily: bool
    browser: bool


def followed(viewer: Viewer, topic: str = "") -> list[Followed]:
    """What the viewer follows, of one topic or of all; at most 2 queries and one for each topic. None for a stranger."""
    if not viewer.person_id and not viewer.links:
        return []
    held = subscriptions(viewer)
    rows = list(held.filter(topic=topic) if topic else held)
    topics = {one.key: one for one in registry().all(Topic)}
    names = _subject_names(rows, topics, viewer)
    return [_in_words(row, topics[row.topic], names) for row in rows if row.topic in topics]


def _in_words(row: Subscription, topic: Topic, names: dict[tuple[str, str], str]) -> Followed:
    return Followed(
        id=row.pk,
        topic=row.topic,
        topic_name=topic.name,
        name=names.get((row.topic, row.subject)) or topic.name,
        area=row.area.name if row.area else "",
        street=str(row.street) if row.street else "",
        confirmed=row.confirmed_at is not None,
        daily=row.frequency == row.DAILY,
        browser=row.device_id is not None,
    )


def _subject_names(rows: Iterable[Subscription], topics: dict[str, Topic], viewer: Viewer) -> dict[tuple[str, str], str]:
    """What subscriptions are about, by topic and subject: as their topic says it, else the name of the object they follow."""
    by_topic: dict[str, list[str]] = {}
    for row in rows:
        by_topic.setdefault(row.topic, []).append(row.subject)
    found: dict[tuple[str, str], str] = {}
    objects: dict[UUID, list[tuple[str, str]]] = {}
    for topic, subjects in by_topic.items():
        told = topics[topic].subjects if topic in topics else None
        if told is not None:
            found |= {(topic, subject): name for subject, name in told(subjects).items()}
            continue
        for subject in subjects:
            with suppress(ValueError):
                objects.setdefault(UUID(subject), []).append((topic, subject))
    for key, one in (object_index(objects, viewer) if objects else {}).items():
        found |= dict.fromkeys(objects[key], one.label)
    return found


_OUTLINES = ("area__geom", "area__geom_3857", "street__geom", "street__geom_3857")
