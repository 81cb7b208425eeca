"""The store of readings: written by COPY, read by SQL, so there are no models (docs/adr/0009)."""

from django.db import migrations

STORE = """
-- Durable and unsorted: what has been acknowledged and not yet folded into the hot table.
CREATE TABLE observations_staging (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    urgent boolean NOT NULL DEFAULT false,
    series integer NOT NULL,
    flags smallint NOT NULL DEFAULT 0,
    time timestamptz NOT NULL,
    value double precision NOT NULL
);
CREATE INDEX observations_staging_urgent ON observations_staging (id) WHERE urgent;

-- Hot readings, one partition for each UTC day. 24 bytes of data in a row, one index.
CREATE TABLE observations_reading (
    series integer NOT NULL,
    flags smallint NOT NULL DEFAULT 0,
    time timestamptz NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (series, time)
) PARTITION BY RANGE (time);

-- What only few observations have: a result that is no number, a time that is no instant, qualities, parameters.
-- A number stands in observations_reading (with its flag) and has ``result`` NULL here.
CREATE TABLE observations_extra (
    series integer NOT NULL,
    time timestamptz NOT NULL,
    n smallint NOT NULL DEFAULT 0,
    ends timestamptz,
    result jsonb,
    result_time timestamptz,
    valid_from timestamptz,
    valid_to timestamptz,
    quality jsonb,
    parameters jsonb,
    feature bigint,
    PRIMARY KEY (series, time, n)
);
CREATE INDEX observations_extra_feature ON observations_extra (feature) WHERE feature IS NOT NULL;

CREATE TABLE observations_latest (
    series integer PRIMARY KEY,
    flags smallint NOT NULL,
    time timestamptz NOT NULL,
    value double precision NOT NULL,
    received timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Roll-ups by UTC hour; civil days and the hours of the law are sums of these.
CREATE TABLE observations_hour (
    series integer NOT NULL,
    n integer NOT NULL,
    start timestamptz NOT NULL,
    least double precision NOT NULL,
    most double precision NOT NULL,
    total double precision NOT NULL,
    squares double precision NOT NULL,
    last double precision NOT NULL,
    PRIMARY KEY (series, start)
) PARTITION BY RANGE (start);

-- By civil day of the city (23 to 25 hours).
CREATE TABLE observations_day (
    series integer NOT NULL,
    n integer NOT NULL,
    day date NOT NULL,
    least double precision NOT NULL,
    most double precision NOT NULL,
    total double precision NOT NULL,
    squares double precision NOT NULL,
    last double precision NOT NULL,
    PRIMARY KEY (series, day)
);

-- Readings older than the hot window, until the archive takes them in.
CREATE TABLE observations_late (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    series integer NOT NULL,
    flags smallint NOT NULL DEFAULT 0,
    time timestamptz NOT NULL,
    value double precision NOT NULL
);
CREATE INDEX observations_late_time ON observations_late (series, time);
"""
UNDO = """DROP TABLE observations_staging, observations_reading, observations_extra, observations_latest, observations_hour,
observations_day, observations_late"""


class Migration(migrations.Migration):
    dependencies = [("observations", "0001_initial")]

    operations = [migrations.RunSQL(STORE, UNDO)]
