"""The whole platform as real processes for tests: database with the demo city, web server, worker, mailbox of files."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import psycopg

from miasto.launch import processes

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT_S = 120
# Seconds to a minute of computing each hour, in every copy of the city, for what its database was loaded with. Whoever tests
# them asks for the job that they would ask for.
HEAVY_HOURS = (
    "observations.forecast_hourly",
    "observations.judge_hourly",
    "observations.find_anomalies_hourly",
    "observations.archive_hourly",
    "environment.look_for_air_maps",
)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class RunningCity:
    """Web server and worker on one database. ``name`` is the database's; ``cluster`` the connection to its cluster."""

    name: str
    cluster: dict[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        port = f"&port={self.cluster['port']}" if self.cluster.get("port") else ""
        return f"postgresql://{self.cluster['user']}@/{self.name}?host={self.cluster['host']}{port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "MIASTO_VAR": str(self.folder),
            "MIASTO_BASE_URL": self.url,
            "MIASTO_MAILBOX": str(self.folder / "mailbox"),
            "MIASTO_SECRET_KEY": "a key for the running city of the tests",
            "MIASTO_RATE_LIMIT_FACTOR": "100",
            "MIASTO_POOL": "10",
            "MIASTO_PLAIN_STATIC": "1",
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def command(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed."""
        command = [sys.executable, "-m", "miasto", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        granian = str(Path(sys.executable).parent / "granian")
        static = self.folder / "static"
        arguments = ["--interface", "asgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        arguments += ["--static-path-route", "/static", "--static-path-mount", str(static), "miasto.config.asgi:application"]
        self._start("web", [granian, *arguments])
        self._wait()

    def start_worker(self) -> None:
        """Start the worker; what is heavy is done when somebody asks for it, not by the clock."""
        self._start("worker", [sys.executable, "-m", "miasto", "worker", "--without", *HEAVY_HOURS])

    def ask(self, job: str) -> None:
        """Have the worker do a periodic job now, not at the next minute or hour."""
        self.sql("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, '{}')", job)

    def _start(self, part: str, command: list[str]) -> None:
        log = (self.folder / f"{part}.log").open("ab")
        self.processes[part] = processes.start(
            command, stop_signal=signal.SIGKILL, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
        )

    def _wait(self) -> None:
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                if urllib.request.urlopen(f"{self.url}/zdrowie/", timeout=5).status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError((self.folder / "web.log").read_text())

    def kill(self, part: str) -> None:
        """Kill a part and its children at once, as a power cut would."""
        self._signal(part, signal.SIGKILL)

    def stop(self) -> None:
        """Stop everything."""
        for part in list(self.processes):
            self._signal(part, signal.SIGKILL)

    def _signal(self, part: str, number: int) -> None:
        process = self.processes.pop(part, None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            process.wait(timeout=20)

    def sql(self, statement: str, *values: object) -> list[tuple]:
        """Rows of a statement on the city's database."""
        with psycopg.connect(dbname=self.name, autocommit=True, **self.cluster) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def wait_for_idle_worker(self, seconds: float = 900) -> None:
        """Wait until the worker has nothing left to do now; later jobs do not count."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            waiting = "status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now())"
            if not self.sql(f"SELECT 1 FROM procrastinate_jobs WHERE {waiting} LIMIT 1"):
                return
            time.sleep(0.5)
        raise AssertionError((self.folder / "worker.log").read_text()[-3000:])

    def mails(self, to: str = "") -> list[EmailMessage]:
        """The messages in the file mailbox, oldest first."""
        files = sorted((self.folder / "mailbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [mail for mail in found if to in str(mail["To"])]

    def wait_for_mail(self, to: str, *, count: int = 1, seconds: float = 180) -> list[EmailMessage]:
        """Wait until so many messages for an address have been delivered."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if len(found := self.mails(to)) >= count:
                return found
            time.sleep(0.1)
        worker = self.folder / "worker.log"
        log = worker.read_text()[-3000:] if worker.exists() else ""
        raise AssertionError(f"{len(self.mails(to))} of {count} messages came.\n{log}")


def cluster_of_tests() -> dict[str, str]:
    """How to reach the cluster that the tests use."""
    from django.conf import settings

    found = settings.DATABASES["default"]
    parts = {"host": found["HOST"], "user": found["USER"], "password": found["PASSWORD"], "port": found["PORT"]}
    return {name: str(value) for name, value in parts.items() if value}


def _create(connection: psycopg.Connection, statement: str) -> None:
    """Another test may be reading the template; PostgreSQL itself waits for five seconds."""
    until = time.monotonic() + START_LIMIT_S
    while True:
        try:
            connection.execute(statement)
            return
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > until:
                raise


@contextlib.contextmanager
def database(name: str, cluster: dict[str, str], *, template: str = "", kept: bool = False) -> Iterator[str]:
    """A database that lives as long as the block (longer when ``kept``), made from a template where one is named."""
    with psycopg.connect(dbname="postgres", autocommit=True, **cluster) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # by files: through the log, as is the default, the city takes twice the time
        copied = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        _create(connection, f'CREATE DATABASE "{name}"{copied}')
    try:
        yield name
    finally:
        if not kept:
            with psycopg.connect(dbname="postgres", autocommit=True, **cluster) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
