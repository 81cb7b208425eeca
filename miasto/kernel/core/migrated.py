"""For tests: an empty database with every migration, made once and copied for each run.

There are two hundred migrations, Wagtail's among them: running them for each test process took ten times as long as copying
their result. The name carries a digest of everything that decides what comes out, so a changed migration makes another one.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "miasto_migrated_"
KEPT = 6
LOCK = 7_341_552


def digest() -> str:
    """Twelve hexadecimal digits of the installed applications, their versions and our migrations."""
    from django.conf import settings

    found = hashlib.sha256("\n".join(settings.INSTALLED_APPS).encode())
    locked = ROOT / "requirements" / "base.txt"
    for path in [*sorted((ROOT / "miasto").glob("**/migrations/*.py")), *([locked] if locked.exists() else [])]:
        found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:12]


def migrated_template() -> str:
    """The name of the database to copy, in the cluster of the settings; made where it is not there yet."""
    from django.conf import settings

    kept = settings.DATABASES["default"]
    cluster = {"user": kept["USER"], "password": kept["PASSWORD"], "host": kept["HOST"], "port": str(kept["PORT"] or "")}
    cluster = {key: value for key, value in cluster.items() if value}
    name = f"{PREFIX}{digest()}"
    with psycopg.connect(dbname="postgres", autocommit=True, **cluster) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _make(connection, name, cluster)
            _forget_old(connection)
    return name


def _make(connection: psycopg.Connection, name: str, cluster: dict[str, str]) -> None:
    half_made = f"{name}_{os.getpid()}"
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half_made)))
    password = f":{cluster['password']}" if "password" in cluster else ""
    query = "&".join(f"{key}={cluster[key]}" for key in ("host", "port") if key in cluster)
    url = f"postgresql://{cluster.get('user', '')}{password}@/{half_made}?{query}"
    command = [sys.executable, "-m", "miasto", "migrate", "--verbosity", "0"]
    env = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half_made), sql.Identifier(name))
    connection.execute(rename)


def _forget_old(connection: psycopg.Connection) -> None:
    """Those of migrations that are no more; one that somebody copies just now stays until the next time."""
    old = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC OFFSET %s", [f"{PREFIX}%", KEPT]
    ).fetchall()
    for (name,) in old:
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            continue


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The test database begins as a copy; the migrations that Django then runs are none."""
    from django.db import connections

    connections["default"].settings_dict["TEST"]["TEMPLATE"] = migrated_template()
