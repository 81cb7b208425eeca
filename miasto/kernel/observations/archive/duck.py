"""DuckDB inside the process: one in-memory connection, made at the first use, with capped memory and threads.

There is never a database file: the data are the manifest's Parquet files, named one by one, and what is asked is bound.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.archive import groups, place, refusing
from miasto.kernel.observations.archive.columns import Columns

FILES_EACH = 100
GROUP_ROWS = 6_144
COLUMNS = "series, epoch_us(time) AS time, value, flags"
_opening = threading.Lock()
_connections: dict[int, Any] = {}


def cursor() -> Any:
    """A cursor of this process's connection; close it. ``MIASTO_DUCKDB_MEMORY`` (512MB) and ``_THREADS`` (2) are its caps."""
    with _opening:
        mine = os.getpid()
        if mine not in _connections:
            _connections.clear()  # what a fork brought along
            _connections[mine] = _connect()
        return _connections[mine].cursor()


def _connect() -> Any:
    import duckdb

    made = duckdb.connect(
        config={
            "memory_limit": os.environ.get("MIASTO_DUCKDB_MEMORY", "512MB"),
            "threads": _threads(),
            "temp_directory": os.path.join(tempfile.gettempdir(), f"miasto-duckdb-{os.getpid()}"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    made.register_filesystem(groups.system())
    if os.environ.get("MIASTO_ARCHIVE", "").startswith("s3://"):
        from miasto.kernel.observations.archive.bucket import readers

        for one in readers():
            made.register_filesystem(one)
    made.execute("SET TimeZone = 'UTC'")
    made.execute("SET parquet_metadata_cache = true")
    return made


def asked_of(cursor: Any, sql: str, parameters: dict[str, Any]) -> Any:
    """The executed cursor. Raises ``place.Unreachable`` where the files' storage failed: DuckDB wraps what a reader raises."""
    import duckdb

    try:
        return cursor.execute(sql, parameters)
    except duckdb.Error as error:
        said = re.search(r"^Unreachable: (.*)$", str(error), re.MULTILINE)
        if said is not None:
            raise place.Unreachable(refusing.again(said[1])) from None
        if isinstance(error, duckdb.IOException) or re.search("""file ['"]|TProtocolException""", str(error)):
            raise place.Unreachable(_("Pliku archiwum nie można odczytać.")) from error
        raise


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def scan(names: Iterable[str], series: Iterable[int], start: datetime, end: datetime, *, most: int | None = None) -> Columns:
    """Readings of the named files with ``start`` <= time < ``end``, by series and time; at most ``most``.

    Of many files DuckDB opens one after another: they are dealt out to as many cursors as there are threads.
    """
    files, wanted = paths(names), sorted(set(series))
    hands = min(_threads(), len(files) // FILES_EACH + 1)
    if hands == 1:
        return _scan(files, wanted, start, end, most)
    dealt = [files[place * len(files) // hands : (place + 1) * len(files) // hands] for place in range(hands)]
    with ThreadPoolExecutor(hands) as pool:
        parts = list(pool.map(lambda some: _scan(some, wanted, start, end, most), dealt))
    return in_order(parts, most)


def in_order(parts: list[Columns], most: int | None) -> Columns:
    """Several as one, by series and time; at most ``most``."""
    import numpy as np

    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.lexsort((joined[1], joined[0]))[:most]
    return Columns(*(column[order] for column in joined))


def _scan(files: list[str], series: list[int], start: datetime, end: datetime, most: int | None) -> Columns:
    asked: dict[str, Any] = {"files": files, "series": series, "start": micros(start), "end": micros(end)}
    limit = ""
    if most is not None:
        limit, asked["most"] = "LIMIT $most", most
    one = "series IN (SELECT unnest($series::INTEGER[]))"
    if len(series) == 1:  # a plain comparison is pushed into the file
        one, asked["series"] = "series = $series", series[0]
    return columns(
        f"""SELECT {COLUMNS} FROM read_parquet($files, hive_partitioning = false)
            WHERE {one} AND time >= make_timestamptz($start::BIGINT) AND time < make_timestamptz($end::BIGINT)
            ORDER BY series, time {limit}""",  # noqa: S608 - the pieces are constants of this file
        asked,
    )


def _threads() -> int:
    return int(os.environ.get("MIASTO_DUCKDB_THREADS", "2"))


def whole(names: Iterable[str]) -> Columns:
    """All readings of the named files, by series and time."""
    return columns(
        f"SELECT {COLUMNS} FROM read_parquet($files, hive_partitioning = false) ORDER BY series, time",  # noqa: S608
        {"files": paths(names)},
    )


def write(readings: Columns, path: str) -> tuple[list[int], bytes] | None:
    """Write sorted readings to a new Parquet file; ``groups.known`` of it.

    Row groups are small, since one series is read by them, and the encodings DuckDB's choice (docs/scale.md).
    """
    asked = cursor()
    try:
        asked.register("written", readings._asdict())
        asked.execute(
            f"""COPY (SELECT series, make_timestamptz(time) AS time, value, flags FROM written)
                TO '{path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 9, PARQUET_VERSION V2,
                             ROW_GROUP_SIZE {GROUP_ROWS})"""  # noqa: S608 - COPY takes no parameter; the path is ours
        )
        return groups.known(asked, path)
    finally:
        asked.close()


def paths(names: Iterable[str]) -> list[str]:
    """Where the named files lie, as DuckDB is told."""
    where = place.place()
    return [where.reading(name) for name in names]


def columns(sql: str, parameters: dict[str, Any]) -> Columns:
    """The answer to a question for ``COLUMNS``. Raises ``place.Unreachable``."""
    asked = cursor()
    try:
        found = asked_of(asked, sql, parameters).fetchnumpy()
    finally:
        asked.close()
    return Columns(found["series"], found["time"], found["value"], found["flags"])
