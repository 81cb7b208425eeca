"""Unusual stretches as rows that a keeper judges; errors of forecasts by part of the horizon; why a run failed.

Models are of a property now, not of a property and a period: the old ones go and are learned anew by the next run.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import miasto.kernel.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("observations", "0008_told"),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM observations_forecastmodel", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Anomaly",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("value", "nietypowa wartość"), ("shape", "nietypowy przebieg doby")], max_length=5
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("found", "do sprawdzenia"),
                            ("event", "prawdziwe zdarzenie"),
                            ("fault", "błąd czujnika"),
                            ("usual", "nic nietypowego"),
                        ],
                        default="found",
                        max_length=5,
                    ),
                ),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("value", models.FloatField()),
                ("usual", models.FloatField(null=True)),
                ("score", models.FloatField()),
                ("hours", models.IntegerField()),
                ("found_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("judged_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ShapeWatch",
            fields=[
                (
                    "datastream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="shape_watch",
                        serialize=False,
                        to="observations.datastream",
                    ),
                ),
                ("since", models.DateTimeField(default=miasto.kernel.core.clock.now)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="forecastmodel",
            name="forecast_model_once",
        ),
        migrations.RemoveField(
            model_name="forecastmodel",
            name="period",
        ),
        migrations.AddField(
            model_name="forecastrun",
            name="reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="forecastskill",
            name="ahead",
            field=models.SmallIntegerField(default=48),
        ),
        migrations.AddField(
            model_name="forecastskill",
            name="baseline_by_band",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), default=list, size=None),
        ),
        migrations.AddField(
            model_name="forecastskill",
            name="each",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), default=list, size=None),
        ),
        migrations.AddField(
            model_name="forecastskill",
            name="model_by_band",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), default=list, size=None),
        ),
        migrations.AlterField(
            model_name="forecastmodel",
            name="observed_property",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="observations.observedproperty"
            ),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="datastream",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="anomalies", to="observations.datastream"
            ),
        ),
        migrations.AddIndex(
            model_name="anomaly",
            index=models.Index(fields=["datastream", "end"], name="anomaly_of_stream"),
        ),
        migrations.AddIndex(
            model_name="anomaly",
            index=models.Index(fields=["-start"], name="anomaly_newest"),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.UniqueConstraint(fields=("datastream", "kind", "start"), name="anomaly_once"),
        ),
    ]
