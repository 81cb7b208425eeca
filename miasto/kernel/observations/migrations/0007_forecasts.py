"""Forecasts: the newest of each series, how good they were, the models, the runs of the job."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import miasto.kernel.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("observations", "0006_analysis"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForecastRun",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "trwa"),
                            ("done", "zakończone"),
                            ("failed", "przerwane błędem"),
                            ("cancelled", "zatrzymane"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                ("groups", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("trained", models.IntegerField(default=0)),
                ("series", models.IntegerField(default=0)),
                ("asked_to_stop", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("seen_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Foretold",
            fields=[
                (
                    "datastream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="observations.datastream",
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("model", "model uczony na dotychczasowych pomiarach"),
                            ("day", "jak wczoraj o tej porze"),
                            ("week", "jak tydzień temu o tej porze"),
                            ("usual", "jak zwykle o tej porze (średnia z czterech tygodni)"),
                        ],
                        max_length=6,
                    ),
                ),
                ("start", models.DateTimeField()),
                ("first_at", models.DateTimeField()),
                ("values", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("halves", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("floor", models.FloatField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ForecastModel",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("period", models.DurationField()),
                ("trained_at", models.DateTimeField()),
                ("trees", models.TextField()),
                ("series", models.IntegerField(default=0)),
                (
                    "observed_property",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="observations.observedproperty"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("observed_property", "period"), name="forecast_model_once")],
            },
        ),
        migrations.CreateModel(
            name="ForecastSkill",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("model", "model uczony na dotychczasowych pomiarach"),
                            ("day", "jak wczoraj o tej porze"),
                            ("week", "jak tydzień temu o tej porze"),
                            ("usual", "jak zwykle o tej porze (średnia z czterech tygodni)"),
                        ],
                        max_length=6,
                    ),
                ),
                ("baseline", models.CharField(max_length=6)),
                ("model_error", models.FloatField(null=True)),
                ("baseline_error", models.FloatField(null=True)),
                ("covered", models.FloatField(null=True)),
                ("hours", models.IntegerField()),
                ("halves", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), default=list, size=None)),
                (
                    "datastream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="observations.datastream"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="forecast_skill_at")],
                "constraints": [models.UniqueConstraint(fields=("datastream", "at"), name="forecast_skill_once")],
            },
        ),
    ]
