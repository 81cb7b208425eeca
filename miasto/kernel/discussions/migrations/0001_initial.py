"""Threads, comments, and the words of comments."""

import django.db.models.deletion
from django.db import migrations, models

import miasto.kernel.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "Public"), ("parties", "Parties"), ("internal", "Internal")], max_length=8
                    ),
                ),
                ("author_kind", models.CharField(max_length=12)),
                ("author_id", models.UUIDField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("published", "Published"), ("withheld", "Withheld")],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Thread",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("object_id", models.UUIDField(db_index=True, null=True)),
                ("opened_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CommentText",
            fields=[
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="discussions.comment",
                    ),
                ),
                ("body", models.TextField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="comment",
            name="thread",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="discussions.thread"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["thread", "created_at"], name="comment_thread"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(condition=models.Q(("author_id__isnull", False)), fields=["author_id"], name="comment_author"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(condition=models.Q(("state", "waiting")), fields=["thread"], name="comment_waiting"),
        ),
    ]
