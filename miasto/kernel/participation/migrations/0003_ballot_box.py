import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import miasto.kernel.core.ids

# Partitioned by election: each has a table of its own, dropped when the box is opened. No time, no sequence, no foreign key.
BOX = """
CREATE TABLE participation_sealedballot (
    election_id uuid NOT NULL,
    voter bytea NOT NULL,
    channel varchar(10) NOT NULL,
    number uuid NOT NULL,
    ciphertext bytea NOT NULL,
    signature bytea NOT NULL,
    requests uuid[] NOT NULL,
    PRIMARY KEY (election_id, voter)
) PARTITION BY LIST (election_id)
"""


class Migration(migrations.Migration):
    dependencies = [("participation", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="Election",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "przygotowywane"),
                            ("keyed", "klucz komisji gotowy"),
                            ("open", "trwa"),
                            ("closed", "zamknięte, urna zapieczętowana"),
                            ("tallied", "urna otwarta"),
                            ("published", "wyniki ogłoszone"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("account", "przez konto"), ("identity", "po podaniu danych"), ("paper", "na papierze")],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "double_votes",
                    models.CharField(
                        choices=[
                            ("last_electronic", "liczy się ostatni głos elektroniczny"),
                            ("paper", "liczy się głos na papierze"),
                            ("first", "liczy się głos oddany pierwszym sposobem"),
                        ],
                        default="last_electronic",
                        max_length=16,
                    ),
                ),
                ("blank_allowed", models.BooleanField(default=False)),
                ("turnout_shown", models.BooleanField(default=False)),
                ("limits", models.JSONField(default=list)),
                ("threshold", models.PositiveSmallIntegerField(null=True)),
                ("public_key", models.BinaryField(max_length=32, null=True)),
                ("verify_key", models.BinaryField(max_length=32, null=True)),
                ("ballot_bytes", models.PositiveIntegerField(null=True)),
                ("counts", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="CastVoteRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("choices", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="KeyHolder",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("function", models.CharField(max_length=200)),
                ("digest", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=300)),
                ("cost", models.BigIntegerField(default=0, help_text="grosze")),
                ("object_id", models.UUIDField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Pool",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approval", "approval"),
                            ("knapsack", "knapsack"),
                            ("cumulative", "cumulative"),
                            ("ordinal", "ordinal"),
                        ],
                        max_length=12,
                    ),
                ),
                ("least", models.PositiveSmallIntegerField(default=0)),
                ("most", models.PositiveSmallIntegerField(null=True)),
                ("budget", models.BigIntegerField(help_text="grosze", null=True)),
                ("points", models.PositiveIntegerField(null=True)),
                ("most_points", models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(BOX, "DROP TABLE participation_sealedballot")],
            state_operations=[
                migrations.CreateModel(
                    name="SealedBallot",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "election_id", "voter", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("election_id", models.UUIDField()),
                        ("voter", models.BinaryField(max_length=32)),
                        ("channel", models.CharField(max_length=10)),
                        ("number", models.UUIDField()),
                        ("ciphertext", models.BinaryField()),
                        ("signature", models.BinaryField(max_length=64)),
                        ("requests", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                    ],
                    options={
                        "db_table": "participation_sealedballot",
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                (
                    "election",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="bulletin",
                        serialize=False,
                        to="participation.election",
                    ),
                ),
                ("entries", models.BinaryField()),
                ("root", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.AddConstraint(
            model_name="election",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opens_at"))), name="election_closes_after_it_opens"
            ),
        ),
        migrations.AddField(
            model_name="castvoterecord",
            name="election",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="participation.election"),
        ),
        migrations.AddField(
            model_name="keyholder",
            name="election",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="key_holders", to="participation.election"
            ),
        ),
        migrations.AddField(
            model_name="pool",
            name="election",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="pools", to="participation.election"
            ),
        ),
        migrations.AddField(
            model_name="option",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="options", to="participation.pool"
            ),
        ),
        migrations.AddConstraint(
            model_name="keyholder",
            constraint=models.UniqueConstraint(fields=("election", "number"), name="key_holder_number_once"),
        ),
        migrations.AddConstraint(
            model_name="pool",
            constraint=models.UniqueConstraint(fields=("election", "number"), name="pool_number_once"),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(fields=("pool", "number"), name="option_number_once"),
        ),
    ]
