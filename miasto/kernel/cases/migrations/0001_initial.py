"""Cases with their personal rows, and the trigger that keeps history from being edited."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import miasto.kernel.core.ids
import miasto.kernel.places.fields

APPEND_ONLY = """
CREATE TRIGGER cases_step_append_only BEFORE UPDATE OR DELETE ON cases_casestep
    FOR EACH ROW EXECUTE FUNCTION core_refuse_edit();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("accounts", "0001_initial"),
        ("discussions", "0001_initial"),
        ("files", "0001_initial"),
        ("places", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("case_type", models.CharField(max_length=80)),
                ("slug", models.SlugField(max_length=80)),
                ("name", models.CharField(max_length=120)),
                ("hint", models.CharField(blank=True, max_length=300)),
                ("competence", models.CharField(blank=True, max_length=80)),
                ("keywords", models.JSONField(default=list)),
                ("danger", models.BooleanField(default=False)),
                ("deadline_days", models.PositiveSmallIntegerField(null=True)),
                ("questions", models.JSONField(default=list)),
                ("translations", models.JSONField(default=dict)),
                ("active", models.BooleanField(default=True)),
                ("order", models.PositiveIntegerField(default=0)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="cases.category"
                    ),
                ),
            ],
            options={
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=24, unique=True)),
                ("case_type", models.CharField(max_length=80)),
                ("stage", models.CharField(max_length=40)),
                ("stage_since", models.DateTimeField()),
                (
                    "progress",
                    models.CharField(
                        choices=[("open", "Open"), ("waiting", "Waiting"), ("answered", "Answered"), ("closed", "Closed")],
                        max_length=8,
                    ),
                ),
                ("geom", django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326)),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                ("address_text", models.CharField(blank=True, max_length=300)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "Web"),
                            ("phone", "Phone"),
                            ("email", "Email"),
                            ("desk", "Desk"),
                            ("letter", "Letter"),
                            ("api", "Api"),
                            ("kiosk", "Kiosk"),
                        ],
                        default="web",
                        max_length=8,
                    ),
                ),
                ("filed_at", models.DateTimeField()),
                ("deadline_days", models.PositiveSmallIntegerField()),
                ("deadline_working", models.BooleanField(default=False)),
                ("due_on", models.DateField()),
                ("clock", models.CharField(default="runs", max_length=8)),
                ("clock_held_on", models.DateField(null=True)),
                ("paused_days", models.PositiveIntegerField(default=0)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("disputed", models.PositiveSmallIntegerField(default=0)),
                (
                    "text_state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("approved", "Approved"), ("withheld", "Withheld")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("pending", models.PositiveSmallIntegerField(default=0)),
                ("public", models.BooleanField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("client_key", models.CharField(max_length=64, null=True, unique=True)),
                ("search", models.CharField(blank=True, max_length=340)),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="places.area",
                    ),
                ),
                (
                    "filer_person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "object",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="places.objectindex"
                    ),
                ),
                (
                    "thread",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="discussions.thread"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.category",
                    ),
                ),
            ],
            options={
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="AnswerTemplate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("case_type", models.CharField(max_length=80)),
                ("slug", models.SlugField(max_length=80)),
                ("name", models.CharField(max_length=120)),
                ("body", models.TextField()),
                ("active", models.BooleanField(default=True)),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.unit"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="cases.category"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("prefix", models.CharField(max_length=8)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("prefix", "year"), name="number_counter_once")],
            },
        ),
        migrations.CreateModel(
            name="CaseText",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("description", models.TextField()),
                ("published_description", models.TextField(blank=True)),
                ("search", models.TextField(blank=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("search", name="gin_trgm_ops"), name="case_text_search"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseAnswerData",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("question", models.CharField(max_length=80)),
                ("value", models.TextField(blank=True)),
                ("public", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="cases.case"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "question"), name="case_answer_once")],
            },
        ),
        migrations.CreateModel(
            name="CaseFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "phase",
                    models.CharField(
                        choices=[("filed", "Filed"), ("added", "Added"), ("resolved", "Resolved")],
                        default="filed",
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("approved", "Approved"), ("withheld", "Withheld")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("added_at", models.DateTimeField()),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="files", to="cases.case")),
                ("file", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="files.file")),
            ],
            options={
                "ordering": ["order", "id"],
                "constraints": [models.UniqueConstraint(fields=("case", "file"), name="case_file_once")],
            },
        ),
        migrations.CreateModel(
            name="CaseParty",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("role", models.CharField(default="filer", max_length=20)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("language", models.CharField(default="pl", max_length=5)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="cases.case"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "role"), name="case_party_role")],
            },
        ),
        migrations.CreateModel(
            name="CaseStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("filed", "Filed"),
                            ("transition", "Transition"),
                            ("assigned", "Assigned"),
                            ("recategorised", "Recategorised"),
                            ("comment", "Comment"),
                            ("added", "Added"),
                            ("text_decided", "Text Decided"),
                            ("file_decided", "File Decided"),
                            ("comment_decided", "Comment Decided"),
                            ("erased", "Erased"),
                        ],
                        max_length=16,
                    ),
                ),
                ("transition", models.CharField(blank=True, max_length=40)),
                ("from_stage", models.CharField(blank=True, max_length=40)),
                ("to_stage", models.CharField(blank=True, max_length=40)),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.UUIDField(null=True)),
                ("by_filer", models.BooleanField(default=False)),
                ("acting_unit_id", models.UUIDField(null=True)),
                ("unit_id", models.UUIDField(null=True)),
                ("assignee_id", models.UUIDField(null=True)),
                ("category_id", models.BigIntegerField(null=True)),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="cases.case")),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="discussions.comment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "id"], name="case_step_case")],
            },
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(fields=("case_type", "slug"), name="category_slug"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("public", True)), fields=["case_type", "-filed_at", "-id"], name="case_public_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["category", "-filed_at", "-id"], name="case_category"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["district", "-filed_at", "-id"], name="case_district"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("public", True)), fields=["case_type", "progress", "-filed_at"], name="case_public_progress"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["unit", "progress", "due_on", "id"], name="case_queue_due"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["unit", "-filed_at", "-id"], name="case_queue_newest"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-filed_at", "-id"], name="case_newest"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("progress", "closed"), _negated=True), fields=["due_on", "id"], name="case_active"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False)), fields=["assignee", "due_on"], name="case_assignee"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("filer_person__isnull", False)), fields=["filer_person", "-filed_at"], name="case_filer"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("pending__gt", 0)), fields=["unit", "-filed_at"], name="case_pending"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("progress", "closed"), _negated=True),
                fields=["stage", "stage_since"],
                name="case_stage_since",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)), fields=["answered_at"], name="case_answered"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GistIndex(models.F("geom"), name="case_geom"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("search", name="gin_trgm_ops"), name="case_search"
            ),
        ),
        migrations.AddConstraint(
            model_name="answertemplate",
            constraint=models.UniqueConstraint(fields=("case_type", "slug"), name="answer_template_slug"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("disputed__gt", 0)), fields=["-filed_at", "-id"], name="case_disputed"),
        ),
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER cases_step_append_only ON cases_casestep"),
    ]
