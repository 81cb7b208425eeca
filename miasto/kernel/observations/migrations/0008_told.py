"""Observations that wait to be published by another process than the one that stored them."""

from django.db import migrations

TOLD = """
CREATE UNLOGGED TABLE observations_told (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    series integer[] NOT NULL,
    time timestamptz[] NOT NULL,
    value double precision[] NOT NULL,
    flags smallint[] NOT NULL,
    n smallint[] NOT NULL
)"""


class Migration(migrations.Migration):
    dependencies = [("observations", "0007_forecasts")]

    operations = [migrations.RunSQL(TOLD, "DROP TABLE observations_told")]
