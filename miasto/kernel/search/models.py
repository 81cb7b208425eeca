"""What can be found, and the words by which typing errors are put right."""

from django.contrib.gis.db.models import PointField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Document(models.Model):
    """One thing that can be found. ``source`` is the key of its ``SearchSource`` or ``ObjectKind``.

    Both vectors hold folded forms made by ``core.polish`` under the configuration ``simple``: ``title_vector`` those of the
    title, ``vector`` those of all the text. ``title_folded`` answers prefixes and exact titles.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=80)
    object_id = models.UUIDField()
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    url = models.CharField(max_length=500)
    audience = models.CharField(max_length=8)
    unit_id = models.UUIDField(null=True)
    weight = models.FloatField(default=1.0)
    title_folded = models.CharField(max_length=300)
    title_vector = SearchVectorField()
    vector = SearchVectorField()
    point = PointField(srid=4326, null=True, spatial_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "object_id"], name="document_once")]
        indexes = [
            GinIndex(fields=["vector"], name="document_vector", fastupdate=False),
            GinIndex(fields=["title_vector"], name="document_title", fastupdate=False),
            models.Index(OpClass("title_folded", "text_pattern_ops"), name="document_prefix"),
        ]

    def __str__(self) -> str:
        return self.title


class Word(models.Model):
    """A word of a public title or summary as it is written, for „did you mean”; ``uses`` is counted at a full reindex."""

    word = models.CharField(primary_key=True, max_length=60)
    folded = models.CharField(max_length=60)
    uses = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            GinIndex(OpClass("folded", "gin_trgm_ops"), name="word_trigrams"),
            models.Index(OpClass("folded", "text_pattern_ops"), name="word_prefix"),
        ]

    def __str__(self) -> str:
        return self.word
