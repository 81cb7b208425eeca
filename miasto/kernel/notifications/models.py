"""Notices in the bell, choices of channels, and a log of deliveries that holds no address."""

from __future__ import annotations

from typing import Any

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


class PushKey(models.Model):
    """The one pair of keys by which push services know the platform (RFC 8292): PEM, and the public one for browsers."""

    ONLY = 1
    id = models.PositiveSmallIntegerField(primary_key=True)
    private = models.TextField()
    public = models.TextField()
    shown = models.CharField(max_length=100)


class PushDeviceQuerySet(models.QuerySet):
    """Devices narrowed to the viewer's own: by account, or by the session in which the browser agreed."""

    def visible_to(self, viewer: Any) -> PushDeviceQuerySet:
        if viewer.system:
            return self
        mine = models.Q(pk__in=viewer.links)
        if viewer.person_id:
            mine |= models.Q(person_id=viewer.person_id)
        return self.filter(mine)


class PushDevice(models.Model):
    """A browser that agreed to messages: where they go and the keys that only it can read with. Personal data.

    ``p256dh`` (a P-256 point) and ``auth`` (16 bytes) are base64url as the browser gave them; its push service has
    taken nothing since ``silent_since``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    endpoint = models.TextField()
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    language = models.CharField(max_length=5, default="pl")
    created_at = models.DateTimeField()
    silent_since = models.DateTimeField(null=True)

    objects = PushDeviceQuerySet.as_manager()


class SubscriptionQuerySet(models.QuerySet):
    """Subscriptions narrowed to the viewer's own: by account, by the link sent to the address, by the browser."""

    def visible_to(self, viewer: Any) -> SubscriptionQuerySet:
        if viewer.system:
            return self
        mine = models.Q(pk__in=viewer.links) | models.Q(device__in=viewer.links) if viewer.links else models.Q(pk__in=[])
        if viewer.person_id:
            mine |= models.Q(person_id=viewer.person_id)
        return self.filter(mine)


class Subscription(models.Model):
    """That somebody wants to be told of a topic: of all of it, a subject, an area, a street. An e-mail is personal data."""

    NOW, DAILY = "now", "daily"
    FREQUENCIES = (NOW, DAILY)
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, blank=True)
    area = models.ForeignKey("places.Area", models.CASCADE, null=True, related_name="+")
    street = models.ForeignKey("places.Street", models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    email = models.EmailField(blank=True)
    device = models.ForeignKey(PushDevice, models.CASCADE, null=True, related_name="+")
    language = models.CharField(max_length=5, default="pl")
    frequency = models.CharField(max_length=8, default=NOW)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["topic", "subject"], name="subscription_topic"),
            models.Index(fields=["email"], name="subscription_email", condition=~models.Q(email="")),
        ]


class SubscriptionNews(models.Model):
    """A line that waits for the daily message of a subscription. Holds public words only."""

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="news")
    at = models.DateTimeField()
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    once = models.CharField(max_length=120)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["subscription", "once"], name="subscription_news_once")]
