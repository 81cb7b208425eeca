"""Fixtures for tests: a temporary folder of files, jobs run on request, a clock that can be held."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import pytest_django

    from miasto.kernel.core.module import Spec

TUESDAY_NOON = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)


def run_waiting_jobs(*, only: str = "", most: int = 1000) -> list[str]:
    """Run the jobs that wait in the present transaction, oldest first, until none is left; returns their names.

    ``only`` narrows to names that begin so. An exception of a job is raised, as a listener's failure must not be hidden.
    """
    from django.db import connection
    from procrastinate.contrib.django import app

    done: list[str] = []
    app.perform_import_paths()
    while len(done) < most:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE %s "
                "AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1",
                [f"{only}%"],
            )
            row = cursor.fetchone()
            if row is None:
                return done
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [row[0]])
        arguments = row[2] if isinstance(row[2], dict) else json.loads(row[2])
        app.tasks[row[1]].func(**arguments)
        done.append(row[1])
    raise AssertionError(f"{most} jobs ran and still more wait")


@pytest.fixture
def run_jobs() -> Callable[..., list[str]]:
    """``run_jobs()`` does what the worker would do."""
    return run_waiting_jobs


@pytest.fixture
def tuesday_noon() -> Iterator[datetime]:
    """The clock stands at noon on Tuesday, 12 May 2026, in Warsaw's summer time."""
    from miasto.kernel.core import clock

    with clock.at(TUESDAY_NOON):
        yield TUESDAY_NOON


@pytest.fixture(autouse=True)
def _files_in_a_temporary_folder(settings, tmp_path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }


def really_commits(request: pytest.FixtureRequest) -> bool:
    """Whether a test writes with real transactions: it says so itself, or a fixture of its needs them (a live server)."""
    marker = request.node.get_closest_marker("django_db")
    asked = marker is not None and marker.kwargs.get("transaction")
    return bool(asked or {"transactional_db", "live_server"} & set(request.fixturenames))


KEPT_TABLES = frozenset({"django_content_type", "auth_permission"})  # flush makes their rows again


def empty_tables() -> None:
    """Delete what every model keeps, as Django's ``flush`` does after a test with real transactions, but only where rows are.

    ``TRUNCATE`` makes new files for each of 250 tables and their indexes, whether a test wrote to three of them or to none:
    two seconds and more for each such test. Needs a superuser (constraints rest meanwhile), as the owner of a test cluster is.
    """
    from django.db import connection, transaction

    from miasto.kernel.core.freshness import CHANNEL

    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = {name: connection.ops.quote_name(name) for name in names if name not in KEPT_TABLES}
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {table})" for name, table in tables.items())  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(asked)
        filled = [name for (name,) in cursor.fetchall()]
        if filled:
            deleted = "; ".join(f"DELETE FROM {tables[name]}" for name in filled)  # noqa: S608
            cursor.execute(f"SET LOCAL session_replication_role = replica; {deleted}")
            # the triggers rest too: what they would tell is told here
            cursor.execute("SELECT pg_notify(%s, name) FROM unnest(%s::text[]) name", [CHANNEL, filled])


@pytest.fixture(scope="session", autouse=True)
def _flush_only_where_rows_are() -> Iterator[None]:
    from django.db import connection
    from django.test import TransactionTestCase

    flush = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            superuser = cursor.fetchone()[0]
        if superuser:
            empty_tables()
        else:
            flush(self)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(autouse=True)
def _tables_without_a_model_are_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Jobs, limits and the cache lie in tables that Django does not empty after a test with real transactions."""
    yield
    if not really_commits(request):
        return
    from django.db import connection

    with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, core_ratelimit, core_cache CASCADE")


@contextmanager
def rows_of_the_file(blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """For a fixture of a whole file: what it writes is there for the tests that follow, each of which undoes only its own.

    The transaction is open until the file ends, so every later test of the file must want these rows.
    """
    from django.db import transaction

    whole = transaction.atomic()
    whole._from_testcase = True  # as TestCase says, so that durable blocks inside are allowed
    with blocker.unblock(), whole:
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def declared(*specs: Spec) -> Iterator[None]:
    """Declarations that exist for the time of a test, whatever modules the city's profile switches on."""
    from miasto.kernel.core.registry import registry

    kinds = [registry()._specs[type(spec)] for spec in specs]
    before = [kind.get(spec.key) for kind, spec in zip(kinds, specs, strict=True)]
    for kind, spec in zip(kinds, specs, strict=True):
        kind[spec.key] = spec
    try:
        yield
    finally:
        for kind, spec, known in zip(kinds, specs, before, strict=True):
            if known is None:
                del kind[spec.key]
            else:
                kind[spec.key] = known


@contextmanager
def listening(answer: Callable[[Any], tuple[int, dict[str, str], bytes]]) -> Iterator[str]:
    """A real HTTP server for the time of a test; gives its address, which the platform may ask (``core.outbound``).

    ``answer`` gets ``(method, path, headers, body)`` as an object and returns status, headers and body.
    """
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread
    from types import SimpleNamespace

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = SimpleNamespace(method=self.command, path=self.path, headers=self.headers, body=body)
            status, headers, data = answer(asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve

        def log_message(self, *_arguments: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    before = os.environ.get("MIASTO_OUTBOUND_HOSTS")
    os.environ["MIASTO_OUTBOUND_HOSTS"] = ",".join(part for part in (before, host) if part)
    try:
        yield f"http://{host}"
    finally:
        os.environ.pop("MIASTO_OUTBOUND_HOSTS")
        if before is not None:
            os.environ["MIASTO_OUTBOUND_HOSTS"] = before
        server.shutdown()
        server.server_close()
