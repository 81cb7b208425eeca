"""From abstract syntax to SQL: every name comes from the schema, every value goes as a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import cold, functions, times
from miasto.kernel.observations.sta.access import Sight
from miasto.kernel.observations.sta.bounds import bounds_of
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION, STORES, Entity, Field, Link
from miasto.kernel.observations.sta.sql import Sql, all_of, joined, rows_of, sql, value
from miasto.kernel.observations.sta.syntax import COMPARISONS, Binary, Call, Kind, Literal, Member, Node, Not, Path
from miasto.kernel.observations.sta.typed import SIGNS, Typed, as_kind, compare, literal

ORDERABLE = {Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.INSTANT, Kind.INTERVAL, Kind.DATE, Kind.TIME, Kind.DURATION, Kind.JSON}


@dataclass(frozen=True)
class Scope:
    """Whose properties a path names: the entity and the alias of its row."""

    entity: Entity
    alias: str


class Compiler:
    """Compiles for one viewer; aliases are its own, so that pieces may be put together."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.count = 0

    def alias(self) -> str:
        """A new alias."""
        self.count += 1
        return f"e{self.count}"

    def condition(self, node: Node, scope: Scope) -> Sql:
        """A condition of $filter. Raises ``Problem``."""
        if isinstance(node, Binary) and node.op in ("and", "or"):
            parts = [self.condition(node.left, scope), self.condition(node.right, scope)]
            return sql(f"({{}} {node.op.upper()} {{}})", *parts)
        if isinstance(node, Not):
            return sql("(NOT {})", self.condition(node.operand, scope))
        return self._primitive(node, scope)

    def _primitive(self, node: Node, scope: Scope) -> Sql:
        """A comparison or a boolean function; where all of it lies behind one link, it is asked there."""
        heads = {self._head(path, scope.entity) for path in paths(node)}
        if len(heads) == 1 and (head := heads.pop()):
            return self._behind(head, without_head(node), scope)
        if isinstance(node, Binary) and node.op in COMPARISONS:
            left, right = self.typed(node.left, scope), self.typed(node.right, scope)
            return compare(node.op, left, right, node.at)
        if isinstance(node, Member):
            left = self.typed(node.left, scope)
            found = [compare("eq", left, self.typed(item, scope), node.at) for item in node.items]
            return sql("({})", joined(" OR ", found)) if found else Sql("false")
        return as_kind(Kind.BOOLEAN, self.typed(node, scope), node.at)

    def _behind(self, head: str, node: Node, scope: Scope) -> Sql:
        link = scope.entity.links[head]
        inner = Scope(ENTITIES[link.target], self.alias())
        asked = self._primitive(node, inner)
        if inner.entity is OBSERVATION:
            found = [self._exists(Sql(source), link, asked, scope, inner) for source in sources(inner)]
            if (old := self._archived(node)) is not None:
                found.append(self._exists(sql(f"{{}} {inner.alias}", old), link, asked, scope, inner))
            return sql("({})", joined(" OR ", found))
        return self._exists(Sql(sources(inner)[0]), link, asked, scope, inner)

    def _archived(self, node: Node) -> Sql | None:
        """Archived observations for which a condition holds, at least one of each data stream that has any."""
        edge = cold.stamp().edge
        if edge is None:
            return None

        def judge(source: Sql) -> Sql:
            inner = Scope(OBSERVATION, self.alias())
            c = inner.alias
            return sql(f"SELECT {c}.place FROM {{}} {c} WHERE {{}}", source, self._primitive(node, inner))  # noqa: S608

        seen, old = self.sight.of("Datastream", "d"), value(edge, "timestamptz")
        streams = rows_of(
            sql("SELECT d.id, d.count FROM observations_datastream d WHERE {} AND d.first_at < {} ORDER BY d.id", seen, old)
        )
        asked = cold.Question(streams=streams, bounds=bounds_of([node]), judge=judge, order=(), most=1, edge=edge)
        return cold.source_of(cold.one_of_each(asked))

    def _exists(self, source: Sql, link: Link, asked: Sql, scope: Scope, inner: Scope) -> Sql:
        on = Sql(link.on.replace("{p}", scope.alias).replace("{c}", inner.alias))
        where = all_of(on, self.sight.of(inner.entity.name, inner.alias), asked)
        return sql("EXISTS (SELECT 1 FROM {} WHERE {})", source, where)

    def _head(self, path: Path, entity: Entity) -> str:
        return path.steps[0] if len(path.steps) > 1 and path.steps[0] in entity.links else ""

    def typed(self, node: Node, scope: Scope) -> Typed:
        """An expression with its kind. Raises ``Problem``."""
        if isinstance(node, Literal):
            return literal(node)
        if isinstance(node, Path):
            return self._path(node, scope)
        if isinstance(node, Call):
            return functions.call(node, [self.typed(one, scope) for one in node.args])
        if isinstance(node, Binary) and node.op in SIGNS:
            return functions.arithmetic(node, self.typed(node.left, scope), self.typed(node.right, scope))
        return Typed(Kind.BOOLEAN, self.condition(node, scope))

    def _path(self, path: Path, scope: Scope) -> Typed:
        head = self._head(path, scope.entity)
        if not head:
            return property_of(path, scope)
        link = scope.entity.links[head]
        if link.many:
            raise Problem(400, _("Nie można tu użyć „%(name)s”, bo prowadzi do wielu obiektów.") % {"name": head}, path.at)
        inner = Scope(ENTITIES[link.target], self.alias())
        found = self._path(replace(path, steps=path.steps[1:]), inner)
        return found.mapped(lambda part: self._scalar(part, link, scope, inner))

    def _scalar(self, part: Sql, link: Link, scope: Scope, inner: Scope) -> Sql:
        on = Sql(link.on.replace("{p}", scope.alias).replace("{c}", inner.alias))
        where = all_of(on, self.sight.of(inner.entity.name, inner.alias))
        return sql(f"(SELECT {{}} FROM {sources(inner)[0]} WHERE {{}})", part, where)  # noqa: S608 - from the schema

    def order(self, node: Node, scope: Scope) -> tuple[Sql, bool]:
        """A term of $orderby and whether it may be null."""
        found = self.typed(node, scope)
        if found.kind is Kind.KEY and found.parts is not None:
            return found.parts, False
        if found.kind not in ORDERABLE or not any(paths(node)):
            raise Problem(400, _("Nie można układać według tej wartości."), node.at)
        if found.number is not None:
            return found.number, True
        nullable = not isinstance(node, Path) or len(node.steps) > 1 or field_of(node, scope.entity)[0].nullable
        return found.sql, nullable


def sources(scope: Scope) -> list[str]:
    """What stands after FROM: one table, or both stores of observations."""
    if scope.entity is OBSERVATION:
        return [f"({store}) {scope.alias}" for store in STORES]
    return [f"{scope.entity.table} {scope.alias}"]


def paths(node: Node) -> Iterator[Path]:
    """Every path in an expression."""
    if isinstance(node, Path):
        yield node
    for part in _parts(node):
        yield from paths(part)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Binary):
        return node.left, node.right
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Member):
        return (node.left, *node.items)
    return (node.operand,) if isinstance(node, Not) else ()


def without_head(node: Node) -> Node:
    """The expression with the first step taken from each of its paths."""
    if isinstance(node, Path):
        return replace(node, steps=node.steps[1:])
    if isinstance(node, Binary):
        return replace(node, left=without_head(node.left), right=without_head(node.right))
    if isinstance(node, Call):
        return replace(node, args=tuple(without_head(one) for one in node.args))
    if isinstance(node, Member):
        return replace(node, left=without_head(node.left), items=tuple(without_head(one) for one in node.items))
    return replace(node, operand=without_head(node.operand)) if isinstance(node, Not) else node


NAMES: dict[str, str] = {"@iot.id": "id", "iot.id": "id"}


def field_of(path: Path, entity: Entity) -> tuple[Field, tuple[str, ...]]:
    """The property that a path names, and the steps into its JSON. Raises ``Problem``."""
    name = NAMES.get(path.steps[0], path.steps[0])
    pair = "/".join(path.steps[:2])
    if pair in entity.fields:
        found, rest = entity.fields[pair], path.steps[2:]
    elif name in entity.fields:
        found, rest = entity.fields[name], path.steps[1:]
    else:
        what = {"name": path.steps[0][:60], "entity": entity.name}
        raise Problem(400, _("%(entity)s nie ma własności „%(name)s”.") % what, path.at)
    if rest and found.kind is not Kind.JSON:
        raise Problem(400, _("Własność „%(name)s” nie ma części.") % {"name": path.steps[0][:60]}, path.at)
    return found, rest


def property_of(path: Path, scope: Scope) -> Typed:
    """A property of the row itself, or a part of its JSON."""
    found, rest = field_of(path, scope.entity)

    def of(text: str) -> Sql:
        return Sql(text.replace("{t}", scope.alias))

    if rest:
        return Typed(Kind.JSON, sql("({} #> {})", of(found.sql), value(list(rest), "text[]")))
    if found.kind is Kind.KEY:
        return _observation_key(scope.alias)
    end = of(found.end) if found.end else None
    if end is not None and not found.nullable:
        end = sql("COALESCE({}, {})", end, of(found.sql))
    return Typed(found.kind, of(found.sql), end=end, number=of(found.number) if found.number else None)


def _observation_key(t: str) -> Typed:
    stamp = f"(extract(epoch FROM {t}.time) * 1000000)::bigint"
    return Typed(Kind.KEY, Sql(f"({t}.series || '-' || {stamp} || '-' || {t}.n)"), parts=Sql(f"({t}.series, {t}.time, {t}.n)"))


def key_condition(text: str, alias: str) -> Sql:
    """That an observation has this ``@iot.id``; false for what is none."""
    try:
        series, moment, n = times.observation_key(text)
    except ValueError:
        return Sql("false")
    return sql(f"({alias}.series = {{}} AND {alias}.time = {{}} AND {alias}.n = {{}})", *map(value, (series, moment, n)))
