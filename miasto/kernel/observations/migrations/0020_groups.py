"""Where the row groups of the archive's files lie, so that one series is read without opening them."""

import django.contrib.postgres.fields
from django.db import migrations, models

WHOLE = "ALTER TABLE observations_archivefile ALTER COLUMN groups SET STORAGE EXTERNAL"  # a part is cut out without unpacking


class Migration(migrations.Migration):
    dependencies = [("observations", "0019_rule_areas")]

    operations = [
        migrations.AddField(
            model_name="archivefile",
            name="begins",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
        ),
        migrations.AddField(model_name="archivefile", name="groups", field=models.BinaryField(null=True)),
        migrations.RunSQL(WHOLE, migrations.RunSQL.noop),
    ]
