"""Grows the demo city's reports to a city's ten years, by SQL: each copy has its own time, place and number."""

from __future__ import annotations

from typing import Any

YEARS = 10
OWN = {
    "discussions_thread": {"id": "grown(id, copy)", "object_id": "grown(object_id, copy)", "opened_at": "opened_at + shift"},
    "cases_case": {
        "id": "grown(id, copy)",
        "thread_id": "grown(thread_id, copy)",
        "number": "substr(number, 1, 8) || lpad((copy * 10000 + substr(number, 9)::int)::text, 7, '0')",
        "client_key": "NULL",
        "filed_at": "filed_at + shift",
        "stage_since": "stage_since + shift",
        "answered_at": "CASE WHEN old THEN coalesce(answered_at, filed_at + interval '9 days') ELSE answered_at END + shift",
        "closed_at": "CASE WHEN old THEN coalesce(closed_at, filed_at + interval '17 days') ELSE closed_at END + shift",
        "due_on": "(due_on + shift)::date",
        "stage": "CASE WHEN old AND progress <> 'closed' THEN 'closed' ELSE stage END",
        "progress": "CASE WHEN old THEN 'closed' ELSE progress END",
        "pending": "CASE WHEN old THEN 0 ELSE pending END",
        "geom": "ST_Translate(geom, (random() - 0.5) * 0.02, (random() - 0.5) * 0.012)",
    },
    "cases_casetext": {"case_id": "grown(case_id, copy)"},
    "cases_caseparty": {"id": None, "case_id": "grown(case_id, copy)", "invite_id": "grown(invite_id, copy)"},
}
SHIFTED = {"discussions_thread": "object_id", "cases_case": "id", "cases_casetext": "case_id", "cases_caseparty": "case_id"}


def grow(database: Any, reports: int) -> None:
    """Copy the cases, their words, people and threads until there are so many; what is older than 60 days is closed."""
    have = database.execute("SELECT count(*) FROM cases_case WHERE case_type = 'contact_centre.report'").fetchone()[0]
    copies = max(0, -(-(reports - have) // have))
    database.execute("SET session_replication_role = replica")
    database.execute(
        "CREATE OR REPLACE FUNCTION grown(id uuid, copy int) RETURNS uuid LANGUAGE sql IMMUTABLE AS "
        "$$ SELECT md5(id::text || '/' || copy)::uuid $$"
    )
    for table in OWN:
        indexes = _without_indexes(database, table)
        database.execute(_statement(database, table), {"copies": copies, "days": YEARS * 365})
        for definition in indexes:
            database.execute(definition)
    for table in OWN:
        database.execute(f"VACUUM ANALYZE {table}")
    database.execute("RESET session_replication_role")


def _without_indexes(database: Any, table: str) -> list[str]:
    """Drop the indexes that no constraint needs; returns how to make them again, which is faster than filling them."""
    found = database.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i WHERE i.indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)",
        [table],
    ).fetchall()
    for name, _definition in found:
        database.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _statement(database: Any, table: str) -> str:
    columns = [
        name
        for name, generated, identity in database.execute(
            "SELECT column_name, is_generated, is_identity FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
            [table],
        )
        if generated == "NEVER" and not (identity == "YES" and OWN[table].get(name, "") is None)
    ]
    values = [OWN[table].get(name, f"row.{name}") for name in columns]
    names = {name: f"row.{name}" for name in columns}
    drawn = ", ".join(_of_row(value, names) for value in values)
    key = SHIFTED[table]
    # the same copy of the same case is moved by the same time in every table
    return f"""
        INSERT INTO {table} ({", ".join(columns)})
        SELECT {drawn}
        FROM {table} AS row
        JOIN cases_case AS base ON base.id = row.{key} AND base.case_type = 'contact_centre.report'
             AND length(base.number) = 14
        CROSS JOIN generate_series(1, %(copies)s) AS copy
        CROSS JOIN LATERAL (SELECT now() - (('x' || substr(md5(base.id::text || copy), 1, 7))::bit(28)::int
                                   / 268435456.0 * %(days)s) * interval '1 day' AS at) AS moved
        CROSS JOIN LATERAL (SELECT moved.at - base.filed_at AS shift, moved.at < now() - interval '60 days' AS old) AS time"""


def _of_row(value: str, names: dict[str, str]) -> str:
    """An expression whose bare column names mean the row that is copied."""
    if value.startswith("row."):
        return value
    import re

    return re.sub(r"\b(\w+)\b", lambda word: names.get(word.group(1), word.group(1)), value)
