"""Threads and comments. The body of a comment is personal data and lives in a row of its own."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core.ids import uuid7


class Audience(models.TextChoices):
    """Who may read a comment once it is published."""

    PUBLIC = "public"
    PARTIES = "parties"
    INTERNAL = "internal"


class State(models.TextChoices):
    """Where moderation stands. A waiting or withheld comment is read by its author and by staff only."""

    WAITING = "waiting"
    PUBLISHED = "published"
    WITHHELD = "withheld"


class Thread(models.Model):
    """The comments of one object; ``object_id`` is the identifier of what is discussed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    object_id = models.UUIDField(null=True, db_index=True)
    opened_at = models.DateTimeField()


class Comment(models.Model):
    """One comment without its words. ``unit`` is set where a person spoke for a unit of the city."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="comments")
    audience = models.CharField(max_length=8, choices=Audience.choices)
    author_kind = models.CharField(max_length=12)
    author_id = models.UUIDField(null=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["thread", "created_at"], name="comment_thread"),
            models.Index(fields=["author_id"], name="comment_author", condition=models.Q(author_id__isnull=False)),
            models.Index(fields=["thread"], name="comment_waiting", condition=models.Q(state="waiting")),
        ]


class CommentText(models.Model):
    """The words of a comment: personal data, overwritten by erasure while the comment stays.

    ``public_body`` is what others than its author and the staff read where a clerk masked something; empty where they read
    the same.
    """

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="text")
    body = models.TextField()
    public_body = models.TextField(blank=True, default="", db_default="")
    erased_at = models.DateTimeField(null=True)

    @property
    def shown(self) -> str:
        """What everybody may read once the comment is published."""
        return self.public_body or self.body
