"""Rows in bulk: COPY into a staging table, then one statement that inserts what is new and updates what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb


def upsert(objs: Sequence[models.Model], *, unless_only: Sequence[str] = ()) -> int:
    """Write rows of one model by primary key; returns how many were new or different.

    A row that differs in nothing but the columns ``unless_only`` is left as it is. ``created_at`` of a known row stays.
    Constraints hold as always (``IntegrityError``). Must run inside ``transaction.atomic``.
    """
    if not objs:
        return 0
    model = type(objs[0])
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [field.column for field in fields]
    table, staging = sql.Identifier(model._meta.db_table), sql.Identifier(f"staging_{model._meta.db_table}")
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as cursor:
        cursor.execute(
            _text(
                sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(staging, names, table)
            )
        )
        with cursor.copy(_text(sql.SQL("COPY {} ({}) FROM STDIN").format(staging, names))) as copy:
            for obj in objs:
                copy.write_row([_value(field, obj) for field in fields])
        cursor.execute(_text(_merge(table, staging, columns, unless_only)))
        written = cursor.rowcount
        cursor.execute(_text(sql.SQL("DROP TABLE {}").format(staging)))
    return written


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


def _value(field: models.Field, obj: models.Model) -> Any:
    value = getattr(obj, field.attname)
    if value is None:
        return None
    if hasattr(field, "geom_type"):
        return value.hexewkb.decode()
    if isinstance(field, models.JSONField):
        return Jsonb(value)
    return value if field.is_relation else field.get_prep_value(value)
