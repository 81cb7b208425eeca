"""One SQL text over the archive, run by DuckDB in this process or by Apache Spark on many machines.

The texts below keep to what both understand and name their parameters ``:name``. They read one table, ``readings`` (series,
time, value, flags). ``MIASTO_ANALYTICS=spark://host:port`` chooses Spark; its executors must see the archive's folder under
the same path, or reach its bucket (``spark_files``). Without it DuckDB answers.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Protocol

from miasto.kernel.observations.archive import duck, place

Rows = list[tuple]

DAY_ROLL_UP = """
    SELECT series, count(*) AS n, min(value) AS least, max(value) AS most, sum(value) AS total, avg(value) AS mean
    FROM readings GROUP BY series ORDER BY series"""
PERCENTILE = """
    SELECT series, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS middle,
           percentile_cont(0.98) WITHIN GROUP (ORDER BY value) AS high
    FROM readings GROUP BY series ORDER BY series"""
EXCEEDANCES = """
    SELECT series, count(*) AS hours, sum(CASE WHEN mean > :limit THEN 1 ELSE 0 END) AS above, max(mean) AS worst
    FROM (SELECT series, date_trunc('hour', time) AS start, avg(value) AS mean
          FROM readings GROUP BY series, date_trunc('hour', time)) AS hourly
    GROUP BY series ORDER BY series"""


class Engine(Protocol):
    """Runs a text over the files that it is given by their paths."""

    def run(self, sql: str, files: Sequence[str], parameters: dict[str, Any]) -> Rows:
        """The rows of the answer; timestamps are in UTC."""
        ...


class DuckDB:
    """In this process, on the connection of ``duck``."""

    def run(self, sql: str, files: Sequence[str], parameters: dict[str, Any]) -> Rows:
        asked = duck.cursor()
        try:
            text = re.sub(r"(?<!:):([a-z_]+)", r"$\1", sql)
            values = {"files": list(files), **parameters}
            table = "WITH readings AS (SELECT * FROM read_parquet($files, hive_partitioning = false))"
            return duck.asked_of(asked, f"{table} {text}", values).fetchall()
        finally:
            asked.close()


class Spark:
    """On a cluster: ``spark://host:port``, or ``local-cluster[2,1,2048]`` for a trial. The session is kept."""

    def __init__(self, master: str) -> None:
        self.master = master
        self._session: Any = None

    def session(self) -> Any:
        """The session, begun at the first use. Raises ``ModuleNotFoundError`` where pyspark is not installed."""
        if self._session is None:
            from pyspark.sql import SparkSession

            if self.master.startswith("local"):  # else PYSPARK_PYTHON says which Python the workers have
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = SparkSession.builder.master(self.master).appName("miasto").config("spark.ui.enabled", "false")
            self._session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
        return self._session

    def run(self, sql: str, files: Sequence[str], parameters: dict[str, Any]) -> Rows:
        session = self.session()
        self._table(session, files).createOrReplaceTempView("readings")
        return [tuple(row) for row in session.sql(sql, args=parameters or None).collect()]

    def _table(self, session: Any, files: Sequence[str]) -> Any:
        if not files[0].startswith("s3://"):
            return session.read.parquet(*files)
        from miasto.kernel.observations.archive import spark_files

        return spark_files.table(session, files)

    def stop(self) -> None:
        """End the session."""
        if self._session is not None:
            self._session.stop()
            self._session = None


def engine() -> Engine:
    """The engine that the environment names."""
    named = os.environ.get("MIASTO_ANALYTICS", "")
    return Spark(named) if named else DuckDB()


def files_of(first: date, last: date, series: Iterable[int] | None = None) -> list[str]:
    """Paths of the archive's files of UTC days, both ends included, that may hold one of the series."""
    from miasto.kernel.observations.archive.models import ArchiveFile

    found = ArchiveFile.objects.filter(replaced_at=None, day__range=(first, last)).order_by("day", "least_series")
    wanted = None if series is None else sorted(set(series))
    rows = found.values_list("name", "least_series", "most_series")
    where = place.place()
    return [where.address(name) for name, least, most in rows if wanted is None or _holds(wanted, least, most)]


def _holds(wanted: list[int], least: int, most: int) -> bool:
    return any(least <= one <= most for one in wanted)


def analyse(sql: str, first: date, last: date, *, with_engine: Engine | None = None, **parameters: Any) -> Rows:
    """Run a text of the program (never of a user) over the archived days ``first``..``last`` in UTC; hot days are not in it."""
    files = files_of(first, last)
    return (with_engine or engine()).run(sql, files, parameters) if files else []
