"""What a question about observations asks of data streams, what of each observation, and where its page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.compiling import Compiler, Scope, paths, without_head
from miasto.kernel.observations.sta.options import Options
from miasto.kernel.observations.sta.parents import Parents
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import ENTITIES, FEATURE_OF_INTEREST, OBSERVATION, SERIES
from miasto.kernel.observations.sta.sql import Sql, all_of, sql, value
from miasto.kernel.observations.sta.syntax import Binary, Node, Not, Order, Path

_OF = {"Datastream": "d.multi IS NULL", "MultiDatastream": "d.multi IS NOT NULL"}
_ABOUT = "(d.feature_id = p.id OR d.id IN (SELECT about.series FROM observations_extra about WHERE about.feature = p.id))"


@dataclass(frozen=True)
class Plan:
    """``streams``: the condition on data streams ``d``; ``readings``: on an observation by its alias's scope."""

    streams: Sql
    residual: tuple[Node, ...]
    about: bool
    key: tuple[int, datetime, int] | None = None


def is_keyed(options: Options) -> bool:
    """Whether the order is that of the key, or of time: then a page begins after a key."""
    return not options.orderby or time_order(options.orderby) is not None


def time_order(orderby: tuple[Order, ...]) -> bool | None:
    """Whether the order is by time alone and descending; None for another order."""
    if len(orderby) == 1 and isinstance(orderby[0].by, Path) and orderby[0].by.steps == ("phenomenonTime",):
        return orderby[0].descending
    return None


def plan_of(compiler: Compiler, options: Options, parents: Parents | None) -> Plan:
    streams, residual = [compiler.sight.of("Datastream", "d")], []
    about = parents is not None and parents.entity not in SERIES
    if parents is not None:
        streams.append(Sql(_ABOUT if about else "d.id = p.id"))
    for part in conjuncts(options.filter):
        named = list(paths(part))
        heads = {path.steps[0] if len(path.steps) > 1 else "" for path in named}
        head = heads.pop() if len(heads) == 1 else ""
        if head in _OF:
            streams.append(compiler.condition(without_head(part), Scope(ENTITIES[head], "d")))
            streams.append(Sql(_OF[head]))
        else:
            residual.append(part)
            if head == "FeatureOfInterest" and not isinstance(part, Not) and getattr(part, "op", "") != "or":
                streams.append(_with_readings_about(compiler, without_head(part)))
    key = _token(options.token) if options.token else None
    if key and not options.orderby:
        streams.append(sql("d.id >= {}", value(key[0])))
    return Plan(all_of(*streams), tuple(residual), about, key)


def _with_readings_about(compiler: Compiler, node: Node) -> Sql:
    """The data streams ``d`` whose readings can be about such a feature: a few, where all readings would have to be asked."""
    f = compiler.alias()
    asked = compiler.condition(node, Scope(FEATURE_OF_INTEREST, f))
    features = sql(f"SELECT {f}.id FROM {FEATURE_OF_INTEREST.table} {f} WHERE {{}}", asked)  # noqa: S608 - from the schema
    about = "d.id IN (SELECT about.series FROM observations_extra about WHERE about.feature IN ({}))"
    return sql(f"(d.feature_id IN ({{}}) OR {about})", features, features)


def conjuncts(node: Node | None) -> list[Node]:
    """The parts of a condition that must all hold."""
    if node is None:
        return []
    if isinstance(node, Binary) and node.op == "and":
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]


def reading_conditions(compiler: Compiler, plan: Plan, options: Options, c: str, bound: Sql | None) -> list[Sql]:
    """What must hold of an observation ``c`` of the data stream ``d`` (and the parent ``p``)."""
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
    descending = time_order(options.orderby)
    if descending is None:
        here = sql(f"{c}.time >= CASE WHEN d.id = {{}} THEN {{}} ELSE '-infinity'::timestamptz END", series, moment)
        return [here, sql(f"(d.id, {c}.time, {c}.n) > ({{}}, {{}}, {{}})", series, moment, n)]
    sign = "<" if descending else ">"
    beyond = sql(f"({c}.time {sign} {{}} OR (d.id, {c}.n) > ({{}}, {{}}))", moment, series, n)
    return [sql(f"{c}.time {sign}= {{}}", moment), beyond]


def _token(text: str) -> tuple[int, datetime, int]:
    try:
        return times.observation_key(text)
    except ValueError:
        raise Problem(400, _("Opcja „%(name)s” jest nieprawidłowa.") % {"name": "$skiptoken"}) from None
