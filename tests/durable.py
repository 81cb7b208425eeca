"""A PostgreSQL of its own that really writes to the disk, to be killed in tests and measured in benchmarks.

The cluster of the tests runs without fsync, which is what a test of durability may not do.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

import psycopg

from miasto.launch import cluster, processes
from tests.running_city import ROOT
from tests.small_disk import mounted

BIN = Path("/usr/lib/postgresql/15/bin")
PATIENCE_S = 120


class DurableCluster:
    """The server's files, its process and its log."""

    def __init__(self, made: cluster.Cluster, log: Path, small: bool = False) -> None:
        self.made, self.small = made, small
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def connection(self) -> dict[str, str]:
        """How psycopg and ``RunningCity`` reach it."""
        return {"host": str(self.made.socket), "user": cluster.DATABASE}

    def start(self) -> None:
        """Start the server, recover what a kill left, and wait until it answers."""
        part = self.made.server(self.log)
        with self.log.open("ab") as log:
            self.process = processes.start(
                part.argv, user=part.user, cwd="/", stop_signal=part.stop_signal, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_S
        while not self.made.answers():
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, without a checkpoint (PostgreSQL's immediate shutdown: the next start recovers from the WAL)."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            self._end(signal.SIGINT)

    def _end(self, number: int) -> None:
        process, self.process = self.process, None
        assert process is not None
        if process.poll() is None:
            process.send_signal(number)
        process.wait(60)

    def create(self, name: str) -> None:
        """An empty database."""
        with psycopg.connect(dbname="postgres", autocommit=True, **self.connection) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')

    def copy_in(self, *, name: str, url: str) -> None:
        """A database ``name`` with all that the one at ``url`` holds."""
        target = f"postgresql://{cluster.DATABASE}@/{{}}?host={quote(str(self.made.socket), safe='/')}"
        made = subprocess.run([BIN / "createdb", "--maintenance-db", target.format("postgres"), name], check=False)
        assert made.returncode == 0
        # Not through a pipe: nobody else can copy that database while it is read.
        dump = subprocess.run([BIN / "pg_dump", "--no-owner", url], stdout=subprocess.PIPE, check=True)
        restore = [BIN / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", target.format(name)]
        subprocess.run(restore, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def durable_cluster(name: str, *, disk: str = "") -> Iterator[DurableCluster]:
    """A started cluster that lives as long as the block; with ``disk`` (its size) on one in memory, which a test can fill."""
    made = cluster.place(ROOT / "var" / name, uuid.uuid4().hex[:12])
    with mounted(made.home, disk) if disk else nullcontext(False) as small:
        if small and made.user:
            shutil.chown(made.home, made.user, made.user)
            made.home.chmod(0o700)
            made.socket.mkdir(mode=0o700, exist_ok=True)
            shutil.chown(made.socket, made.user, made.user)
        made.make()
        found = DurableCluster(made, made.home.parent / f"{name}.log", small)
        try:
            found.start()
            yield found
        finally:
            found.stop()
            made.remove()
    made.remove_home()
    found.log.unlink(missing_ok=True)
