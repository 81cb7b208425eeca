"""Observations as rows: read from the store of readings stream by stream, so that the key serves every page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from miasto.kernel.observations.sta import archived, cold, times
from miasto.kernel.observations.sta.cold import Stamp
from miasto.kernel.observations.sta.compiling import Compiler, Scope, key_condition, sources
from miasto.kernel.observations.sta.options import Options
from miasto.kernel.observations.sta.output import Row
from miasto.kernel.observations.sta.parents import Parents, of_parents
from miasto.kernel.observations.sta.planning import Plan, plan_of, reading_conditions, time_order
from miasto.kernel.observations.sta.schema import FEATURE, OBSERVATION
from miasto.kernel.observations.sta.sql import Sql, all_of, joined, rows_of, sql, value


def one(compiler: Compiler, key: str) -> Row | None:
    """An observation by its ``@iot.id``, or None."""
    return cold.settled(lambda archive: _one(compiler, key, archive))


def _one(compiler: Compiler, key: str, archive: Stamp) -> Row | None:
    try:
        series, moment, n = times.observation_key(key)
    except ValueError:
        return None
    if series >= 2**31:
        return None
    if n or archive.edge is None or moment >= archive.edge:
        stores = _stores(compiler, archive)
    else:
        source = cold.instant_of(series, moment)
        stores = [] if source is None else [_archived_store(compiler, source)]
    found = []
    for source, c in stores:
        where = all_of(compiler.sight.of("Observation", c), key_condition(key, c))
        found.append(sql(f"SELECT {_columns(c)} FROM {{}} WHERE {{}}", source, where))  # noqa: S608 - from the schema
    rows = _of_their_kind(rows_of(joined(" UNION ALL ", found))) if found else []
    return rows[0] if rows else None


def rows(compiler: Compiler, options: Options, parents: Parents | None) -> list[Row]:
    """The observations of a page and one more, in order; for each of the parents where there are any."""
    plan = plan_of(compiler, options, parents)
    return _of_their_kind(cold.settled(lambda archive: _rows(_Asked(compiler, plan, options, parents, archive))))


def _of_their_kind(found: list[Row]) -> list[Row]:
    """Each row with its Datastream or its MultiDatastream, the other None. Numbers are of Datastreams only."""
    doubtful = {row["series"] for row in found if row["n"]}
    multi: set[int] = set()
    if doubtful:
        query = "SELECT id FROM observations_datastream WHERE multi IS NOT NULL AND id = ANY({})"
        multi = {row["id"] for row in rows_of(sql(query, value(list(doubtful), "integer[]")))}
    for row in found:
        row["_Datastream"], row["_MultiDatastream"] = (None, row["series"]) if row["series"] in multi else (row["series"], None)
    return found


@dataclass(frozen=True)
class _Asked:
    """A question about observations, with the archive as it stands."""

    compiler: Compiler
    plan: Plan
    options: Options
    parents: Parents | None
    archive: Stamp

    @property
    def most(self) -> int:
        """How many rows each store must give."""
        return self.options.top + self.options.skip + 1


def _rows(asked: _Asked) -> list[Row]:
    edge = asked.archive.edge
    bound = _newest_bound(asked.plan, asked.options, asked.parents, asked.most)
    if bound is not None and (edge is None or bound >= edge):
        return _selected(asked, None, value(bound, "timestamptz"))
    if edge is None:
        return _selected(asked, None)
    newest_first = bool(time_order(asked.options.orderby))
    found = _selected(asked, None) if newest_first else []
    if newest_first and not _lacking(asked, found, edge):
        return found
    old = archived.first_rows(asked.compiler, asked.plan, asked.options, asked.parents, edge)
    return found if newest_first and old is None else _selected(asked, old)


def _lacking(asked: _Asked, found: list[Row], edge: datetime) -> bool:
    """Whether a page of the newest reaches behind the border."""
    wanted = asked.options.top + 1
    pages: dict[Any, list[Row]] = {key: [] for key in (asked.parents.keys if asked.parents else (None,))}
    for row in found:
        pages[row.get("_parent")].append(row)
    return any(len(page) < wanted or page[-1]["time"] < edge for page in pages.values())


def _selected(asked: _Asked, old: Sql | None, bound: Sql | None = None) -> list[Row]:
    compiler, plan, options, most = asked.compiler, asked.plan, asked.options, asked.most
    streams = plan.streams if bound is None else all_of(plan.streams, _newest_streams(bound, plan, most))
    arms = []
    for source, c in _stores(compiler, asked.archive, old):
        where = all_of(*reading_conditions(compiler, plan, options, c, bound))
        keys = _keys(compiler, options, c)
        exported = joined(", ", (Sql(f"{by.text} AS k{i}", by.params) for i, (by, _way) in enumerate(keys)))
        inside = joined(", ", [*(sql(f"{{}} {way}", by) for by, way in keys), Sql(f"{c}.time"), Sql(f"{c}.n")])
        extra = sql(", {}", exported) if keys else Sql("")
        arms.append(
            sql(
                f"(SELECT {_columns(c)}{{}} FROM {{}} WHERE {{}} ORDER BY {{}} LIMIT {{}})",  # noqa: S608 - from the schema
                *(extra, source, where, inside, value(most)),
            )
        )
    ways = [way for _by, way in _keys(compiler, options, "o")]
    outside = ", ".join([*(f"o.k{i} {way}" for i, way in enumerate(ways)), "d.id", "o.time", "o.n"])
    inner = sql(
        f"""SELECT o.* FROM (SELECT d.id, d.feature_id FROM observations_datastream d WHERE {{}}) d
        CROSS JOIN LATERAL ({{}}) o ORDER BY {outside} LIMIT %s OFFSET %s""",  # noqa: S608 - from the schema
        *(streams, joined(" UNION ALL ", arms)),
    )
    return rows_of(of_parents(Sql(inner.text, (*inner.params, options.top + 1, options.skip)), asked.parents))


def counts(compiler: Compiler, options: Options, parents: Parents | None) -> dict[Any, int]:
    """How many there are: the sum of the streams' counters where nothing is asked of the readings themselves."""
    options = replace(options, orderby=(), token="", top=0, skip=0)
    plan = plan_of(compiler, options, parents)
    if not plan.residual and (not plan.about or not archived.named_elsewhere(parents)):
        streams = all_of(plan.streams, Sql("d.feature_id = p.id")) if plan.about else plan.streams
        inner = sql("SELECT COALESCE(sum(d.count), 0)::bigint AS count FROM observations_datastream d WHERE {}", streams)
        return {row.get("_parent"): row["count"] for row in rows_of(of_parents(inner, parents))}
    return cold.settled(lambda archive: _counted(_Asked(compiler, plan, options, parents, archive)))


def _counted(asked: _Asked) -> dict[Any, int]:
    arms = []
    for source, c in _stores(asked.compiler, asked.archive):
        where = all_of(*reading_conditions(asked.compiler, asked.plan, asked.options, c, None))
        arms.append(sql("SELECT 1 FROM {} WHERE {}", source, where))
    inner = sql(
        """SELECT count(*) AS count FROM (SELECT d.id, d.feature_id FROM observations_datastream d WHERE {}) d
        CROSS JOIN LATERAL ({}) o""",
        *(asked.plan.streams, joined(" UNION ALL ", arms)),
    )
    found = {row.get("_parent"): row["count"] for row in rows_of(of_parents(inner, asked.parents))}
    if asked.archive.edge is not None:
        old = archived.counts(asked.compiler, asked.plan, asked.options, asked.parents, asked.archive.edge)
        found = {key: count + old.get(key, 0) for key, count in found.items()}
    return found


def _keys(compiler: Compiler, options: Options, c: str) -> list[tuple[Sql, str]]:
    """The terms of $orderby: what by and which way."""
    made = []
    for term in options.orderby:
        by, nullable = compiler.order(term.by, Scope(OBSERVATION, c))
        nulls = (" NULLS LAST" if term.descending else " NULLS FIRST") if nullable else ""
        made.append((by, ("DESC" if term.descending else "ASC") + nulls))
    return made


def _newest_bound(plan: Plan, options: Options, parents: Parents | None, most: int) -> datetime | None:
    """For "the newest of all": an instant that so many readings of these streams are not older than, from the latest values."""
    if parents is not None or not time_order(options.orderby) or plan.residual or plan.key:
        return None
    query = sql(
        """SELECT l.time FROM observations_latest l WHERE l.series IN (SELECT d.id FROM observations_datastream d WHERE {})
        ORDER BY l.time DESC OFFSET {} LIMIT 1""",
        *(plan.streams, value(most - 1)),
    )
    found = rows_of(query)
    return found[0]["time"] if found else None


def _newest_streams(bound: Sql, plan: Plan, most: int) -> Sql:
    """The streams among which the newest are: all that reported after the bound, and the first of those that did just then.

    Thousands of meters report at the same instant; so many as the page has are enough. Those whose last observation is no
    number are not among the latest values.
    """
    return sql(
        """(d.id IN (SELECT l.series FROM observations_latest l WHERE l.time > {})
        OR d.id IN (SELECT l.series FROM observations_latest l WHERE l.time = {} AND l.series IN (
            SELECT d.id FROM observations_datastream d WHERE {}) ORDER BY l.series LIMIT {})
        OR d.id IN (SELECT s.id FROM observations_datastream s LEFT JOIN observations_latest l ON l.series = s.id
            WHERE s.last_at >= {} AND (l.time IS NULL OR l.time < s.last_at)))""",
        *(bound, bound, plan.streams, value(most), bound),
    )


def _stores(compiler: Compiler, archive: Stamp, old: Sql | None = None) -> list[tuple[Sql, str]]:
    """Each store, ready to stand after FROM, and its alias. A late reading goes before one of a day about to be moved."""
    c = compiler.alias()
    found = [(Sql(source), c) for source in sources(Scope(OBSERVATION, c))]
    if archive.sealed:
        later = f"NOT EXISTS (SELECT FROM observations_late l WHERE l.series = {c}.series AND l.time = {c}.time)"
        text = f"(SELECT * FROM {found[0][0].text} WHERE {c}.time >= {{}} OR {later}) {c}"  # noqa: S608 - from the schema
        found[0] = (sql(text, value(archive.edge, "timestamptz")), c)
    return found if old is None else [*found, _archived_store(compiler, old)]


def _archived_store(compiler: Compiler, source: Sql) -> tuple[Sql, str]:
    c = compiler.alias()
    return sql(f"{{}} {c}", source), c


def _columns(c: str) -> str:
    made = [f"{text} AS {name}" for name, text in OBSERVATION.columns.items()]
    made.append(f'{FEATURE} AS "_FeatureOfInterest"')
    return ", ".join(made).replace("{t}", c)
