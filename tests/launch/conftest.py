"""Real processes and a real throw-away cluster for the tests of the launcher."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator

import psycopg
import pytest

from miasto.launch import cluster, processes

from .support import REPOSITORY, Marked, eventually


@pytest.fixture
def marked() -> Iterator[Marked]:
    marker = Marked()
    yield marker
    for pid in marker.alive():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Cluster]:
    """A running throw-away cluster, shared by the tests that only read its settings or make own databases."""
    # pytest's own folders are closed to other users, and under root the server is another user.
    folder = REPOSITORY / "var" / f"test{os.getpid()}launch"
    made = cluster.place(folder, f"{uuid.uuid4().hex[:12]}", throw_away=True)
    made.make()
    part = made.server(folder.parent / "log" / "test-launch-postgres.log")
    with open(tmp_path_factory.mktemp("postgres") / "log", "wb") as log:
        process = processes.start(part.argv, user=part.user, cwd="/", stop_signal=part.stop_signal, stdout=log, stderr=log)
    try:
        assert eventually(made.answers, seconds=60)
        with psycopg.connect(made.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE miasto")
        yield made
    finally:
        process.send_signal(part.stop_signal)
        process.wait(60)
        made.remove()
        made.remove_home()
