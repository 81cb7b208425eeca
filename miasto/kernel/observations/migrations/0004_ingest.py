"""What folding needs beside the tables of the store: the hot window as data, the hours to be made anew, late readings once."""

from django.db import migrations, models

STORE = """
-- One row: how many days before today stay hot, and the newest UTC day that the archive holds alone.
CREATE TABLE observations_store (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    hot_days smallint NOT NULL DEFAULT 3,
    border date
);
INSERT INTO observations_store DEFAULT VALUES;

-- Hours of days that are not hot whose roll-ups are to be made anew.
CREATE TABLE observations_dirty (
    series integer NOT NULL,
    start timestamptz NOT NULL,
    PRIMARY KEY (series, start)
);

-- A correction of a late reading takes a new id, so that who has read up to an id sees it as new.
DROP INDEX observations_late_time;
CREATE UNIQUE INDEX observations_late_once ON observations_late (series, time);

-- Counters in rows of things are written at every fold: room for that in each page; staging is emptied all the time.
ALTER TABLE observations_datastream SET (fillfactor = 80);
ALTER TABLE observations_staging SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200000);
"""
UNDO = """
DROP TABLE observations_store, observations_dirty;
DROP INDEX observations_late_once;
CREATE INDEX observations_late_time ON observations_late (series, time);
ALTER TABLE observations_datastream RESET (fillfactor);
ALTER TABLE observations_staging RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("observations", "0003_alerts")]

    operations = [
        migrations.RunSQL(STORE, UNDO),
        migrations.AlterField(
            "quarantined",
            "reason",
            models.CharField(
                choices=[
                    ("future", "czas z przyszłości"),
                    ("past", "czas sprzed 1900 roku"),
                    ("range", "poza zakresem czujnika"),
                    ("unit", "inna jednostka"),
                    ("jump", "nieprawdopodobny skok"),
                    ("number", "to nie liczba"),
                ],
                max_length=8,
            ),
        ),
    ]
