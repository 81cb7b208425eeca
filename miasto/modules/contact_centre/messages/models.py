"""Conversations with residents on social media and in chats: personal data, kept for a short time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7


class Conversation(models.Model):
    """One person's messages from one source. ``external_id`` is the source's name of it; ``kind`` tells who reads our answers.

    ``lon`` and ``lat`` are the place that the person sent (EPSG:4326). ``waiting_since`` is the time of the first message that
    nobody has answered.
    """

    class Kind(models.TextChoices):
        PRIVATE = "private", _("wiadomości prywatne")
        PUBLIC = "public", _("komentarze publiczne")

    class State(models.TextChoices):
        WAITING = "waiting", _("czeka na odpowiedź")
        ANSWERED = "answered", _("odpisaliśmy")
        CLOSED = "closed", _("zamknięta")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.SlugField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    external_id = models.CharField(max_length=200)
    person_id = models.CharField(max_length=200, blank=True)
    person_name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    waiting_since = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    last_text = models.CharField(max_length=200, blank=True)
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="conversation_once")]
        indexes = [
            models.Index(fields=["waiting_since", "id"], name="conversation_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["-last_at", "-id"], name="conversation_newest"),
        ]

    @property
    def is_public(self) -> bool:
        """Whether everybody reads what is written here."""
        return self.kind == self.Kind.PUBLIC


class Message(models.Model):
    """One message. ``external_id`` is the source's; ``text`` may hold the mark ``{link}``, filled in only while sending.

    ``left_out`` names attachments that cannot be taken ("video", "audio" …).
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("odebrana")
        QUEUED = "queued", _("czeka na wysłanie")
        SENDING = "sending", _("wysyłamy")
        SENT = "sent", _("wysłana")
        DELIVERED = "delivered", _("dostarczona")
        READ = "read", _("przeczytana")
        FAILED = "failed", _("nie wysłano")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages", db_index=False)
    incoming = models.BooleanField()
    external_id = models.CharField(max_length=200, null=True)
    text = models.TextField(blank=True)
    left_out = models.JSONField(default=list)
    at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=State.choices)
    tried_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=40, blank=True)
    added_to_case = models.BooleanField(default=False)
    once = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "external_id"], condition=models.Q(incoming=True), name="message_once"
            )
        ]
        indexes = [models.Index(fields=["conversation", "at", "id"], name="message_conversation")]


class Picture(models.Model):
    """A picture of a message: first an address, then a file, or neither where it could not be had."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="pictures")
    url = models.CharField(max_length=2000, blank=True)
    file = models.ForeignKey("files.File", models.SET_NULL, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
