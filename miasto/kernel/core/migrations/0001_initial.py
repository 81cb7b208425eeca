"""Extensions, audit with its triggers, deliveries, mail queue, and the unlogged tables of cache and rate limits."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models

import miasto.kernel.core.clock
import miasto.kernel.core.ids

APPEND_ONLY = """
CREATE FUNCTION core_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are appended, never edited', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER core_change_append_only BEFORE UPDATE OR DELETE ON core_change
    FOR EACH ROW EXECUTE FUNCTION core_refuse_edit();
CREATE FUNCTION core_notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('miasto_changes', NEW.id || '|' || NEW.action || '|' || NEW.kind || '|' || NEW.object_id);
    RETURN NULL;
END $$;
CREATE TRIGGER core_change_notify AFTER INSERT ON core_change FOR EACH ROW
    WHEN (coalesce(current_setting('miasto.quiet', true), '') <> 'on') EXECUTE FUNCTION core_notify_change();
"""
UNLOGGED = """
CREATE UNLOGGED TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX core_cache_expires ON core_cache (expires);
CREATE UNLOGGED TABLE core_ratelimit (key varchar(32) PRIMARY KEY, until timestamptz NOT NULL, count integer NOT NULL);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS postgis", migrations.RunSQL.noop),
        TrigramExtension(),
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=80)),
                ("object_id", models.UUIDField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.UUIDField(null=True)),
                ("unit_id", models.UUIDField(null=True)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["object_id", "id"], name="change_object"),
                    models.Index(fields=["at"], name="change_at"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uid", models.UUIDField()),
                ("listener", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("uid", "listener"), name="delivery_once")]},
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.UUIDField(default=miasto.kernel.core.ids.uuid7, primary_key=True, serialize=False)),
                ("message_id", models.CharField(max_length=200, unique=True)),
                ("to", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True)),
                ("headers", models.JSONField(default=dict)),
                ("about_id", models.UUIDField(db_index=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")], default="queued", max_length=8
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
                ("queued_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("state", "queued")), fields=["queued_at"], name="mail_queued")]
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
            ],
        ),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP FUNCTION core_refuse_edit CASCADE; DROP FUNCTION core_notify_change CASCADE",
        ),
        migrations.RunSQL(UNLOGGED, "DROP TABLE core_cache, core_ratelimit"),
    ]
