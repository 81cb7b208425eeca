"""Notices in the bell, choices of channels, and a log of deliveries that holds no address."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from miasto.kernel.core.ids import uuid7


class Notice(models.Model):
    """One line in a person's bell."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=80)
    object_id = models.UUIDField(null=True)
    url = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notice_person"),
            models.Index(fields=["person"], name="notice_unread", condition=models.Q(read_at__isnull=True)),
        ]


class Preference(models.Model):
    """That a person does (not) want a topic by a channel; without a row the topic's own channels hold."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=80)
    channel = models.CharField(max_length=8)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "topic", "channel"], name="preference_once")]


class DeliveryLog(models.Model):
    """That a message went out. ``recipient`` is a keyed digest, so that a repetition is known and no address is held."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    topic = models.CharField(max_length=80)
    channel = models.CharField(max_length=8)
    about_id = models.UUIDField(null=True, db_index=True)
    recipient = models.CharField(max_length=32)
    once = models.CharField(max_length=120, null=True)
    mail_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["once", "recipient", "channel"], name="delivery_log_once")]
