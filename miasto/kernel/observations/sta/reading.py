"""Reads of entities: one query for a page, one more for each link that is expanded, however many entities there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import observations
from miasto.kernel.observations.sta.access import Sight
from miasto.kernel.observations.sta.compiling import Compiler, Scope
from miasto.kernel.observations.sta.options import Expand, Options
from miasto.kernel.observations.sta.output import Row, key_of
from miasto.kernel.observations.sta.parents import Parents, of_parents
from miasto.kernel.observations.sta.paths import Step
from miasto.kernel.observations.sta.planning import is_keyed
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION, THING, Entity, Link
from miasto.kernel.observations.sta.sql import Sql, all_of, joined, rows_of, sql, value

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer


@dataclass
class Page:
    """Rows of one page, whether there are more, and how many there are in all (None: not asked)."""

    rows: list[Row] = field(default_factory=list)
    more: bool = False
    count: int | None = None


class Reader:
    """Reads for one viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self.compiler = Compiler(Sight(viewer))

    def page(self, entity: Entity, options: Options, parents: Parents | None = None) -> Page:
        """One page of a set, links expanded; ``parents`` holds one key."""
        found = self._pages(entity, options, parents)
        page = next(iter(found.values()), Page(count=0 if options.count else None))
        self.expand(entity, page.rows, options.expand)
        return page

    def one(self, step: Step, options: Options, before: tuple[Entity, Row] | None = None) -> Row | None:
        """The entity of a step of a path, or None; ``before`` is the entity that stands before it in the path."""
        entity, c = step.entity, self.compiler.alias()
        if step.entity is OBSERVATION:
            row = observations.one(self.compiler, str(step.key))
            if row and before and not self._observed_by(before, row):
                return None
        else:
            where = [self.compiler.sight.of(entity.name, c)]
            if step.key is not None:
                where.append(sql(f"{entity.number.replace('{t}', c)} = {{}}", value(step.key)))
            row = self._linked(step, c, where, before)
        if row is not None:
            self.expand(entity, [row], options.expand)
        return row

    def _linked(self, step: Step, c: str, where: list[Sql], before: tuple[Entity, Row] | None) -> Row | None:
        entity, source = step.entity, f"{step.entity.table} {c}"
        if before is not None:
            parent, row = before
            link = parent.links[step.link]
            if parent is OBSERVATION:
                where.append(sql(f"{c}.id = {{}}", value(row[f"_{step.link}"])))
            else:
                source = f"{parent.table} p, {source}"
                where.append(sql(f"{parent.key.replace('{t}', 'p')} = {{}}", value(row["_pk"])))
                where.append(Sql(link.on.replace("{p}", "p").replace("{c}", c)))
        columns = joined(", ", _columns(entity, c, [one for one, link in entity.links.items() if link.key]))
        rows = rows_of(sql(f"SELECT {{}} FROM {source} WHERE {{}} LIMIT 1", columns, all_of(*where)))  # noqa: S608 - from the schema
        return rows[0] if rows else None

    def _observed_by(self, before: tuple[Entity, Row], row: Row) -> bool:
        parent, owner = before
        return owner["_pk"] == row[f"_{parent.name}"]

    def expand(self, entity: Entity, rows: list[Row], expands: Iterable[Expand]) -> None:
        """Put what is behind each link into ``row["_expanded"]``; constantly many queries."""
        for one in expands:
            link = entity.links[one.name]
            target = ENTITIES[link.target]
            if not rows:
                continue
            if link.many:
                self._expand_many(entity, rows, one, link, target)
            else:
                self._expand_one(rows, one, target)

    def _expand_one(self, rows: list[Row], one: Expand, target: Entity) -> None:
        keys = {row[f"_{one.name}"] for row in rows} - {None}
        found = {row["_pk"]: row for row in self._by_keys(target, keys)}
        for row in rows:
            row.setdefault("_expanded", {})[one.name] = found.get(row[f"_{one.name}"])
        self.expand(target, list(found.values()), one.options.expand)

    def _by_keys(self, entity: Entity, keys: set[Any]) -> list[Row]:
        c = self.compiler.alias()
        columns = joined(", ", _columns(entity, c, [name for name, link in entity.links.items() if link.key]))
        kind = "uuid[]" if entity is THING else "bigint[]"
        where = all_of(self.compiler.sight.of(entity.name, c), sql(f"{c}.id = ANY({{}})", value(list(keys), kind)))
        return rows_of(sql(f"SELECT {{}} FROM {entity.table} {c} WHERE {{}}", columns, where))  # noqa: S608 - from the schema

    def _expand_many(self, entity: Entity, rows: list[Row], one: Expand, link: Link, target: Entity) -> None:
        found = self._pages(target, one.options, Parents(entity, link, tuple(row["_pk"] for row in rows)))
        empty = 0 if one.options.count else None
        for row in rows:
            row.setdefault("_expanded", {})[one.name] = found.get(row["_pk"]) or Page(count=empty)
        self.expand(target, [child for page in found.values() for child in page.rows], one.options.expand)

    def _pages(self, entity: Entity, options: Options, parents: Parents | None) -> dict[Any, Page]:
        """Pages by the parent's key (None where there are no parents)."""
        if entity is OBSERVATION:
            rows = observations.rows(self.compiler, options, parents)
            counts = observations.counts(self.compiler, options, parents) if options.count else {}
        else:
            rows = self._page_rows(entity, options, parents)
            counts = self._counts(entity, options, parents) if options.count else {}
        pages: dict[Any, Page] = {}
        for row in rows:
            pages.setdefault(row.get("_parent"), Page()).rows.append(row)
        for key, count in counts.items():
            pages.setdefault(key, Page()).count = count
        for page in pages.values():
            page.more = len(page.rows) > options.top > 0  # who asks for none is not sent on for ever
            del page.rows[options.top :]
        return pages

    def _where(self, entity: Entity, c: str, options: Options, parents: Parents | None) -> Sql:
        where = [self.compiler.sight.of(entity.name, c)]
        if parents is not None:
            where.append(Sql(parents.link.on.replace("{p}", "p").replace("{c}", c)))
        if options.filter is not None:
            where.append(self.compiler.condition(options.filter, Scope(entity, c)))
        return all_of(*where)

    def _page_rows(self, entity: Entity, options: Options, parents: Parents | None) -> list[Row]:
        c = self.compiler.alias()
        where = self._where(entity, c, options, parents)
        number = entity.number.replace("{t}", c)
        if options.token:
            where = all_of(where, sql(f"{number} > {{}}", value(_token(options.token))))
        order = joined(", ", [*self.order(entity, c, options), Sql(number)])
        columns = joined(", ", _columns(entity, c, [name for name, link in entity.links.items() if link.key]))
        limit = Sql("LIMIT %s OFFSET %s", (options.top + 1, options.skip))
        inner = sql(f"SELECT {{}} FROM {entity.table} {c} WHERE {{}} ORDER BY {{}} {{}}", columns, where, order, limit)  # noqa: S608 - from the schema
        return rows_of(of_parents(inner, parents))

    def order(self, entity: Entity, c: str, options: Options) -> list[Sql]:
        """The terms of ORDER BY; nothing comes before something, as OData says."""
        made = []
        for term in options.orderby:
            by, nullable = self.compiler.order(term.by, Scope(entity, c))
            way = ("DESC" if term.descending else "ASC") + _NULLS[term.descending, nullable]
            made.append(sql(f"{{}} {way}", by))
        return made

    def _counts(self, entity: Entity, options: Options, parents: Parents | None) -> dict[Any, int]:
        c = self.compiler.alias()
        where = self._where(entity, c, options, parents)
        inner = sql(f"SELECT count(*) AS count FROM {entity.table} {c} WHERE {{}}", where)  # noqa: S608 - from the schema
        return {row.get("_parent"): row["count"] for row in rows_of(of_parents(inner, parents))}


_NULLS = {(False, False): "", (True, False): "", (False, True): " NULLS FIRST", (True, True): " NULLS LAST"}


def _token(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Problem(400, _("Opcja „%(name)s” jest nieprawidłowa.") % {"name": "$skiptoken"})
    return int(text)


def _columns(entity: Entity, c: str, links: Iterable[str]) -> list[Sql]:
    made = [f"{entity.key} AS _pk", f"{entity.number} AS _id"]
    made += [f'{text} AS "{name}"' for name, text in entity.columns.items()]
    made += [f'{entity.links[name].key.replace("{p}", "{t}")} AS "_{name}"' for name in links]
    return [Sql(text.replace("{t}", c)) for text in made]


def next_token(entity: Entity, options: Options, page: Page) -> dict[str, str]:
    """Where the next page begins: after a key where the order allows it, else by ``$skip``."""
    keyed = is_keyed(options) if entity is OBSERVATION else not options.orderby
    if keyed and page.rows:
        return {"skiptoken": str(key_of(entity, page.rows[-1]))}
    return {"skip": str(options.skip + options.top)}
