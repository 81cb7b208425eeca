"""Knows when a table last changed: statement triggers notify at the commit, one thread in each web process listens.

The notice of a change arrives after its commit, so whoever reads a version before asking the database can at worst
throw away something that was fresh, never keep something that is stale.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import connection, transaction

CHANNEL = "miasto_tables"
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION core_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', TG_TABLE_NAME);
    RETURN NULL;
END $$"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER core_touch AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION core_touch()"""


@transaction.atomic
def tell_of(tables: Iterable[str]) -> list[str]:
    """Make tables tell of their changes; returns those that did not yet. May be repeated.

    A table that is not there yet is left out: one app migrated alone, or to an earlier state, has not made those of the others.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'core_touch'")
        have = {name.strip('"') for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(quote_ident(name)) IS NOT NULL", [list(tables)]
        )
        missing = sorted({name for (name,) in cursor.fetchall()} - have)
        if missing:
            cursor.execute(_FUNCTION)
        for table in missing:
            cursor.execute(_TRIGGER.format(table=connection.ops.quote_name(table)))
    return missing


class Listener:
    """Counts the changes of each table while its connection lives. Every (re)connection makes all versions new."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._epoch = 0
        self._live = False
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to listen, once for each process."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                parameters = own_connection()
                self._thread = threading.Thread(target=self._run, args=(parameters,), name="table-listener", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread and its connection."""
        self._stopped = True
        with psycopg.connect(**own_connection(), autocommit=True) as waker:
            waker.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        if self._thread is not None:
            self._thread.join(timeout=5)

    def version(self, tables: Iterable[str]) -> tuple[int, ...] | None:
        """A value that differs whenever one of the tables has changed; None while changes cannot be heard."""
        if not self._live:
            return None
        return (self._epoch, *(self._counts[table] for table in sorted(tables)))

    def _run(self, parameters: dict[str, Any]) -> None:
        while not self._stopped:
            try:
                self._listen(parameters)
            except psycopg.Error:
                self._live = False
                time.sleep(1)
        self._live = False

    def _listen(self, parameters: dict[str, Any]) -> None:
        with psycopg.connect(**parameters, autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            self._epoch += 1
            self._live = True
            for notice in listener.notifies():
                self._counts[notice.payload] += 1
                if self._stopped:
                    return


def own_connection() -> dict[str, Any]:
    """The parameters of a connection beside Django's, for a thread that keeps it."""
    found = connection.get_connection_params()
    return {name: found[name] for name in ("dbname", "user", "password", "host", "port") if found.get(name)}


listener = Listener()
