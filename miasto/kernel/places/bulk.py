"""Rows in bulk: COPY into a staging table, then one statement that inserts what is new and updates what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

Row = Sequence[Any]


def upsert(model: type[models.Model], rows: Iterable[Row], *, unless_only: Sequence[str] = ()) -> int:
    """Write rows of a model (values as of ``row``) by primary key; returns how many were new or different.

    A row that differs in nothing but the columns ``unless_only`` is left as it is. ``created_at`` of a known row stays.
    Constraints hold as always (``IntegrityError``). Must run inside ``transaction.atomic``.
    """
    columns = [field.column for field, _convert in _columns(model)]
    table, staging = sql.Identifier(model._meta.db_table), sql.Identifier(f"staging_{model._meta.db_table}")
    names = _list("", columns)
    with connection.cursor() as cursor:
        made = sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(staging, names, table)
        cursor.execute(_text(made))
        with cursor.copy(_text(sql.SQL("COPY {} ({}) FROM STDIN").format(staging, names))) as copy:
            for values in rows:
                copy.write_row(values)
        cursor.execute(_text(_merge(table, staging, columns, unless_only)))
        written = cursor.rowcount
        cursor.execute(_text(sql.SQL("DROP TABLE {}").format(staging)))
    return written


def row(model: type[models.Model], values: dict[str, Any]) -> list[Any]:
    """The values of one row, by column name, in the order of the table and ready for COPY."""
    return [_converted(values[field.attname], convert) for field, convert in _columns(model)]


def geometry_text(geom: GEOSGeometry) -> str:
    """A geometry as COPY takes it; make it once where it goes into two tables."""
    return geom.hexewkb.decode()


def _converted(value: Any, convert: Callable[[Any], Any] | None) -> Any:
    return value if value is None or convert is None else convert(value)


@cache
def _columns(model: type[models.Model]) -> list[tuple[models.Field, Callable[[Any], Any] | None]]:
    return [(field, _converter(field)) for field in model._meta.concrete_fields if not field.generated]


def _converter(field: models.Field) -> Callable[[Any], Any] | None:
    if hasattr(field, "geom_type"):
        return lambda value: value if isinstance(value, str) else geometry_text(value)
    if isinstance(field, models.JSONField):
        return Jsonb
    return str if isinstance(field, models.CharField | models.TextField) else None


def _merge(table: sql.Identifier, staging: sql.Identifier, columns: list[str], unless_only: Sequence[str]) -> sql.Composed:
    changing = [name for name in columns if name not in ("id", "created_at")]
    telling = [name for name in changing if name not in unless_only]
    return sql.SQL(
        "INSERT INTO {table} AS kept ({names}) SELECT {names} FROM {staging} "
        "ON CONFLICT (id) DO UPDATE SET {changes} WHERE ({old}) IS DISTINCT FROM ({new})"
    ).format(
        table=table,
        staging=staging,
        names=_list("", columns),
        changes=sql.SQL(", ").join(
            sql.SQL("{} = EXCLUDED.{}").format(sql.Identifier(name), sql.Identifier(name)) for name in changing
        ),
        old=_list("kept", telling),
        new=_list("excluded", telling),
    )


def _list(alias: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in columns)


def _text(statement: sql.Composable) -> str:
    return statement.as_string(connection.connection)
