"""Reading the newsletter: the archive, one's own subscriptions, what staff needs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock, replies
from miasto.kernel.places.selectors import districts
from miasto.modules.idea.newsletter import rules
from miasto.modules.idea.newsletter.issues import readers
from miasto.modules.idea.newsletter.models import EDIT, Issue, Subscriber

_LONG = ("text", "text_en", "blocks")


def archive() -> QuerySet[Issue]:
    """What went out, the newest first: public."""
    return Issue.objects.filter(number__isnull=False).defer(*_LONG).order_by("-number")


def said(issue: Issue, language: str) -> dict[str, Any]:
    """The frozen words of an issue in a language, in Polish where there are none in it."""
    return issue.frozen.get(language) or issue.frozen["pl"]


def issues(viewer: Viewer) -> QuerySet[Issue]:
    """All issues for an editor, the newest first."""
    found = Issue.objects.defer("frozen", *_LONG).order_by("-created_at", "-id")
    return found if viewer.system or viewer.holds(EDIT) else found.none()


def issue_by_id(issue_id: UUID, viewer: Viewer) -> Issue | None:
    """One issue for an editor; None where there is none for this viewer."""
    return Issue.objects.filter(pk=issue_id).first() if viewer.system or viewer.holds(EDIT) else None


def own(viewer: Viewer) -> list[Subscriber]:
    """The viewer's subscriptions, by account or by the links opened in this session; one query, none for nobody."""
    if not viewer.person_id and not viewer.links:
        return []
    return list(Subscriber.objects.visible_to(viewer).order_by("asked_at", "id"))


def marked(mark: str) -> UUID | None:
    """The subscriber whose mark stands in an address; None where it is forged or the subscriber is gone."""
    ids = list(replies.objects_in(mark))
    return Subscriber.objects.filter(pk__in=ids).values_list("pk", flat=True).first() if ids else None


def counts() -> dict[str, int]:
    """How many subscribers there are and how many wait for their confirmation; one query."""
    return Subscriber.objects.aggregate(
        confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)), waiting=Count("pk", filter=Q(confirmed_at=None))
    )


def audience(issue: Issue) -> int:
    """How many subscribers an issue concerns now."""
    return readers(issue).count()


def topic_choices() -> list[tuple[str, str]]:
    """The topics for a form."""
    return [(one.key, one.name) for one in rules.topics()]


def area_choices() -> list[tuple[str, str]]:
    """The districts for a form; one query."""
    return [(str(one.pk), one.name) for one in districts().only("name")]


def due() -> list[UUID]:
    """The planned issues whose time has come."""
    found = Issue.objects.filter(state=Issue.State.PLANNED, send_at__lte=clock.now())
    return list(found.order_by("send_at").values_list("pk", flat=True))


def in_sending() -> list[UUID]:
    """The issues that are being sent."""
    return list(Issue.objects.filter(state=Issue.State.SENDING).values_list("pk", flat=True))
