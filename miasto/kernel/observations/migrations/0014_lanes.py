"""Three lanes into the store, and what lets hours and days grow by what came instead of being counted anew."""

from django.db import migrations, models

STORE = """
-- 2: a rule about a danger to life reads the series, 1: another rule does, 0: none. The higher lane is folded first.
ALTER TABLE observations_staging ADD COLUMN lane smallint NOT NULL DEFAULT 0;
UPDATE observations_staging SET lane = 1 WHERE urgent;
ALTER TABLE observations_staging DROP COLUMN urgent;
ALTER TABLE observations_staging ADD COLUMN received timestamptz NOT NULL DEFAULT now();
CREATE INDEX observations_staging_lane ON observations_staging (lane, id) WHERE lane > 0;
CREATE INDEX observations_datastream_multi ON observations_datastream (id) WHERE multi IS NOT NULL;

-- The newest hour that a day holds and the sums of the hours before it (NULL: there are none, or the day was not counted so).
ALTER TABLE observations_day ADD COLUMN open timestamptz, ADD COLUMN open_total double precision,
    ADD COLUMN open_squares double precision;

-- A burst writes every row of a page at once: each page has room for both versions, so that no index is touched.
ALTER TABLE observations_datastream SET (fillfactor = 40);
ALTER TABLE observations_latest SET (fillfactor = 45);
ALTER TABLE observations_day SET (fillfactor = 45);
"""
UNDO = """
DROP INDEX observations_datastream_multi;
ALTER TABLE observations_datastream SET (fillfactor = 80);
ALTER TABLE observations_latest SET (fillfactor = 70);
ALTER TABLE observations_day RESET (fillfactor);
ALTER TABLE observations_day DROP COLUMN open, DROP COLUMN open_total, DROP COLUMN open_squares;
ALTER TABLE observations_staging ADD COLUMN urgent boolean NOT NULL DEFAULT false;
UPDATE observations_staging SET urgent = lane > 0;
ALTER TABLE observations_staging DROP COLUMN lane, DROP COLUMN received;
CREATE INDEX observations_staging_urgent ON observations_staging (id) WHERE urgent;
"""


class Migration(migrations.Migration):
    dependencies = [("observations", "0013_imports")]

    operations = [
        migrations.RunSQL(STORE, UNDO),
        migrations.AddField("datastream", "life", models.BooleanField(default=False)),
    ]
