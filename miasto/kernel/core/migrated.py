"""For tests: an empty database with every migration, made once and copied for each run.

There are two hundred migrations, Wagtail's among them: running them for each test process took ten times as long as copying
their result. The name carries a digest of everything that decides what comes out, so a changed migration makes another one;
where migrations or applications were only added, it begins as a copy of the one before.
"""

from __future__ import annotations

import hashlib
import json
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


def parts() -> dict[str, str]:
    """What decides what comes out: the installed applications, and digests of their versions and of each of our migrations."""
    from django.conf import settings

    found = dict.fromkeys(settings.INSTALLED_APPS, "installed")
    locked = ROOT / "requirements" / "base.txt"
    for path in [*sorted((ROOT / "miasto").glob("**/migrations/*.py")), *([locked] if locked.exists() else [])]:
        found[str(path.relative_to(ROOT))] = _digest(path.read_bytes())
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def migrated_template() -> str:
    """The name of the database to copy, in the cluster of the settings; made where it is not there yet."""
    from django.conf import settings

    kept = settings.DATABASES["default"]
    cluster = {"user": kept["USER"], "password": kept["PASSWORD"], "host": kept["HOST"], "port": str(kept["PORT"] or "")}
    cluster = {key: value for key, value in cluster.items() if value}
    now = parts()
    name = f"{PREFIX}{_digest(json.dumps(now).encode())}"
    with psycopg.connect(dbname="postgres", autocommit=True, **cluster) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _make(connection, name, cluster, now)
            _forget_old(connection)
    return name


def _make(connection: psycopg.Connection, name: str, cluster: dict[str, str], now: dict[str, str]) -> None:
    half_made = f"{name}_{os.getpid()}"
    before = sql.Identifier(_nearest(connection, now))
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(half_made), before))
    password = f":{cluster['password']}" if "password" in cluster else ""
    query = "&".join(f"{key}={cluster[key]}" for key in ("host", "port") if key in cluster)
    url = f"postgresql://{cluster.get('user', '')}{password}@/{half_made}?{query}"
    command = [sys.executable, "-m", "miasto", "migrate", "--verbosity", "0"]
    env = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    said = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(half_made), sql.Literal(json.dumps(now)))
    connection.execute(said)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half_made), sql.Identifier(name))
    connection.execute(rename)


def _nearest(connection: psycopg.Connection, now: dict[str, str]) -> str:
    """The kept database that holds most of the present migrations and nothing else, or the empty one of the cluster."""
    rows = connection.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"]
    ).fetchall()
    return nearest({name: json.loads(said) for name, said in rows if said}, now)


def nearest(kept: dict[str, dict[str, str]], now: dict[str, str]) -> str:
    """Of the kept databases and their parts the one with most of the present parts and no other."""
    fitting = {name: len(parts) for name, parts in kept.items() if parts.items() <= now.items()}
    return max(fitting, key=fitting.__getitem__, default="template1")


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
