"""The index of search and its vocabulary; the trigram extension comes with core."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=80)),
                ("object_id", models.UUIDField()),
                ("title", models.CharField(max_length=300)),
                ("summary", models.TextField(blank=True)),
                ("url", models.CharField(max_length=500)),
                ("audience", models.CharField(max_length=8)),
                ("unit_id", models.UUIDField(null=True)),
                ("weight", models.FloatField(default=1.0)),
                ("title_folded", models.CharField(max_length=300)),
                ("title_vector", django.contrib.postgres.search.SearchVectorField()),
                ("vector", django.contrib.postgres.search.SearchVectorField()),
                ("point", django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["vector"], name="document_vector"),
                    django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["title_vector"], name="document_title"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass("title_folded", "text_pattern_ops"), name="document_prefix"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("source", "object_id"), name="document_once")],
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                ("word", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("folded", models.CharField(max_length=60)),
                ("uses", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("folded", "gin_trgm_ops"), name="word_trigrams"
                    ),
                    models.Index(django.contrib.postgres.indexes.OpClass("folded", "text_pattern_ops"), name="word_prefix"),
                ],
            },
        ),
    ]
