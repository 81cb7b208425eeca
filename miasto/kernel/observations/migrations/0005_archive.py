"""The archive: its manifest, its runs, terms of retention; a sealed day sends what is written to it to the late readings."""

import django.db.models.deletion
from django.db import migrations, models

import miasto.kernel.core.clock

SEAL = """
-- What is written to a sealed day becomes a late reading (64: the reading is no more), and its hour is counted anew.
CREATE FUNCTION observations_to_late() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrote observations_reading;
    bits smallint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        wrote := OLD;
        bits := 64;
    ELSE
        wrote := NEW;
        bits := NEW.flags;
    END IF;
    INSERT INTO observations_late (series, flags, time, value) VALUES (wrote.series, bits, wrote.time, wrote.value)
    ON CONFLICT (series, time) DO UPDATE SET id = DEFAULT, flags = excluded.flags, value = excluded.value;
    INSERT INTO observations_dirty (series, start) VALUES (wrote.series, date_trunc('hour', wrote.time, 'UTC'))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE INDEX observations_late_day ON observations_late (time);
"""
UNDO = "DROP INDEX observations_late_day; DROP FUNCTION observations_to_late CASCADE"


class Migration(migrations.Migration):
    dependencies = [
        ("observations", "0004_ingest"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchiveRun",
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
                ("day", models.DateField(null=True)),
                ("rows", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("days", models.IntegerField(default=0)),
                ("asked_to_stop", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("seen_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ArchiveFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("name", models.CharField(max_length=120, unique=True)),
                ("revision", models.IntegerField(default=1)),
                ("rows", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
                ("least_series", models.IntegerField()),
                ("most_series", models.IntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("written_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("kept_days", models.IntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("replaced_at", None), _negated=True),
                        fields=["replaced_at"],
                        name="archive_replaced",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)), fields=("day", "least_series"), name="archive_part_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("least_series__lte", models.F("most_series"))), name="archive_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Retention",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "audience",
                    models.CharField(
                        blank=True,
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")],
                        max_length=8,
                    ),
                ),
                ("readings_days", models.IntegerField(blank=True, null=True, verbose_name="odczyty, dni")),
                ("hours_days", models.IntegerField(blank=True, null=True, verbose_name="godziny, dni")),
                ("days_days", models.IntegerField(blank=True, null=True, verbose_name="doby, dni")),
                (
                    "datastream",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="observations.datastream",
                    ),
                ),
                (
                    "observed_property",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="observations.observedproperty",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("datastream", "observed_property", "audience"), name="retention_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("datastream", None), models.Q(("audience", ""), ("observed_property", None)), _connector="OR"
                        ),
                        name="retention_of_one_kind",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SEAL, UNDO),
    ]
