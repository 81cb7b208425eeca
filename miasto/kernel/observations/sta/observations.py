"""Observations as rows: read from the store of readings stream by stream, so that the key serves every page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import cold, times
from miasto.kernel.observations.sta.cold import MOST, Cold
from miasto.kernel.observations.sta.compiling import Compiler, Scope, key_condition, paths, sources, without_head
from miasto.kernel.observations.sta.options import Options
from miasto.kernel.observations.sta.output import Row
from miasto.kernel.observations.sta.parents import Parents, of_parents
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import DATASTREAM, FEATURE, OBSERVATION
from miasto.kernel.observations.sta.sql import Sql, all_of, joined, rows_of, sql, value
from miasto.kernel.observations.sta.syntax import Binary, Node, Order, Path

_ABOUT = "(d.feature_id = p.id OR d.id IN (SELECT about.series FROM observations_extra about WHERE about.feature = p.id))"


@dataclass(frozen=True)
class Plan:
    """``streams``: the condition on data streams ``d``; ``readings``: on an observation by its alias's scope."""

    streams: Sql
    residual: tuple[Node, ...]
    about: bool
    key: tuple[int, datetime, int] | None = None


def one(compiler: Compiler, key: str) -> Row | None:
    """An observation by its ``@iot.id``, or None."""
    found = []
    for source, c in _stores(compiler, _cold_of_key(key)):
        where = all_of(compiler.sight.of("Observation", c), key_condition(key, c))
        found.append(sql(f"SELECT {_columns(c)} FROM {{}} WHERE {{}}", source, where))  # noqa: S608 - from the schema
    rows = rows_of(joined(" UNION ALL ", found))
    return rows[0] if rows else None


def rows(compiler: Compiler, options: Options, parents: Parents | None) -> list[Row]:
    """The observations of a page and one more, in order; for each of the parents where there are any."""
    plan = _plan(compiler, options, parents)
    most = options.top + options.skip + 1
    bound = _newest_bound(plan, options, parents, most)
    streams = plan.streams if bound is None else all_of(plan.streams, _newest_streams(bound, plan, most))
    arms = []
    old = None if bound else _cold(plan, options, parents, most)
    for source, c in _stores(compiler, old):
        where = all_of(*_reading_conditions(compiler, plan, options, c, bound))
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
    return rows_of(of_parents(Sql(inner.text, (*inner.params, options.top + 1, options.skip)), parents))


def counts(compiler: Compiler, options: Options, parents: Parents | None) -> dict[Any, int]:
    """How many there are: the sum of the streams' counters where nothing is asked of the readings themselves."""
    plan = _plan(compiler, options, parents)
    if not plan.residual and not plan.about:
        inner = sql("SELECT COALESCE(sum(d.count), 0)::bigint AS count FROM observations_datastream d WHERE {}", plan.streams)
    else:
        arms = []
        for source, c in _stores(compiler, _cold(plan, replace(options, orderby=()), parents, MOST + 1)):
            where = all_of(*_reading_conditions(compiler, plan, Options(), c, None))
            arms.append(sql("SELECT 1 FROM {} WHERE {}", source, where))
        inner = sql(
            """SELECT count(*) AS count FROM (SELECT d.id, d.feature_id FROM observations_datastream d WHERE {}) d
            CROSS JOIN LATERAL ({}) o""",
            *(plan.streams, joined(" UNION ALL ", arms)),
        )
    return {row.get("_parent"): row["count"] for row in rows_of(of_parents(inner, parents))}


def is_keyed(options: Options) -> bool:
    """Whether the order is that of the key, or of time: then a page begins after a key."""
    return not options.orderby or _time_order(options.orderby) is not None


def _time_order(orderby: tuple[Order, ...]) -> bool | None:
    """Whether the order is by time alone and descending; None for another order."""
    if len(orderby) == 1 and isinstance(orderby[0].by, Path) and orderby[0].by.steps == ("phenomenonTime",):
        return orderby[0].descending
    return None


def _plan(compiler: Compiler, options: Options, parents: Parents | None) -> Plan:
    streams, residual = [compiler.sight.of("Datastream", "d")], []
    about = parents is not None and parents.entity is not DATASTREAM
    if parents is not None:
        streams.append(Sql(_ABOUT if about else "d.id = p.id"))
    for part in conjuncts(options.filter):
        named = list(paths(part))
        if named and all(len(path.steps) > 1 and path.steps[0] == "Datastream" for path in named):
            streams.append(compiler.condition(without_head(part), Scope(DATASTREAM, "d")))
        else:
            residual.append(part)
    key = _token(options.token) if options.token else None
    if key and not options.orderby:
        streams.append(sql("d.id >= {}", value(key[0])))
    return Plan(all_of(*streams), tuple(residual), about, key)


def conjuncts(node: Node | None) -> list[Node]:
    """The parts of a condition that must all hold."""
    if node is None:
        return []
    if isinstance(node, Binary) and node.op == "and":
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]


def _reading_conditions(compiler: Compiler, plan: Plan, options: Options, c: str, bound: Sql | None) -> list[Sql]:
    where = [Sql(f"{c}.series = d.id")]
    where += [compiler.condition(part, Scope(OBSERVATION, c)) for part in plan.residual]
    if plan.about:
        where.append(Sql(f"COALESCE({c}.feature, d.feature_id) = p.id"))
    if bound is not None:
        where.append(sql(f"{c}.time >= {{}}", bound))
    if plan.key:
        where += _after(plan.key, options, c)
    return where


def _after(key: tuple[int, datetime, int], options: Options, c: str) -> list[Sql]:
    """That an observation comes after a key in the order asked for; the bound on time alone is for the index."""
    series, moment, n = value(key[0]), value(key[1], "timestamptz"), value(key[2])
    descending = _time_order(options.orderby)
    if descending is None:
        here = sql(f"{c}.time >= CASE WHEN d.id = {{}} THEN {{}} ELSE '-infinity'::timestamptz END", series, moment)
        return [here, sql(f"(d.id, {c}.time, {c}.n) > ({{}}, {{}}, {{}})", series, moment, n)]
    sign = "<" if descending else ">"
    beyond = sql(f"({c}.time {sign} {{}} OR (d.id, {c}.n) > ({{}}, {{}}))", moment, series, n)
    return [sql(f"{c}.time {sign}= {{}}", moment), beyond]


def _keys(compiler: Compiler, options: Options, c: str) -> list[tuple[Sql, str]]:
    """The terms of $orderby: what by and which way."""
    made = []
    for term in options.orderby:
        by, nullable = compiler.order(term.by, Scope(OBSERVATION, c))
        nulls = (" NULLS LAST" if term.descending else " NULLS FIRST") if nullable else ""
        made.append((by, ("DESC" if term.descending else "ASC") + nulls))
    return made


def _newest_bound(plan: Plan, options: Options, parents: Parents | None, most: int) -> Sql | None:
    """For "the newest of all": an instant that so many readings of these streams are not older than, from the latest values."""
    if parents is not None or not _time_order(options.orderby) or plan.residual or plan.key:
        return None
    query = sql(
        """SELECT l.time FROM observations_latest l WHERE l.series IN (SELECT d.id FROM observations_datastream d WHERE {})
        ORDER BY l.time DESC OFFSET {} LIMIT 1""",
        *(plan.streams, value(most - 1)),
    )
    found = rows_of(query)
    return value(found[0]["time"], "timestamptz") if found else None


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


def _stores(compiler: Compiler, old: Cold | None) -> list[tuple[Sql, str]]:
    """Each store, ready to stand after FROM, and its alias."""
    c = compiler.alias()
    found = [Sql(source) for source in sources(Scope(OBSERVATION, c))]
    if old is not None:
        found[-1] = sql(f"(SELECT * FROM {found[-1].text} WHERE {c}.time >= {{}}) {c}", value(old.edge, "timestamptz"))  # noqa: S608 - from the schema
        found.append(sql(f"{{}} {c}", old.source))
    return [(source, c) for source in found]


def _cold_of_key(key: str) -> Cold | None:
    try:
        series, moment, n = times.observation_key(key)
    except ValueError:
        return None
    border = cold.edge()
    if border is None or n or moment >= border or series >= 2**31:
        return None
    return cold.cold([series], moment, moment + times.MICROSECOND, border)


def _cold(plan: Plan, options: Options, parents: Parents | None, most: int) -> Cold | None:
    """What the archive holds of the data streams asked for, where they are few."""
    border = cold.edge()
    if border is None or plan.about:
        return None
    if parents is None:
        series = cold.few_streams(plan.streams, border)
    else:
        series = list(parents.keys) if len(parents.keys) <= cold.FEW else []
    start, end, only = cold.bounds(plan.residual)
    order = _time_order(options.orderby)
    if plan.key and len(series) == 1:
        start, end = (start, min(end, plan.key[1] + times.MICROSECOND)) if order else (max(start, plan.key[1]), end)
    # the first rows are enough where the order is that of the archive and nothing but time is asked
    first = only and (not options.orderby or (order is False and len(series) == 1)) and len(series) == 1
    return cold.cold(series, start, end, border, most + 1 if first else cold.MOST + 1)


def _columns(c: str) -> str:
    made = [f"{text} AS {name}" for name, text in OBSERVATION.columns.items()]
    made += ['{t}.series AS "_Datastream"', f'{FEATURE} AS "_FeatureOfInterest"']
    return ", ".join(made).replace("{t}", c)


def _token(text: str) -> tuple[int, datetime, int]:
    try:
        return times.observation_key(text)
    except ValueError:
        raise Problem(400, _("Opcja „%(name)s” jest nieprawidłowa.") % {"name": "$skiptoken"}) from None
