"""Which streams somebody hears at the door of MQTT though not everybody may see them: those alone are told of."""

from django.db import migrations

LISTENED = """
CREATE UNLOGGED TABLE observations_listened (
    series int PRIMARY KEY,
    until timestamptz NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("observations", "0016_entities_told")]

    operations = [migrations.RunSQL(LISTENED, "DROP TABLE observations_listened")]
