"""Reading comments, narrowed by audience. Who belongs to which audience is known by the owner of the thread."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from miasto.kernel.discussions.models import Comment, State


def comments(thread_ids: Iterable[UUID], audiences: Iterable[str], *, states: Iterable[str] = (State.PUBLISHED,)) -> QuerySet:
    """The comments of some threads with their words, oldest first."""
    found = Comment.objects.filter(thread__in=list(thread_ids), audience__in=list(audiences), state__in=list(states))
    return found.select_related("text").order_by("created_at", "id")


def waiting(thread_id: UUID, audience: str) -> int:
    """How many comments of a thread for an audience wait for a decision."""
    return Comment.objects.filter(thread=thread_id, audience=audience, state=State.WAITING).count()


def body_of(comment_id: UUID) -> str:
    """The words of one comment; empty where there is none."""
    return Comment.objects.filter(pk=comment_id).values_list("text__body", flat=True).first() or ""


def is_public(comment_id: UUID) -> bool:
    """Whether everybody may read a comment."""
    return Comment.objects.filter(pk=comment_id, audience="public", state=State.PUBLISHED).exists()
