"""Audit, event deliveries and the durable outgoing-mail queue."""

from uuid import UUID

from django.db import connection, models

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7


class Change(models.Model):
    """One change of one object. A trigger refuses UPDATE and DELETE, another notifies live pages at the commit."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    action = models.CharField(max_length=80)
    kind = models.CharField(max_length=80)
    object_id = models.UUIDField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["object_id", "id"], name="change_object"),
            models.Index(fields=["at"], name="change_at"),
        ]


class Delivery(models.Model):
    """The mark that a listener has handled an event."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField()
    listener = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uid", "listener"], name="delivery_once")]

    @classmethod
    def mark(cls, uid: UUID, listener: str) -> bool:
        """Mark it in one statement; False if it is marked already. Waits for another that is about to mark the same."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_delivery (uid, listener, at) VALUES (%s, %s, %s) ON CONFLICT (uid, listener) DO NOTHING",
                [uid, listener, clock.now()],
            )
            return bool(cursor.rowcount)


class OutgoingMail(models.Model):
    """A message to be sent. Its Message-ID is fixed when it is queued, so a repetition can be recognised.

    ``attachments`` are small text files, ``[{"name", "type", "text"}]``.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7)
    message_id = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    attachments = models.JSONField(default=list)
    about_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["queued_at"], condition=models.Q(state="queued"), name="mail_queued")]


class Mailbox(models.Model):
    """How far an IMAP folder has been read. Another UIDVALIDITY (RFC 3501, 2.3.1.1) makes ``last_uid`` void."""

    key = models.CharField(primary_key=True, max_length=64)
    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)


class Mark(models.Model):
    """A fact about this database that a command must remember (``demo`` loaded, profile's digest)."""

    key = models.CharField(primary_key=True, max_length=80)
    value = models.JSONField()
