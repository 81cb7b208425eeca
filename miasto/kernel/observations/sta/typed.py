"""Typed pieces of SQL: how values of one kind become another, and how they are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.sql import Sql, sql, value
from miasto.kernel.observations.sta.syntax import Kind, Literal

OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
CASTS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.INSTANT: "timestamptz",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DURATION: "interval",
}


@dataclass(frozen=True)
class Typed:
    """A piece of SQL of a kind. ``end`` closes an interval, ``number`` is what of a result is kept as a number.

    ``parts`` is an observation's key as a row; ``constant`` what a literal says.
    """

    kind: Kind
    sql: Sql
    end: Sql | None = None
    number: Sql | None = None
    parts: Sql | None = None
    constant: Any = None

    def mapped(self, change: Callable[[Sql], Sql]) -> Typed:
        """The same with each piece changed."""
        pieces = {name: change(one) for name in ("end", "number", "parts") if (one := getattr(self, name)) is not None}
        return Typed(self.kind, change(self.sql), constant=self.constant, **pieces)


def literal(node: Literal) -> Typed:
    """A constant as a parameter. Raises ``Problem`` for a geometry that is none."""
    if node.kind is Kind.NULL:
        return Typed(Kind.NULL, Sql("NULL"))
    if node.kind is Kind.INTERVAL:
        start, end = node.value
        return Typed(Kind.INTERVAL, value(start, "timestamptz"), end=value(end, "timestamptz"), constant=node.value)
    if node.kind is Kind.GEOMETRY:
        return Typed(Kind.GEOMETRY, sql("{}", value(geometry(node.value, node.at), "geometry")), constant=node.value)
    if node.kind is Kind.NUMBER:
        return Typed(Kind.NUMBER, value(float(node.value), CASTS[Kind.NUMBER]), constant=node.value)
    return Typed(node.kind, value(node.value, CASTS[node.kind]), constant=node.value)


def geometry(wkt: str, at: int) -> str:
    """WKT in EPSG:4326 as hexadecimal EWKB. Raises ``Problem``."""
    text = wkt.strip()
    if text.upper().startswith("SRID="):
        text = text.partition(";")[2]
    try:
        if not text[:1].isalpha():
            raise ValueError(text)
        made = GEOSGeometry(text, srid=4326)
        return made.hexewkb.decode()
    except (GEOSException, ValueError, TypeError, UnicodeError):
        raise Problem(400, _("To nie jest poprawna geometria WKT: %(text)s.") % {"text": wkt[:60]}, at) from None


def as_kind(kind: Kind, one: Typed, at: int) -> Sql:
    """The piece as a value of a kind. Raises ``Problem`` where that cannot be."""
    if one.kind is kind:
        return one.sql
    if one.kind is Kind.NULL:
        return Sql(f"NULL::{CASTS[kind]}" if kind in CASTS else "NULL")
    if one.kind is Kind.JSON and kind in _OF_JSON:
        return _OF_JSON[kind](one)
    if one.kind is Kind.INTERVAL and kind is Kind.INSTANT:
        return one.sql
    if one.kind is Kind.KEY and kind is Kind.TEXT:
        return one.sql
    raise Problem(400, _("Potrzebna jest tu wartość innego rodzaju."), at)


def _number(one: Typed) -> Sql:
    """Numbers of JSON have no bounds, those of PostgreSQL have: what lies beyond is no number here."""
    text = json_text(one.sql)
    found = sql(
        """CASE WHEN jsonb_typeof({}) = 'number' AND abs(({})::numeric) < 1e300
           THEN round(({})::numeric, 200)::double precision END""",
        one.sql,
        text,
        text,
    )
    return found if one.number is None else sql("COALESCE({}, {})", one.number, found)


def json_text(one: Sql) -> Sql:
    """The text of a JSON value, a string without its quotes."""
    return Sql(f"({one.text} #>> '{{}}')", one.params)


_OF_JSON: dict[Kind, Callable[[Typed], Sql]] = {
    Kind.NUMBER: _number,
    Kind.TEXT: lambda one: sql("CASE WHEN jsonb_typeof({}) = 'string' THEN {} END", one.sql, json_text(one.sql)),
    Kind.BOOLEAN: lambda one: sql("({} = 'true'::jsonb)", one.sql),
}


def compare(op: str, left: Typed, right: Typed, at: int) -> Sql:
    """A comparison. Raises ``Problem`` for kinds that cannot be compared."""
    if Kind.NULL in (left.kind, right.kind):
        return _with_null(op, right if left.kind is Kind.NULL else left, at)
    if Kind.GEOMETRY in (left.kind, right.kind):
        raise Problem(400, _("Geometrie porównują funkcje st_… i geo.…"), at)
    if Kind.KEY in (left.kind, right.kind) and op in ("eq", "ne"):
        return _keys(op, left, right, at)
    if Kind.INTERVAL in (left.kind, right.kind):
        return _intervals(op, left, right, at)
    kind = _common(left, right, at)
    if kind is Kind.JSON:
        return _documents(op, left, right, at)
    return sql(f"({{}} {OPERATORS[op]} {{}})", as_kind(kind, left, at), as_kind(kind, right, at))


def _common(left: Typed, right: Typed, at: int) -> Kind:
    kinds = {left.kind, right.kind}
    if len(kinds) == 1:
        return left.kind
    if Kind.JSON in kinds:
        return next(kind for kind in kinds if kind is not Kind.JSON)
    if Kind.KEY in kinds:
        return Kind.TEXT
    if kinds == {Kind.INSTANT, Kind.DATE}:
        return Kind.DATE if left.constant is None and right.constant is None else Kind.INSTANT
    raise Problem(400, _("Nie można porównać wartości różnego rodzaju."), at)


def _with_null(op: str, one: Typed, at: int) -> Sql:
    if op not in ("eq", "ne"):
        raise Problem(400, _("Z null można porównywać tylko przez eq i ne."), at)
    empty = sql("({} IS NULL)", one.sql)
    if one.kind is Kind.JSON:
        empty = sql("({} IS NULL OR {} = 'null'::jsonb)", one.sql, one.sql)
        if one.number is not None:
            empty = sql("({} AND {} IS NULL)", empty, one.number)
    return empty if op == "eq" else sql("(NOT {})", empty)


def _keys(op: str, left: Typed, right: Typed, at: int) -> Sql:
    """By the columns of the key, so that its index serves."""
    key, other = (left, right) if left.kind is Kind.KEY else (right, left)
    if not isinstance(other.constant, str) or key.parts is None:
        return sql(f"({{}} {OPERATORS[op]} {{}})", as_kind(Kind.TEXT, left, at), as_kind(Kind.TEXT, right, at))
    try:
        series, moment, n = times.observation_key(other.constant)
    except ValueError:
        return Sql("false" if op == "eq" else "true")
    parts = sql("({}, {}, {})", value(series), value(moment, "timestamptz"), value(n))
    return sql(f"({{}} {OPERATORS[op]} {{}})", key.parts, parts)


def _documents(op: str, left: Typed, right: Typed, at: int) -> Sql:
    """Two values of JSON: equal as documents, ordered as numbers."""
    if op in ("eq", "ne") and left.number is None and right.number is None:
        return sql(f"({{}} {OPERATORS[op]} {{}})", left.sql, right.sql)
    return sql(f"({{}} {OPERATORS[op]} {{}})", as_kind(Kind.NUMBER, left, at), as_kind(Kind.NUMBER, right, at))


def _intervals(op: str, left: Typed, right: Typed, at: int) -> Sql:
    """Before and after as for time: all of one before all of the other; equal where both ends are."""
    (start, end), (first, last) = _ends(left, at), _ends(right, at)
    if op in ("eq", "ne"):
        same = sql("({} = {} AND {} = {})", start, first, end, last)
        return same if op == "eq" else sql("(NOT {})", same)
    sign = OPERATORS[op]
    if op in ("lt", "le"):
        # the start too, although it follows: the index is on it
        return sql(f"({{}} {sign} {{}} AND {{}} {sign} {{}})", end, first, start, first)
    return sql(f"({{}} {sign} {{}})", start, last)


def _ends(one: Typed, at: int) -> tuple[Sql, Sql]:
    if one.kind is Kind.DATE:
        instant = sql("({})::timestamp AT TIME ZONE 'UTC'", one.sql)
        return instant, instant
    if one.kind not in (Kind.INTERVAL, Kind.INSTANT):
        raise Problem(400, _("Nie można porównać wartości różnego rodzaju."), at)
    return one.sql, one.end or one.sql
