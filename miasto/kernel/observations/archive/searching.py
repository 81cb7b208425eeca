"""Search of the archive over many series: the first readings in an order, how many there are, one of each series.

What is asked here is only what DuckDB can tell of series, time, value and flags; whatever else a question holds is judged by
who asks, on the rows found.
"""

from __future__ import annotations

import threading
import time as clocks
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from miasto.kernel.observations.archive import duck
from miasto.kernel.observations.archive.duck import Columns
from miasto.kernel.observations.store import flags

OPERATORS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
COLUMNS = ("series", "time", "value")
Term = tuple[str, bool]


class TooLong(Exception):
    """The archive was asked for longer than the question may take."""


class Deadline:
    """So many ``seconds`` from now for all that is asked."""

    def __init__(self, seconds: float) -> None:
        self.ends = clocks.monotonic() + seconds

    @contextmanager
    def over(self, cursor: Any) -> Iterator[None]:
        """Stop what the cursor does when the time is over. Raises ``TooLong``."""
        import duckdb

        left = self.ends - clocks.monotonic()
        if left <= 0:
            raise TooLong
        timer = threading.Timer(left, cursor.interrupt)
        timer.start()
        try:
            yield
        except duckdb.InterruptException:
            raise TooLong from None
        finally:
            timer.cancel()


@dataclass(frozen=True)
class Sought:
    """Readings of ``series`` with ``start`` <= time < ``end`` (microseconds since 1970) whose values keep to ``values``.

    ``values`` are pairs of an operator (eq gt ge lt le) and a number. ``extra`` is whether the flag EXTRA must be set (None:
    whatever it is). ``apart`` holds keys that are passed over, since something later lies over them. ``order`` names columns
    and whether they descend; series and time follow of themselves. ``after`` is the last row that was seen before in an
    order that is () or by time alone. ``each`` is how many of each series at most.
    """

    series: np.ndarray
    start: int
    end: int
    values: tuple[tuple[str, float], ...] = ()
    extra: bool | None = None
    apart: Columns | None = None
    order: tuple[Term, ...] = ()
    after: tuple[int, int] | None = None
    each: int | None = None


@dataclass(frozen=True)
class File:
    """A present file of the manifest."""

    name: str
    day: date


def files(first: date, last: date, least: int, most: int) -> list[File]:
    """The files of UTC days, both ends included, that may hold series ``least``..``most``, oldest first."""
    from miasto.kernel.observations.archive.models import ArchiveFile

    found = ArchiveFile.objects.filter(
        replaced_at=None, day__range=(first, last), least_series__lte=most, most_series__gte=least
    )
    return [File(*row) for row in found.order_by("day", "least_series").values_list("name", "day")]


def find(names: Sequence[str], sought: Sought, most: int, deadline: Deadline) -> Columns:
    """The first ``most`` readings in the order asked for."""
    order = _order(sought)
    each = "" if sought.each is None else f"QUALIFY row_number() OVER (PARTITION BY series ORDER BY {order}) <= $each"
    text = f"SELECT {duck.COLUMNS} FROM {{rows}} {each} ORDER BY {order} LIMIT $most"  # noqa: S608 - of our own names
    return Columns(*_ask(names, sought, text, deadline, {"most": most}))


def count(names: Sequence[str], sought: Sought, deadline: Deadline) -> dict[int, int]:
    """How many readings there are of each series that has any."""
    series, counts = _ask(names, sought, "SELECT series, count(*) AS n FROM {rows} GROUP BY series", deadline, {})
    return dict(zip(series.tolist(), counts.tolist(), strict=True))


def batches(names: Sequence[str], sought: Sought, size: int, deadline: Deadline) -> Iterator[Columns]:
    """All of them, ``size`` after ``size``; the order must be () or by time alone."""
    while True:
        found = find(names, sought, size, deadline)
        yield found
        if len(found.series) < size:
            return
        sought = replace(sought, after=(int(found.series[-1]), int(found.time[-1])))


def _order(sought: Sought) -> str:
    terms = [f"{name} {'DESC' if down else 'ASC'}" for name, down in sought.order if name in COLUMNS]
    return ", ".join([*terms, "series", "time"])


def _ask(names: Sequence[str], sought: Sought, text: str, deadline: Deadline, more: dict[str, Any]) -> list[np.ndarray]:
    asked: dict[str, Any] = {"files": duck.paths(names), "start": sought.start, "end": sought.end, **more}
    where = ["time >= make_timestamptz($start::BIGINT)", "time < make_timestamptz($end::BIGINT)"]
    if len(sought.series) == 1:  # a plain comparison is pushed into the file
        where.append("series = $series")
        asked["series"] = int(sought.series[0])
    else:
        where += ["series BETWEEN $least AND $greatest", "series IN (SELECT id FROM wanted)"]
        asked |= {"least": int(sought.series.min()), "greatest": int(sought.series.max())}
    for place, (op, number) in enumerate(sought.values):
        where.append(f"value {OPERATORS[op]} $value{place}::DOUBLE")
        asked[f"value{place}"] = number
    if sought.extra is not None:
        where.append(f"(flags & {flags.EXTRA}) {'<>' if sought.extra else '='} 0")
    if sought.each is not None:
        asked["each"] = sought.each
    where += _after(sought, asked)
    if sought.apart is not None and len(sought.apart.series):
        where.append("NOT EXISTS (SELECT 1 FROM apart WHERE apart.series = r.series AND apart.time = epoch_us(r.time))")
    rows = f"read_parquet($files, hive_partitioning = false) r WHERE {' AND '.join(where)}"
    return _run(text.replace("{rows}", rows), asked, sought, deadline)


def _after(sought: Sought, asked: dict[str, Any]) -> list[str]:
    if sought.after is None:
        return []
    asked["after_series"], asked["after_time"] = sought.after
    moment = "make_timestamptz($after_time::BIGINT)"
    if not sought.order:
        return [f"(series > $after_series OR (series = $after_series AND time > {moment}))"]
    sign = "<" if sought.order[0][1] else ">"
    return [f"(time {sign} {moment} OR (time = {moment} AND series > $after_series))"]


def _run(text: str, asked: dict[str, Any], sought: Sought, deadline: Deadline) -> list[np.ndarray]:
    cursor = duck.cursor()
    try:
        if len(sought.series) > 1:
            cursor.register("wanted", {"id": sought.series})
        if sought.apart is not None:
            cursor.register("apart", {"series": sought.apart.series, "time": sought.apart.time})
        with deadline.over(cursor):
            found = duck.asked_of(cursor, text, asked).fetchnumpy()
    finally:
        cursor.close()
    return list(found.values())
