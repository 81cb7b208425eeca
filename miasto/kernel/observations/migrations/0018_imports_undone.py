"""What an import changed is kept, so that it can be taken back."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

STATES = [
    ("new", "czeka na ustalenie kolumn"),
    ("checking", "sprawdzamy"),
    ("checked", "czeka na potwierdzenie"),
    ("writing", "wpisujemy"),
    ("done", "wpisany"),
    ("failed", "nie udało się"),
    ("cancelled", "zatrzymany"),
    ("undoing", "wycofujemy"),
    ("undone", "wycofany"),
]


class Migration(migrations.Migration):
    dependencies = [("observations", "0017_listened")]

    operations = [
        *(
            migrations.AddField("fileimport", name, models.BigIntegerField(default=0))
            for name in ("removed", "restored", "stayed")
        ),
        migrations.AlterField("fileimport", "state", models.CharField(choices=STATES, default="new", max_length=9)),
        migrations.CreateModel(
            name="ImportPiece",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("series", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("rows", models.IntegerField()),
                ("replaced", models.IntegerField()),
                ("data", models.BinaryField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="observations.fileimport"
                    ),
                ),
            ],
            options={"indexes": [django.contrib.postgres.indexes.GinIndex(fields=["series"], name="import_piece_series")]},
        ),
    ]
