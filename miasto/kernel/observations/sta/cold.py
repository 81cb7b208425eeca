"""Observations that the archive holds, as one more source of rows beside the stores in PostgreSQL.

The archive is asked for the first rows in the order of the page, window after window, until there are enough; what it cannot
judge (what stands beside a reading, functions, links) PostgreSQL judges on the rows found. So a question about all data streams
of many years reads only the files that its page needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.bounds import Bounds
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.sql import Sql, rows_of, sql, value

if TYPE_CHECKING:
    from miasto.kernel.observations.archive.duck import Columns
    from miasto.kernel.observations.archive.searching import Deadline, File, Sought

MOST = 200_000  # rows that PostgreSQL judges at once
LONGEST_S = 10
GROUP = 50_000  # readings of the data streams that are read together in the order of the key
SOURCE = """(SELECT r.series, r.time, 0::smallint AS n, r.value, r.flags, r.place, x.ends, NULL::jsonb AS result,
    x.result_time, x.valid_from, x.valid_to, x.quality, x.parameters, x.feature
    FROM (SELECT u.series, timestamptz 'epoch' + u.micros * interval '1 microsecond' AS time, u.value, u.flags, u.place
          FROM unnest({}, {}, {}, {}) WITH ORDINALITY AS u(series, micros, value, flags, place)) r
    LEFT JOIN observations_extra x ON x.series = r.series AND x.time = r.time AND x.n = 0 AND (r.flags & 1) <> 0)"""
Judge = Callable[[Sql], Sql]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Stamp:
    """What the archive is at a moment. ``last`` is its newest day, behind which readings may be late or hot too.

    ``sealed``: some of those in PostgreSQL are about to be moved.
    """

    last: date | None
    newest: int | None
    replaced: datetime | None
    sealed: bool

    @property
    def edge(self) -> datetime | None:
        """The first instant that no file holds; None while there is no archive."""
        if self.last is None:
            return None
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=UTC)


def stamp() -> Stamp:
    """Which archive an answer is made of. Where another one stands there at its end, the answer is made anew."""
    (row,) = rows_of(
        Sql(
            """SELECT GREATEST((SELECT border FROM observations_store LIMIT 1),
                               (SELECT max(day) FROM observations_archivefile WHERE replaced_at IS NULL)) AS last,
               (SELECT max(id) FROM observations_archivefile) AS newest,
               (SELECT max(replaced_at) FROM observations_archivefile WHERE replaced_at IS NOT NULL) AS replaced,
               EXISTS (SELECT FROM observations_reading WHERE time <
                       (SELECT (border + 1)::timestamp AT TIME ZONE 'UTC' FROM observations_store LIMIT 1)) AS sealed"""
        )
    )
    return Stamp(**row)


def settled(answer: Callable[[Stamp], Found]) -> Found:
    """What ``answer`` makes of an archive that did not change meanwhile (tried three times)."""
    for _try in range(3):
        before = stamp()
        found = answer(before)
        if before.last is None or stamp() == before:
            break
    return found


@dataclass
class Question:
    """``streams`` are rows ``id``, ``count``, ``home`` of the data streams that have anything old, by id.

    A plain reading is counted where its data stream is at ``home``.

    ``judge`` makes of a source the query of the places that pass; None where all rows do. ``order`` is None where the archive
    does not know it. ``most`` rows are wanted, of ``each`` data stream or of all.
    """

    streams: list[dict[str, Any]]
    bounds: Bounds
    judge: Judge | None
    order: tuple[tuple[str, bool], ...] | None
    most: int
    edge: datetime
    each: bool = False
    after: tuple[int, int] | None = None
    deadline: Deadline = field(default_factory=lambda: _deadline())


def _deadline() -> Deadline:
    from miasto.kernel.observations.archive.searching import Deadline

    return Deadline(LONGEST_S)


def too_many() -> Problem:
    """The answer to a question that the archive cannot be asked as it is."""
    return Problem(400, _("Odpowiedź trwałaby za długo. Zawęź zapytanie, na przykład do jednej serii albo czasu."))


def instant_of(series: int, moment: datetime) -> Sql | None:
    """The reading of one instant that is not hot, as a source; None where there is none."""
    import numpy as np

    from miasto.kernel.observations.archive.duck import Columns
    from miasto.kernel.observations.store.reading import readings

    rows = readings([series], moment, moment + times.MICROSECOND, most=1)
    of = ((np.int32, 0), (np.int64, 1), (np.float64, 2), (np.int16, 3))
    keyed = [(one.series, times.micros(one.time), one.value, one.flags) for one in rows]
    return source_of(Columns(*(np.array([row[place] for row in keyed], dtype=kind) for kind, place in of)))


def newest(series: int) -> datetime | None:
    """The time of the newest archived reading of a data stream over which no late one lies."""
    edge = stamp().edge
    if edge is None:
        return None
    streams = [{"id": series, "count": 1, "home": True}]
    found = first_rows(Question(streams, Bounds(), None, (("time", True),), 1, edge))
    return None if found is None or not len(found.time) else times.of_micros(int(found.time[0]))


def source_of(found: Columns | None) -> Sql | None:
    """Archived readings, ready to stand after FROM before an alias; None where there are none."""
    if found is None or not len(found.series):
        return None
    kinds = ("integer[]", "bigint[]", "double precision[]", "integer[]")
    return sql(SOURCE, *(value(column.tolist(), kind) for column, kind in zip(found, kinds, strict=True)))


def first_rows(asked: Question) -> Columns | None:
    """The first ``most`` archived readings that pass, in the order asked for. Raises ``Problem`` where that takes too long."""
    from miasto.kernel.observations.archive.searching import TooLong

    if not asked.streams or asked.bounds.start >= _end(asked):
        return None
    if asked.most > MOST:
        raise too_many()
    try:
        return _joined(_found(asked))
    except TooLong:
        raise too_many() from None


def counts(asked: Question) -> dict[int, int]:
    """How many archived readings of each data stream pass. Raises ``Problem`` where that takes too long."""
    from miasto.kernel.observations.archive import searching

    if not asked.streams or asked.bounds.start >= _end(asked):
        return {}
    names, sought = _all_of(asked)
    if not names:
        return {}
    try:
        made: dict[int, int] = {}
        if asked.bounds.exact:
            home = {row["id"] for row in asked.streams if row["home"]}
            found = searching.count(names, replace(sought, extra=False), asked.deadline)
            made = {series: count for series, count in found.items() if series in home}
            sought = replace(sought, extra=True)
        for batch in searching.batches(names, sought, MOST, asked.deadline):
            for series in passing(batch, asked.judge).series.tolist():
                made[series] = made.get(series, 0) + 1
        return made
    except searching.TooLong:
        raise too_many() from None


def one_of_each(asked: Question) -> Columns | None:
    """A plain reading of each data stream that passes, and all that pass and have something beside the number."""
    from miasto.kernel.observations.archive import searching

    if not asked.streams or asked.bounds.start >= _end(asked):
        return None
    names, sought = _all_of(asked)
    if not names:
        return None
    try:
        found = []
        if asked.bounds.exact:
            plain = replace(sought, extra=False, each=1)
            found.append(searching.find(names, plain, len(asked.streams), asked.deadline))
            sought = replace(sought, extra=True)
        for batch in searching.batches(names, sought, MOST, asked.deadline):
            found.append(_one_of_each(passing(batch, asked.judge)))
        if sum(len(one.series) for one in found) > MOST:
            raise too_many()
        return _joined(found)
    except searching.TooLong:
        raise too_many() from None


def _one_of_each(found: Columns) -> Columns:
    import numpy as np

    plain = (found.flags & 1) == 0
    seen = np.zeros(len(plain), dtype=bool)
    _series, first = np.unique(np.where(plain, found.series, -1), return_index=True)
    seen[first] = True
    return _taken(found, seen | ~plain)


def passing(found: Columns, judge: Judge | None) -> Columns:
    """Those of the rows that PostgreSQL judges to pass."""
    import numpy as np

    source = source_of(found)
    if judge is None or source is None:
        return found
    places = [row["place"] - 1 for row in rows_of(judge(source))]
    return _taken(found, np.array(sorted(places), dtype=np.intp))


def _taken(found: Columns, which: Any) -> Columns:
    return type(found)(*(column[which] for column in found))


def _joined(found: Sequence[Columns]) -> Columns | None:
    import numpy as np

    if not found:
        return None
    return type(found[0])(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _end(asked: Question) -> int:
    return min(asked.bounds.end, times.micros(asked.edge))


def _found(asked: Question) -> list[Columns]:
    if asked.each:
        return _of_each(asked)
    if asked.order == ():
        return _until_enough(asked, _by_key(asked))
    if asked.order is not None and len(asked.order) == 1 and asked.order[0][0] == "time":
        return _until_enough(asked, _by_time(asked))
    return [_whole(asked)]


def _until_enough(asked: Question, steps: Iterator[tuple[list[str], Sought]]) -> list[Columns]:
    from miasto.kernel.observations.archive import searching

    found: list[Columns] = []
    left = asked.most
    for names, sought in steps:
        size = left if asked.judge is None else min(MOST, max(4 * left, 1_000))
        for batch in searching.batches(names, sought, size, asked.deadline) if names else ():
            good = _taken(passing(batch, asked.judge), slice(0, left))
            found.append(good)
            left -= len(good.series)
            if left <= 0:
                return found
    return found


def _by_key(asked: Question) -> Iterator[tuple[list[str], Sought]]:
    """Data stream after data stream: those of many readings alone and day by day, those of few together."""
    group: list[dict[str, Any]] = []
    total = 0
    for row in asked.streams:
        if group and total + row["count"] > GROUP:
            yield from _group(asked, group)
            group, total = [], 0
        group.append(row)
        total += row["count"]
    yield from _group(asked, group)


def _group(asked: Question, group: list[dict[str, Any]]) -> Iterator[tuple[list[str], Sought]]:
    part = replace(asked, streams=group)
    if len(group) > 1:
        yield _all_of(part)
    elif asked.after is not None and asked.after[0] == group[0]["id"]:
        start = max(asked.bounds.start, asked.after[1])
        yield from _by_time(replace(part, bounds=replace(asked.bounds, start=start)))
    else:
        yield from _by_time(part)


def _by_time(asked: Question) -> Iterator[tuple[list[str], Sought]]:
    """Window after window of days, each twice as long as the one before, from the end where the order begins."""
    bounds = asked.bounds
    down = bool(asked.order) and asked.order[0][1]
    if asked.after is not None and asked.order:
        moment = asked.after[1]
        bounds = replace(bounds, end=min(bounds.end, moment + 1)) if down else replace(bounds, start=max(bounds.start, moment))
    asked = replace(asked, bounds=bounds)
    if bounds.start >= _end(asked):
        return
    files, sought = _files(asked), _sought(asked)
    days = sorted({one.day for one in files}, reverse=down)
    place, size = 0, 1
    while place < len(days):
        window = set(days[place : place + size])
        yield [one.name for one in files if one.day in window], sought
        place, size = place + size, size * 2


def _of_each(asked: Question) -> list[Columns]:
    """So many of each data stream: by windows of days, the data streams that have enough no more."""
    if asked.order is None or any(name == "value" for name, _down in asked.order):
        return _one_by_one(asked, asked.streams)
    from miasto.kernel.observations.archive import searching

    found: list[Columns] = []
    left = {row["id"]: asked.most for row in asked.streams}
    again: set[int] = set()
    for names, sought in _by_time(replace(asked, after=None)):
        wanted = replace(sought, series=_series(list(left)), each=asked.most)
        batch = searching.find(names, wanted, MOST + 1, asked.deadline)
        if len(batch.series) > MOST:
            return _one_by_one(asked, asked.streams)
        found.append(passing(batch, asked.judge))
        again |= _reckon(left, batch, found[-1], asked.most)
        if not left:
            break
    if not again:
        return found
    few = [row for row in asked.streams if row["id"] in again]
    import numpy as np

    others = [_taken(one, ~np.isin(one.series, list(again))) for one in found]
    return [*others, *_one_by_one(asked, few)]


def _reckon(left: dict[int, int], batch: Columns, good: Columns, most: int) -> set[int]:
    """Take out the data streams that have enough; returns those of which not all was seen, too few of it passing."""
    import numpy as np

    seen = dict(zip(*(one.tolist() for one in np.unique(batch.series, return_counts=True)), strict=True))
    passed = dict(zip(*(one.tolist() for one in np.unique(good.series, return_counts=True)), strict=True))
    again = set()
    for series, count in seen.items():
        left[series] -= passed.get(series, 0)
        if left[series] <= 0 or count >= most:
            if left[series] > 0:
                again.add(series)
            del left[series]
    return again


def _one_by_one(asked: Question, rows: Sequence[dict[str, Any]]) -> list[Columns]:
    return [one for row in rows for one in _found(replace(asked, streams=[row], each=False))]


def _whole(asked: Question) -> Columns:
    """In an order that only all of them tell: the first that the archive finds in it, else everything if it is not much."""
    from miasto.kernel.observations.archive import searching

    names, sought = _all_of(asked)
    if asked.order is not None and asked.judge is None:
        return searching.find(names, sought, asked.most, asked.deadline) if names else _nothing()
    batch = searching.find(names, sought, MOST + 1, asked.deadline) if names else _nothing()
    good = passing(_taken(batch, slice(0, MOST)), asked.judge)
    if len(batch.series) > MOST and (asked.order is None or len(good.series) < asked.most):
        raise too_many()
    return good


def _nothing() -> Columns:
    import numpy as np

    from miasto.kernel.observations.archive.duck import Columns

    return Columns(*(np.array([], dtype=kind) for kind in (np.int32, np.int64, np.float64, np.int16)))


def _all_of(asked: Question) -> tuple[list[str], Sought]:
    return [one.name for one in _files(asked)], _sought(asked)


def _series(wanted: list[int]) -> Any:
    import numpy as np

    return np.array(wanted, dtype=np.int32)


def _files(asked: Question) -> list[File]:
    from miasto.kernel.observations.archive import searching

    first, last = (times.of_micros(one).date() for one in (asked.bounds.start, _end(asked) - 1))
    return searching.files(first, last, asked.streams[0]["id"], asked.streams[-1]["id"])


def _sought(asked: Question) -> Sought:
    from miasto.kernel.observations.archive.searching import Sought

    return Sought(
        series=_series([row["id"] for row in asked.streams]),
        start=asked.bounds.start,
        end=_end(asked),
        values=asked.bounds.values,
        apart=_late(asked),
        order=asked.order or (),
        after=asked.after,
    )


def _late(asked: Question) -> Columns:
    """The keys of late readings that lie over archived ones."""
    import numpy as np

    from miasto.kernel.observations.archive.duck import Columns

    span = [value(times.of_micros(one), "timestamptz") for one in (asked.bounds.start, _end(asked))]
    few = len(asked.streams) <= 1_000
    among = value([row["id"] for row in asked.streams], "integer[]")
    rows = rows_of(
        sql(
            """SELECT l.series, (extract(epoch FROM l.time) * 1000000)::bigint AS micros FROM observations_late l
               WHERE l.time >= {} AND l.time < {} AND {}""",
            *(*span, sql("l.series = ANY({})", among) if few else Sql("true")),
        )
    )
    series, micros = [row["series"] for row in rows], [row["micros"] for row in rows]
    nothing = np.zeros(len(rows))
    return Columns(_series(series), np.array(micros, dtype=np.int64), nothing, nothing.astype(np.int16))
