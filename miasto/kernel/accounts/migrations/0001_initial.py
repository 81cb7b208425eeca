"""People, organisations, units, competences, roles and secret links."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import miasto.kernel.core.clock
import miasto.kernel.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="nazwa")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("city", "urząd miasta"),
                            ("company", "spółka lub jednostka miejska"),
                            ("commune", "gmina"),
                            ("firm", "firma"),
                            ("ngo", "organizacja pozarządowa"),
                        ],
                        max_length=10,
                        verbose_name="rodzaj",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecretLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("object_id", models.UUIDField(db_index=True)),
                ("purpose", models.CharField(max_length=40)),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="adres e-mail")),
                ("name", models.CharField(blank=True, max_length=150, verbose_name="imię i nazwisko")),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="telefon")),
                (
                    "language",
                    models.CharField(
                        choices=[("pl", "polski"), ("en", "angielski")],
                        default="pl",
                        max_length=5,
                        verbose_name="język wiadomości",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(default=miasto.kernel.core.clock.now)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["name"], name="person_name")],
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Upper("email"), name="person_email_any_case")
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="nazwa")),
                ("short_name", models.CharField(blank=True, max_length=80, verbose_name="nazwa skrócona")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="adres e-mail")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telefon")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="działa od")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="działa do")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="units", to="accounts.organisation"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounts.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("role", models.CharField(max_length=80)),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="role_grants", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="role_grants", to="accounts.unit"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["role", "unit"], name="rolegrant_role")],
            },
        ),
        migrations.CreateModel(
            name="Competence",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=80)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="competences", to="accounts.unit"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key", "since"], name="competence_key")],
            },
        ),
    ]
