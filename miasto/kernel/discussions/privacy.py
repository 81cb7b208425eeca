"""What the discussions hold of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.discussions import services
from miasto.kernel.discussions.models import CommentText


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The comments that a person wrote in their own name."""
    found = CommentText.objects.filter(comment__author_id=person_id, comment__author_kind="person", comment__unit=None)
    rows = found.order_by("comment__created_at").values_list("comment__created_at", "comment__audience", "body")
    return [{"at": at.isoformat(), "audience": audience, "body": body} for at, audience, body in rows]


def erase(person_id: UUID) -> int:
    """Overwrite the words of those comments."""
    return services.erase_author(person_id=person_id)
