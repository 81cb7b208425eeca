"""Service pages, offices, hours, opinions; the trigram extension comes with core."""

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import wagtail.fields
import wagtail.models.preview
from django.db import migrations, models

import miasto.kernel.core.clock
import miasto.kernel.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("core", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="nazwa")),
                ("name_en", models.CharField(blank=True, max_length=80, verbose_name="nazwa po angielsku")),
                ("icon", models.CharField(default="file-text", max_length=40)),
                ("order", models.PositiveSmallIntegerField(default=100)),
            ],
            options={
                "ordering": ["order", "name"],
            },
        ),
        migrations.CreateModel(
            name="Editor",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.person",),
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="adres")),
                ("directions", models.CharField(blank=True, max_length=240, verbose_name="jak trafić")),
                ("directions_en", models.CharField(blank=True, max_length=240, verbose_name="jak trafić, po angielsku")),
                ("open_on_holidays", models.BooleanField(default=False, verbose_name="czynne także w dni ustawowo wolne")),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="jednostka",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("live", models.BooleanField(default=True, editable=False, verbose_name="live")),
                (
                    "has_unpublished_changes",
                    models.BooleanField(default=False, editable=False, verbose_name="has unpublished changes"),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="first published at"),
                ),
                ("last_published_at", models.DateTimeField(editable=False, null=True, verbose_name="last published at")),
                ("go_live_at", models.DateTimeField(blank=True, null=True, verbose_name="go live date/time")),
                ("expire_at", models.DateTimeField(blank=True, null=True, verbose_name="expiry date/time")),
                ("expired", models.BooleanField(default=False, editable=False, verbose_name="expired")),
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "slug",
                    models.SlugField(
                        max_length=80,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(?!(gdzie|odpowiedz|szukaj|temat)$)", "Ten adres jest zajęty przez serwis."
                            )
                        ],
                        verbose_name="adres strony",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="tytuł")),
                ("title_en", models.CharField(blank=True, max_length=120, verbose_name="tytuł po angielsku")),
                ("line", models.CharField(max_length=320, verbose_name="w jednym zdaniu")),
                ("line_en", models.CharField(blank=True, max_length=320, verbose_name="w jednym zdaniu, po angielsku")),
                ("who", models.TextField(blank=True, verbose_name="kto może to załatwić")),
                ("who_en", models.TextField(blank=True, verbose_name="kto, po angielsku")),
                ("place", models.TextField(blank=True, verbose_name="gdzie")),
                ("place_en", models.TextField(blank=True, verbose_name="gdzie, po angielsku")),
                ("when", models.TextField(blank=True, verbose_name="kiedy")),
                ("when_en", models.TextField(blank=True, verbose_name="kiedy, po angielsku")),
                ("duration", models.CharField(blank=True, max_length=240, verbose_name="ile się czeka")),
                ("duration_en", models.CharField(blank=True, max_length=240, verbose_name="ile się czeka, po angielsku")),
                ("cost", models.CharField(blank=True, max_length=240, verbose_name="ile to kosztuje")),
                ("cost_en", models.CharField(blank=True, max_length=240, verbose_name="ile to kosztuje, po angielsku")),
                (
                    "body",
                    wagtail.fields.StreamField(
                        [
                            ("paragraph", 2),
                            ("documents", 6),
                            ("steps", 11),
                            ("fees", 16),
                            ("points", 19),
                            ("notice", 21),
                            ("link", 24),
                        ],
                        blank=True,
                        block_lookup={
                            0: ("wagtail.blocks.CharBlock", (), {"label": "Nagłówek", "max_length": 120, "required": False}),
                            1: (
                                "wagtail.blocks.TextBlock",
                                (),
                                {"help_text": "Pusty wiersz zaczyna nowy akapit.", "label": "Tekst", "rows": 4},
                            ),
                            2: ("wagtail.blocks.StructBlock", [[("heading", 0), ("text", 1)]], {}),
                            3: ("wagtail.blocks.CharBlock", (), {"label": "Dokument", "max_length": 400}),
                            4: ("wagtail.blocks.ListBlock", (3,), {"label": "Dokumenty"}),
                            5: ("wagtail.blocks.TextBlock", (), {"label": "Uwaga", "required": False, "rows": 2}),
                            6: ("wagtail.blocks.StructBlock", [[("items", 4), ("note", 5)]], {}),
                            7: ("wagtail.blocks.CharBlock", (), {"label": "Krok", "max_length": 160}),
                            8: ("wagtail.blocks.TextBlock", (), {"label": "Wyjaśnienie", "required": False, "rows": 3}),
                            9: ("wagtail.blocks.StructBlock", [[("name", 7), ("text", 8)]], {}),
                            10: ("wagtail.blocks.ListBlock", (9,), {"label": "Kroki"}),
                            11: ("wagtail.blocks.StructBlock", [[("items", 10)]], {}),
                            12: ("wagtail.blocks.CharBlock", (), {"label": "Za co", "max_length": 200}),
                            13: ("wagtail.blocks.CharBlock", (), {"label": "Kwota", "max_length": 80}),
                            14: ("wagtail.blocks.StructBlock", [[("what", 12), ("amount", 13)]], {}),
                            15: ("wagtail.blocks.ListBlock", (14,), {"label": "Opłaty"}),
                            16: ("wagtail.blocks.StructBlock", [[("rows", 15), ("note", 5)]], {}),
                            17: ("wagtail.blocks.CharBlock", (), {"label": "Pozycja", "max_length": 400}),
                            18: ("wagtail.blocks.ListBlock", (17,), {"label": "Pozycje"}),
                            19: ("wagtail.blocks.StructBlock", [[("heading", 0), ("items", 18)]], {}),
                            20: ("wagtail.blocks.TextBlock", (), {"label": "Tekst", "rows": 2}),
                            21: ("wagtail.blocks.StructBlock", [[("text", 20)]], {}),
                            22: ("wagtail.blocks.CharBlock", (), {"label": "Nazwa", "max_length": 160}),
                            23: ("wagtail.blocks.URLBlock", (), {"label": "Adres"}),
                            24: ("wagtail.blocks.StructBlock", [[("label", 22), ("url", 23)]], {}),
                        },
                        verbose_name="treść",
                    ),
                ),
                (
                    "body_en",
                    wagtail.fields.StreamField(
                        [
                            ("paragraph", 2),
                            ("documents", 6),
                            ("steps", 11),
                            ("fees", 16),
                            ("points", 19),
                            ("notice", 21),
                            ("link", 24),
                        ],
                        blank=True,
                        block_lookup={
                            0: ("wagtail.blocks.CharBlock", (), {"label": "Nagłówek", "max_length": 120, "required": False}),
                            1: (
                                "wagtail.blocks.TextBlock",
                                (),
                                {"help_text": "Pusty wiersz zaczyna nowy akapit.", "label": "Tekst", "rows": 4},
                            ),
                            2: ("wagtail.blocks.StructBlock", [[("heading", 0), ("text", 1)]], {}),
                            3: ("wagtail.blocks.CharBlock", (), {"label": "Dokument", "max_length": 400}),
                            4: ("wagtail.blocks.ListBlock", (3,), {"label": "Dokumenty"}),
                            5: ("wagtail.blocks.TextBlock", (), {"label": "Uwaga", "required": False, "rows": 2}),
                            6: ("wagtail.blocks.StructBlock", [[("items", 4), ("note", 5)]], {}),
                            7: ("wagtail.blocks.CharBlock", (), {"label": "Krok", "max_length": 160}),
                            8: ("wagtail.blocks.TextBlock", (), {"label": "Wyjaśnienie", "required": False, "rows": 3}),
                            9: ("wagtail.blocks.StructBlock", [[("name", 7), ("text", 8)]], {}),
                            10: ("wagtail.blocks.ListBlock", (9,), {"label": "Kroki"}),
                            11: ("wagtail.blocks.StructBlock", [[("items", 10)]], {}),
                            12: ("wagtail.blocks.CharBlock", (), {"label": "Za co", "max_length": 200}),
                            13: ("wagtail.blocks.CharBlock", (), {"label": "Kwota", "max_length": 80}),
                            14: ("wagtail.blocks.StructBlock", [[("what", 12), ("amount", 13)]], {}),
                            15: ("wagtail.blocks.ListBlock", (14,), {"label": "Opłaty"}),
                            16: ("wagtail.blocks.StructBlock", [[("rows", 15), ("note", 5)]], {}),
                            17: ("wagtail.blocks.CharBlock", (), {"label": "Pozycja", "max_length": 400}),
                            18: ("wagtail.blocks.ListBlock", (17,), {"label": "Pozycje"}),
                            19: ("wagtail.blocks.StructBlock", [[("heading", 0), ("items", 18)]], {}),
                            20: ("wagtail.blocks.TextBlock", (), {"label": "Tekst", "rows": 2}),
                            21: ("wagtail.blocks.StructBlock", [[("text", 20)]], {}),
                            22: ("wagtail.blocks.CharBlock", (), {"label": "Nazwa", "max_length": 160}),
                            23: ("wagtail.blocks.URLBlock", (), {"label": "Adres"}),
                            24: ("wagtail.blocks.StructBlock", [[("label", 22), ("url", 23)]], {}),
                        },
                        verbose_name="treść po angielsku",
                    ),
                ),
                ("appeal", models.TextField(blank=True, verbose_name="co dalej, odwołanie")),
                ("appeal_en", models.TextField(blank=True, verbose_name="co dalej, po angielsku")),
                ("legal", models.TextField(blank=True, verbose_name="podstawa prawna, po jednym akcie w wierszu")),
                ("online_url", models.URLField(blank=True, verbose_name="adres, pod którym można to załatwić przez internet")),
                (
                    "keywords",
                    models.TextField(blank=True, verbose_name="słowa, których używają mieszkańcy, po jednym haśle w wierszu"),
                ),
                ("related", models.CharField(blank=True, max_length=160, verbose_name="powiązane zgłoszenie")),
                ("popular", models.BooleanField(default=False, verbose_name="wśród najczęściej potrzebnych")),
                ("reviewed_on", models.DateField(blank=True, null=True, verbose_name="sprawdzono dnia")),
                ("next_review_on", models.DateField(blank=True, null=True, verbose_name="sprawdzić ponownie do")),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "live_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="live revision",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="jednostka",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="content.topic", verbose_name="temat"
                    ),
                ),
            ],
            options={
                "verbose_name": "karta usługi",
                "verbose_name_plural": "karty usług",
                "ordering": ["title"],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("helped", models.BooleanField()),
                ("missing", models.CharField(blank=True, max_length=600)),
                ("at", models.DateTimeField(db_index=True, default=miasto.kernel.core.clock.now)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opinions", to="content.service"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OpeningSpan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("weekday", models.PositiveSmallIntegerField()),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
                (
                    "office",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="spans", to="content.office"),
                ),
            ],
            options={
                "ordering": ["weekday", "opens"],
                "constraints": [models.UniqueConstraint(fields=("office", "weekday", "opens"), name="span_once")],
            },
        ),
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField(verbose_name="dzień")),
                ("hours", models.CharField(blank=True, max_length=60, verbose_name="godziny")),
                ("reason", models.CharField(max_length=160, verbose_name="powód")),
                ("reason_en", models.CharField(blank=True, max_length=160, verbose_name="powód po angielsku")),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="jednostka",
                    ),
                ),
            ],
            options={
                "ordering": ["day"],
                "constraints": [models.UniqueConstraint(fields=("unit", "day"), name="special_day_once", nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("form", models.CharField(max_length=60)),
                ("weight", models.FloatField()),
                (
                    "service",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="terms", to="content.service"),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("form", "gin_trgm_ops"), name="term_trigrams"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("form", "service"), name="term_once")],
            },
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(condition=models.Q(("live", True)), fields=["topic", "title"], name="service_live"),
        ),
    ]
