"""Files."""

from django.db import migrations, models

import miasto.kernel.core.clock
import miasto.kernel.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="File",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(choices=[("image", "zdjęcie"), ("document", "dokument")], max_length=10)),
                ("media_type", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("digest", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120, unique=True)),
                ("owner_id", models.UUIDField(db_index=True, null=True)),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("uploaded_by_kind", models.CharField(max_length=12)),
                ("uploaded_by_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("owner_id", None)), fields=["created_at"], name="file_unattached"),
                    models.Index(
                        condition=models.Q(("uploaded_by_id__isnull", False)), fields=["uploaded_by_id"], name="file_uploader"
                    ),
                ],
            },
        ),
    ]
