"""MultiDatastreams: data streams whose results are arrays, and what stands at each place of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("observations", "0011_driven"),
    ]

    operations = [
        migrations.AddField(
            model_name="datastream",
            name="multi",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="DatastreamPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.PositiveSmallIntegerField()),
                (
                    "datastream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="observations.datastream",
                    ),
                ),
                (
                    "observed_property",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="observations.observedproperty",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("datastream", "place"), name="datastream_part_once")],
            },
        ),
    ]
