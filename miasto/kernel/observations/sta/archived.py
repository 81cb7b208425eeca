"""Questions about observations put to the archive: its rows for a page, its part of a count, for each of the parents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from miasto.kernel.observations.sta import cold, times
from miasto.kernel.observations.sta.bounds import bounds_of, order_of
from miasto.kernel.observations.sta.compiling import Compiler
from miasto.kernel.observations.sta.options import Options
from miasto.kernel.observations.sta.parents import Parents
from miasto.kernel.observations.sta.planning import Plan, reading_conditions
from miasto.kernel.observations.sta.schema import SERIES
from miasto.kernel.observations.sta.sql import Sql, all_of, rows_of, sql, value

if TYPE_CHECKING:
    from miasto.kernel.observations.archive.duck import Columns


def first_rows(compiler: Compiler, plan: Plan, options: Options, parents: Parents | None, edge: datetime) -> Sql | None:
    """The archived readings among which those of the page are, as a source. Raises ``Problem`` where there are too many."""
    found: list[Columns] = []
    for _key, asked in _questions(compiler, plan, options, parents, edge):
        rows = cold.first_rows(asked)
        if rows is not None:
            found.append(rows)
    return cold.source_of(_distinct(found))


def _distinct(found: list[Columns]) -> Columns | None:
    import numpy as np

    if len(found) < 2:
        return found[0] if found else None
    columns = type(found[0])(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    _keys, first = np.unique(np.stack([columns.series.astype(np.int64), columns.time]), axis=1, return_index=True)
    return type(columns)(*(column[first] for column in columns))


def counts(compiler: Compiler, plan: Plan, options: Options, parents: Parents | None, edge: datetime) -> dict[Any, int]:
    """How many archived readings pass, by the parent. Raises ``Problem`` where that takes too long."""
    made: dict[Any, int] = {}
    for key, asked in _questions(compiler, plan, options, parents, edge):
        found = cold.counts(asked)
        if asked.each:
            made |= found
        else:
            made[key] = sum(found.values())
    return made


def _questions(
    compiler: Compiler, plan: Plan, options: Options, parents: Parents | None, edge: datetime
) -> Iterator[tuple[Any, cold.Question]]:
    """One question for all parents that are data streams, one for each of others, one where there are none."""
    together = parents is None or parents.entity in SERIES
    for part in [parents] if together else [replace(parents, keys=(key,)) for key in parents.keys]:
        asked = cold.Question(
            streams=_streams(plan, part, edge),
            bounds=bounds_of(plan.residual),
            judge=_judge(compiler, plan, options, part) if plan.residual or plan.about else None,
            order=_order(options, part),
            most=options.top + options.skip + 1,
            edge=edge,
            each=part is not None and part.entity in SERIES and len(part.keys) > 1,
            after=None if plan.key is None else (plan.key[0], times.micros(plan.key[1])),
        )
        yield (None if part is None else part.keys[0]), asked


def _order(options: Options, parents: Parents | None) -> Any:
    found = order_of(options.orderby)
    single = parents is not None and parents.entity in SERIES
    return (("time", False),) if single and not found and found is not None else found


def _streams(plan: Plan, parents: Parents | None, edge: datetime) -> list[dict[str, Any]]:
    """The data streams that have anything old. ``home``: their readings are about the parent unless they say otherwise."""
    old, home, source = value(edge, "timestamptz"), "true", Sql("observations_datastream d")
    if parents is not None:
        source = sql("observations_datastream d, unnest({}) AS p(id)", value(list(parents.keys), parents.array))
        home = "COALESCE(d.feature_id = p.id, false)" if plan.about else home
    text = f"SELECT d.id, d.count, {home} AS home FROM {{}} WHERE {{}} AND d.first_at < {{}} ORDER BY d.id"  # noqa: S608
    return rows_of(sql(text, source, plan.streams, old))


def _judge(compiler: Compiler, plan: Plan, options: Options, parents: Parents | None) -> cold.Judge:
    def judge(source: Sql) -> Sql:
        c = compiler.alias()
        where = all_of(*reading_conditions(compiler, plan, options, c, None))
        behind = Sql("")
        if parents is not None and plan.about:
            behind = sql("CROSS JOIN unnest({}) AS p(id)", value(list(parents.keys), parents.array))
        streams = f"observations_datastream d ON d.id = {c}.series"
        return sql(f"SELECT {c}.place FROM {{}} {c} JOIN {streams} {{}} WHERE {{}}", source, behind, where)  # noqa: S608

    return judge


def named_elsewhere(parents: Parents | None) -> bool:
    """Whether an observation of these features, or of their data streams, names its own feature."""
    if parents is None:
        return True
    query = sql(
        """SELECT EXISTS (SELECT FROM observations_extra x WHERE x.feature = ANY({})) OR EXISTS (
           SELECT FROM observations_extra x JOIN observations_datastream d ON d.id = x.series
           WHERE x.feature IS NOT NULL AND d.feature_id = ANY({})) AS found""",
        *[value(list(parents.keys), parents.array)] * 2,
    )
    return bool(rows_of(query)[0]["found"])
