"""The index of objects, areas, places, waters, streets and addresses, with their spatial and trigram indexes."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import miasto.kernel.core.clock
import miasto.kernel.core.ids
import miasto.kernel.places.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Area",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("geom", django.contrib.gis.db.models.fields.GeometryField(srid=4326, verbose_name="położenie")),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                ("address_text", models.CharField(blank=True, max_length=300, verbose_name="adres")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="ważny od")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="ważny do")),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")],
                        default="public",
                        max_length=8,
                        verbose_name="widoczność",
                    ),
                ),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("source_key", models.CharField(blank=True, max_length=200, verbose_name="klucz w źródle")),
                ("name", models.CharField(max_length=200, verbose_name="nazwa")),
                (
                    "area_kind",
                    models.CharField(
                        choices=[
                            ("city", "miasto"),
                            ("commune", "gmina"),
                            ("district", "osiedle"),
                            ("county", "powiat"),
                            ("voivodeship", "województwo"),
                            ("country", "państwo"),
                            ("park", "park"),
                            ("forest", "las"),
                            ("reserve", "rezerwat przyrody"),
                        ],
                        max_length=20,
                        verbose_name="rodzaj",
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="kod")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="parts",
                        to="places.area",
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
            ],
        ),
        migrations.CreateModel(
            name="ObjectIndex",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=80)),
                ("label", models.CharField(max_length=300)),
                ("geom", django.contrib.gis.db.models.fields.GeometryField(srid=4326)),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")], max_length=8
                    ),
                ),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
                ("norm", models.CharField(default="", max_length=300)),
                ("lookup", models.CharField(default="", max_length=900)),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("geom", django.contrib.gis.db.models.fields.GeometryField(srid=4326, verbose_name="położenie")),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                ("address_text", models.CharField(blank=True, max_length=300, verbose_name="adres")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="ważny od")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="ważny do")),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")],
                        default="public",
                        max_length=8,
                        verbose_name="widoczność",
                    ),
                ),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("source_key", models.CharField(blank=True, max_length=200, verbose_name="klucz w źródle")),
                ("name", models.CharField(max_length=200, verbose_name="nazwa")),
                ("place_kind", models.CharField(max_length=40, verbose_name="rodzaj")),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="dane dodatkowe")),
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
        ),
        migrations.CreateModel(
            name="Street",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("geom", django.contrib.gis.db.models.fields.GeometryField(srid=4326, verbose_name="położenie")),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                ("address_text", models.CharField(blank=True, max_length=300, verbose_name="adres")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="ważny od")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="ważny do")),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")],
                        default="public",
                        max_length=8,
                        verbose_name="widoczność",
                    ),
                ),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("source_key", models.CharField(blank=True, max_length=200, verbose_name="klucz w źródle")),
                ("name", models.CharField(max_length=200, verbose_name="nazwa")),
                ("prefix", models.CharField(blank=True, max_length=12, verbose_name="skrót rodzaju")),
                ("street_class", models.CharField(default="local", max_length=20, verbose_name="klasa")),
                ("locality", models.CharField(blank=True, max_length=100, verbose_name="miejscowość")),
                ("norm", models.CharField(editable=False, max_length=200)),
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
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("geom", django.contrib.gis.db.models.fields.GeometryField(srid=4326, verbose_name="położenie")),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                ("address_text", models.CharField(blank=True, max_length=300, verbose_name="adres")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="ważny od")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="ważny do")),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")],
                        default="public",
                        max_length=8,
                        verbose_name="widoczność",
                    ),
                ),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("number", models.CharField(max_length=20, verbose_name="numer")),
                ("postcode", models.CharField(blank=True, max_length=6, verbose_name="kod pocztowy")),
                ("locality", models.CharField(blank=True, max_length=100, verbose_name="miejscowość")),
                ("number_norm", models.CharField(editable=False, max_length=20)),
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
                    "district",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="places.area"
                    ),
                ),
                (
                    "street",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="places.street",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Waterway",
            fields=[
                (
                    "id",
                    models.UUIDField(default=miasto.kernel.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("geom", django.contrib.gis.db.models.fields.GeometryField(srid=4326, verbose_name="położenie")),
                ("geom_3857", miasto.kernel.places.fields.MercatorField()),
                ("address_text", models.CharField(blank=True, max_length=300, verbose_name="adres")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="ważny od")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="ważny do")),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "wszyscy"), ("unit", "pracownicy jednostki"), ("private", "nikt")],
                        default="public",
                        max_length=8,
                        verbose_name="widoczność",
                    ),
                ),
                ("created_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=miasto.kernel.core.clock.now, editable=False)),
                ("source_key", models.CharField(blank=True, max_length=200, verbose_name="klucz w źródle")),
                ("name", models.CharField(max_length=200, verbose_name="nazwa")),
                ("water_kind", models.CharField(default="river", max_length=40, verbose_name="rodzaj")),
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
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True), fields=("area_kind", "source_key"), name="area_source"
            ),
        ),
        migrations.AddIndex(
            model_name="objectindex",
            index=models.Index(fields=["kind", "label"], name="objectindex_kind"),
        ),
        migrations.AddIndex(
            model_name="objectindex",
            index=django.contrib.postgres.indexes.GistIndex(
                django.contrib.postgres.indexes.OpClass("lookup", "gist_trgm_ops"),
                condition=models.Q(("norm", ""), _negated=True),
                name="objectindex_lookup",
            ),
        ),
        migrations.AddIndex(
            model_name="objectindex",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass("norm", "text_pattern_ops"),
                condition=models.Q(("norm", ""), _negated=True),
                name="objectindex_norm",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True), fields=("place_kind", "source_key"), name="place_source"
            ),
        ),
        migrations.AddIndex(
            model_name="street",
            index=models.Index(fields=["norm"], name="street_norm"),
        ),
        migrations.AddConstraint(
            model_name="street",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True), fields=("source_key",), name="street_source"
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                models.F("street"),
                django.contrib.postgres.indexes.OpClass("number_norm", "text_pattern_ops"),
                name="address_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                fields=("street", "locality", "number_norm"), name="address_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="waterway",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True), fields=("source_key",), name="waterway_source"
            ),
        ),
    ]
