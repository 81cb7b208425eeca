"""Pieces of SQL with their parameters: text is only ever joined with text written here, values only ever passed beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection


class Sql(NamedTuple):
    """A piece of SQL for psycopg: ``%s`` for each of ``params``."""

    text: str
    params: tuple[Any, ...] = ()


def sql(template: str, *parts: Sql) -> Sql:
    """``template`` with each ``{}`` replaced by a piece, in order."""
    pieces = template.split("{}")
    if len(pieces) != len(parts) + 1:
        raise ValueError(template)
    text = pieces[0] + "".join(part.text + piece for part, piece in zip(parts, pieces[1:], strict=True))
    return Sql(text, tuple(value for part in parts for value in part.params))


def value(one: Any, cast: str = "") -> Sql:
    """A parameter; ``cast`` is the name of a PostgreSQL type."""
    return Sql(f"%s::{cast}" if cast else "%s", (one,))


def joined(separator: str, parts: Iterable[Sql]) -> Sql:
    """The pieces with a separator between them."""
    found = list(parts)
    return Sql(separator.join(part.text for part in found), tuple(one for part in found for one in part.params))


TRUE = Sql("true")


def all_of(*parts: Sql | None) -> Sql:
    """The conjunction of conditions; None and ``TRUE`` are left out."""
    found = [part for part in parts if part is not None and part != TRUE]
    if not found:
        return TRUE
    return joined(" AND ", (sql("({})", part) for part in found))


def rows_of(query: Sql) -> list[dict[str, Any]]:
    """Run the query; its rows by the names of their columns."""
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
