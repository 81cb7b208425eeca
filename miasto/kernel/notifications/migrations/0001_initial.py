"""Notices, choices of channels, the log of deliveries."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import miasto.kernel.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeliveryLog",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("topic", models.CharField(max_length=80)),
                ("channel", models.CharField(max_length=8)),
                ("about_id", models.UUIDField(db_index=True, null=True)),
                ("recipient", models.CharField(max_length=32)),
                ("once", models.CharField(max_length=120, null=True)),
                ("mail_id", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("once", "recipient", "channel"), name="delivery_log_once")],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("topic", models.CharField(max_length=80)),
                ("object_id", models.UUIDField(null=True)),
                ("url", models.CharField(max_length=300)),
                ("title", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-created_at"], name="notice_person"),
                    models.Index(condition=models.Q(("read_at__isnull", True)), fields=["person"], name="notice_unread"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=80)),
                ("channel", models.CharField(max_length=8)),
                ("wanted", models.BooleanField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "topic", "channel"), name="preference_once")],
            },
        ),
    ]
