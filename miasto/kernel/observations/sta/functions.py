"""The functions of $filter (18-088 § 9.3.3.5.2): a table of what they take, what they yield and their SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.sql import Sql, sql, value
from miasto.kernel.observations.sta.syntax import Binary, Call, Kind
from miasto.kernel.observations.sta.typed import SIGNS, Typed, as_kind

TEXT, NUMBER, BOOLEAN = Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN
INSTANT, DATE, TIME, GEOMETRY = Kind.INSTANT, Kind.DATE, Kind.TIME, Kind.GEOMETRY
_RELATION = re.compile(r"[TF*012]{9}\Z")


@dataclass(frozen=True)
class Function:
    """``takes`` kinds, ``yields`` a kind; ``sql`` has ``{}`` for each argument in order."""

    takes: tuple[Kind, ...]
    yields: Kind
    sql: str


def _part(name: str) -> Function:
    return Function((INSTANT,), NUMBER, f"extract({name} FROM {{}} AT TIME ZONE 'UTC')::double precision")


def _spatial(name: str) -> Function:
    return Function((GEOMETRY, GEOMETRY), BOOLEAN, f"ST_{name}({{}}, {{}})")


FUNCTIONS: dict[str, Function] = {
    "substringof": Function((TEXT, TEXT), BOOLEAN, "(position({} IN {}) > 0)"),
    "contains": Function((TEXT, TEXT), BOOLEAN, "(strpos({}, {}) > 0)"),
    "startswith": Function((TEXT, TEXT), BOOLEAN, "starts_with({}, {})"),
    "endswith": Function((TEXT, TEXT), BOOLEAN, "starts_with(reverse({}), reverse({}))"),
    "length": Function((TEXT,), NUMBER, "length({})::double precision"),
    "indexof": Function((TEXT, TEXT), NUMBER, "(strpos({}, {}) - 1)::double precision"),
    "tolower": Function((TEXT,), TEXT, "lower({})"),
    "toupper": Function((TEXT,), TEXT, "upper({})"),
    "trim": Function((TEXT,), TEXT, "trim({})"),
    "concat": Function((TEXT, TEXT), TEXT, "({} || {})"),
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "second": Function((INSTANT,), NUMBER, "floor(extract(second FROM {}))::double precision"),
    "fractionalseconds": Function((INSTANT,), NUMBER, "mod(extract(second FROM {}), 1)::double precision"),
    "date": Function((INSTANT,), DATE, "({} AT TIME ZONE 'UTC')::date"),
    "time": Function((INSTANT,), TIME, "({} AT TIME ZONE 'UTC')::time"),
    "totaloffsetminutes": Function((INSTANT,), NUMBER, "(CASE WHEN {} IS NOT NULL THEN 0 END)::double precision"),
    "mindatetime": Function((), INSTANT, "'-infinity'::timestamptz"),
    "maxdatetime": Function((), INSTANT, "'infinity'::timestamptz"),
    "round": Function((NUMBER,), NUMBER, "round(({})::numeric)::double precision"),
    "floor": Function((NUMBER,), NUMBER, "floor({})"),
    "ceiling": Function((NUMBER,), NUMBER, "ceiling({})"),
    "geo.distance": Function((GEOMETRY, GEOMETRY), NUMBER, "ST_Distance({}, {})"),
    "geo.length": Function((GEOMETRY,), NUMBER, "ST_Length({})"),
    "geo.intersects": _spatial("Intersects"),
    **{f"st_{name.lower()}": _spatial(name) for name in ("Equals", "Disjoint", "Touches", "Within", "Overlaps", "Crosses")},
    **{f"st_{name.lower()}": _spatial(name) for name in ("Intersects", "Contains")},
}


def call(node: Call, args: list[Typed]) -> Typed:
    """A call of a function. Raises ``Problem`` for an unknown name, a wrong number or kind of arguments."""
    if node.name in _SPECIAL:
        return _SPECIAL[node.name](node, args)
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise Problem(400, _("Nie ma funkcji „%(name)s”.") % {"name": node.name[:60]}, node.at)
    _demand(node, args, len(function.takes))
    given = [as_kind(kind, one, node.at) for kind, one in zip(function.takes, args, strict=True)]
    return Typed(function.yields, sql(function.sql, *given))


def _demand(node: Call, args: list[Typed], *counts: int) -> None:
    if len(args) not in counts:
        told = {"name": node.name, "count": " / ".join(map(str, counts))}
        raise Problem(400, _("Niewłaściwa liczba argumentów funkcji „%(name)s”; powinna wynosić: %(count)s.") % told, node.at)


def _now(node: Call, args: list[Typed]) -> Typed:
    _demand(node, args, 0)
    return Typed(INSTANT, value(clock.now(), "timestamptz"))


def _substring(node: Call, args: list[Typed]) -> Typed:
    """Counted from 0; a negative beginning counts from the start of the text."""
    _demand(node, args, 2, 3)
    text = as_kind(TEXT, args[0], node.at)
    start, *length = (_whole(one, node) for one in args[1:])
    if length:
        return Typed(TEXT, sql("substr({}, {} + 1, {})", text, start, length[0]))
    return Typed(TEXT, sql("substr({}, {} + 1)", text, start))


def _whole(one: Typed, node: Call) -> Sql:
    """A number as a position in a text: between 0 and a million, so that nothing overflows."""
    return sql("least(greatest(floor({}), 0), 1000000)::integer", as_kind(NUMBER, one, node.at))


def _relate(node: Call, args: list[Typed]) -> Typed:
    _demand(node, args, 3)
    pattern = args[2].constant
    if not isinstance(pattern, str) or not _RELATION.match(pattern):
        raise Problem(400, _("Wzór funkcji st_relate to dziewięć znaków: T, F, *, 0, 1, 2."), node.at)
    given = [as_kind(GEOMETRY, one, node.at) for one in args[:2]]
    return Typed(BOOLEAN, sql("ST_Relate({}, {}, {})", *given, value(pattern, "text")))


_SPECIAL = {"now": _now, "substring": _substring, "st_relate": _relate}


def arithmetic(node: Binary, left: Typed, right: Typed) -> Typed:
    """Numbers; an instant and a duration; the duration between two instants. Raises ``Problem``."""
    pair = (_plain(left), _plain(right))
    moved = {(INSTANT, Kind.DURATION): INSTANT, (Kind.DURATION, Kind.DURATION): Kind.DURATION}.get(pair)
    if node.op == "sub" and pair == (INSTANT, INSTANT):
        moved = Kind.DURATION
    if moved and node.op in ("add", "sub"):
        return Typed(moved, sql(f"({{}} {SIGNS[node.op]} {{}})", left.sql, right.sql))
    a, b = as_kind(NUMBER, left, node.at), as_kind(NUMBER, right, node.at)
    if node.op == "div":
        return Typed(NUMBER, sql("({} / NULLIF({}, 0))", a, b))
    if node.op == "mod":
        return Typed(NUMBER, sql("mod(({})::numeric, NULLIF({}, 0)::numeric)::double precision", a, b))
    return Typed(NUMBER, sql(f"({{}} {SIGNS[node.op]} {{}})", a, b))


def _plain(one: Typed) -> Kind:
    return INSTANT if one.kind is Kind.INTERVAL else one.kind
