import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import miasto.kernel.core.clock
import miasto.kernel.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cases", "0001_initial"),
        ("contact_centre", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="together",
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("seat", models.PositiveSmallIntegerField()),
                ("room", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("topic", models.CharField(blank=True, max_length=500)),
                ("language", models.CharField(default="pl", max_length=5)),
                ("made_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("sequence", models.PositiveSmallIntegerField(default=0)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["starts_at"], name="booking_starts")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at__isnull", True)), fields=("starts_at", "seat"), name="booking_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="booking_ends_later"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("pbx_id", models.CharField(max_length=80, null=True, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("ringing", "Ringing"), ("open", "Open"), ("done", "Done"), ("missed", "Missed")],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "extensions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=16)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("began_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("report", "Report"),
                            ("answered", "Answered"),
                            ("connected", "Connected"),
                            ("call_back", "Call Back"),
                            ("emergency", "Emergency"),
                            ("wrong_number", "Wrong Number"),
                            ("silent", "Silent"),
                            ("abusive", "Abusive"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("notes", models.TextField(blank=True)),
                ("form", models.JSONField(default=dict)),
                ("call_back_at", models.DateTimeField(null=True)),
                ("called_back_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("number", ""), _negated=True), fields=["number", "-began_at"], name="call_number"
                    ),
                    models.Index(fields=["-began_at", "-id"], name="call_newest"),
                    models.Index(fields=["operator", "-began_at"], name="call_operator"),
                    models.Index(condition=models.Q(("state__in", ("ringing", "open"))), fields=["state"], name="call_live"),
                    models.Index(
                        condition=models.Q(("call_back_at__isnull", False), ("called_back_at__isnull", True)),
                        fields=["call_back_at"],
                        name="call_to_call_back",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["extensions"], name="call_extensions"),
                ],
            },
        ),
    ]
