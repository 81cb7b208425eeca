"""The private cluster: its language, its place, its closed doors, and making it again after an accident."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from miasto.launch import cluster
from miasto.launch.clone import LaunchError
from miasto.launch.supervise import Supervisor

from .support import REPOSITORY, eventually

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in the clone, where the server's user gets to; pytest's own are closed to it under root."""
    path = REPOSITORY / "var" / f"test-launch-{uuid.uuid4().hex[:8]}"
    path.mkdir(parents=True)
    yield path
    shutil.rmtree(path)


def key() -> str:
    return uuid.uuid4().hex[:12]


def test_the_server_knows_polish_letters_and_their_order_and_has_postgis(server):
    with psycopg.connect(server.url(), autocommit=True) as connection:
        assert connection.execute("SELECT lower('ŚLĄSKA ŻÓŁĆ')").fetchone() == ("śląska żółć",)
        names = "SELECT string_agg(name, ' ' ORDER BY name) FROM unnest(ARRAY['mak', 'łan', 'lzy', 'ćma', 'dom']) AS name"
        assert connection.execute(names).fetchone() == ("ćma dom lzy łan mak",)
        connection.execute("CREATE EXTENSION postgis")
        assert connection.execute("SELECT ST_AsText(ST_Point(20.6, 50.9))").fetchone() == ("POINT(20.6 50.9)",)


def test_the_server_has_no_network_address_and_only_its_owner_may_enter_the_folder_of_its_socket(server):
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root has to give the server to another user")
def test_under_root_the_server_runs_as_an_ordinary_user(server):
    assert server.data.owner() == "postgres"
    assert Path(f"/proc/{server.server_pid()}").owner() == "postgres"


def test_a_cluster_whose_making_was_cut_off_is_made_anew(folder, marked):
    made = cluster.place(folder / marked.word, key(), throw_away=True)
    code = (
        "import sys; from pathlib import Path; from miasto.launch.cluster import place;"
        "place(Path(sys.argv[1]), sys.argv[2], throw_away=True).make()"
    )
    making = subprocess.Popen([sys.executable, "-c", code, made.home, key()], cwd=REPOSITORY)
    assert eventually(lambda: list(made.home.glob("data.new*/PG_VERSION")))
    making.kill()
    making.wait()
    assert eventually(lambda: marked.alive() == []), "initdb outlived the process that started it"
    assert not made.exists
    made.make()
    assert made.exists
    assert list(made.home.glob("data.new*")) == []


def test_leftovers_go_even_while_the_server_of_the_cut_off_attempt_still_works_in_them(folder):
    made = cluster.place(folder / "pg", key(), throw_away=True)
    leftover = made.home / "data.new1"
    leftover.mkdir()
    code = (
        "import sys, time; from pathlib import Path; folder = Path(sys.argv[1]); end = time.monotonic() + 1\n"
        "while time.monotonic() < end and folder.exists():\n"
        "    for number in range(50): (folder / f'{number}.tmp').touch()\n"
        "    for number in range(50): (folder / f'{number}.tmp').unlink(missing_ok=True)\n"
    )
    writing = subprocess.Popen([sys.executable, "-c", code, leftover], stderr=subprocess.DEVNULL)
    try:
        made.make()
    finally:
        writing.wait()
    assert made.exists
    assert list(made.home.glob("data.new*")) == []


def test_a_folder_that_holds_something_else_is_not_overwritten(folder):
    made = cluster.place(folder / "pg", key())
    made.data.mkdir()
    (made.data / "letters.txt").write_text("dear")
    with pytest.raises(LaunchError, match="nie zawiera bazy danych"):
        made.make()
    assert (made.data / "letters.txt").read_text() == "dear"


def test_a_cluster_of_another_version_of_postgresql_is_named_and_not_touched(folder):
    made = cluster.place(folder / "pg", key())
    made.data.mkdir()
    (made.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(LaunchError, match=r"PostgreSQL 14.*wersji 15"):
        made.make()


def test_a_socket_path_that_is_too_long_moves_to_a_short_folder_and_works(folder):
    deep = folder / ("very-long-name-" * 8)
    made = cluster.place(deep / "pg", key(), throw_away=True)
    try:
        assert len(os.fsencode(made.socket / ".s.PGSQL.5432")) < 108
        assert stat.S_IMODE(made.socket.stat().st_mode) == 0o700
        made.make()
        with Supervised(made, folder / "log"):
            with psycopg.connect(made.url()) as connection:
                assert connection.execute("SELECT current_database()").fetchone() == ("miasto",)
    finally:
        made.remove()
    assert not made.socket.exists()


def test_a_path_with_a_comma_and_spaces_works(folder):
    made = cluster.place(folder / "Łódź, my copy" / "pg", key(), throw_away=True)
    try:
        made.make()
        with Supervised(made, folder / "log"):
            assert made.answers()
    finally:
        made.remove()


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user's server is the user himself")
def test_under_root_a_clone_in_a_closed_folder_keeps_its_data_in_var_lib(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    name = key()
    made = cluster.place(closed / "pg", name)
    try:
        assert made.home == Path("/var/lib/miasto") / name / "pg"
        made.make()
        assert made.data.owner() == "postgres"
        assert not (closed / "pg").exists()
    finally:
        shutil.rmtree(Path("/var/lib/miasto") / name)


@pytest.mark.skipif(not AS_ROOT, reason="needs a folder of another user")
def test_a_socket_folder_that_somebody_else_made_first_is_refused(folder):
    name, long_name = key(), "x" * 120
    squatted = Path("/run") / f"miasto-{name}-{long_name}-0"
    squatted.mkdir()
    shutil.chown(squatted, "nobody", "nogroup")
    try:
        with pytest.raises(LaunchError, match="należy do kogoś innego"):
            cluster.place(folder / long_name, name)
    finally:
        squatted.rmdir()


def test_two_clusters_run_side_by_side_and_see_only_their_own_data(folder, server):
    other = cluster.place(folder / "pg", key(), throw_away=True)
    other.make()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
    with Supervised(other, folder / "log"), psycopg.connect(other.url()) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_data_survive_a_server_that_was_killed(folder):
    made = cluster.place(folder / "pg", key())
    made.make()
    with Supervised(made, folder / "log"), psycopg.connect(made.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
        connection.commit()
        pid = made.server_pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text())
    with Supervised(made, folder / "log"), psycopg.connect(made.url()) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (1,)


def test_a_throw_away_cluster_of_a_killed_test_run_is_removed_by_the_next_one(folder):
    gone = subprocess.Popen(["true"])
    gone.wait()
    (folder / f"test{gone.pid}" / "data").mkdir(parents=True)
    (folder / f"test{os.getpid()}").mkdir()
    cluster.remove_stale(folder, "test")
    assert [path.name for path in folder.iterdir()] == [f"test{os.getpid()}"]


class Supervised:
    """A running server; its own supervisor is the test's process."""

    def __init__(self, made: cluster.Cluster, log: Path) -> None:
        self.made, self.log = made, log

    def __enter__(self) -> None:
        self.supervisor = Supervisor(adopt=False).__enter__()
        self.made.start(self.supervisor, self.log)

    def __exit__(self, *error: object) -> None:
        self.supervisor.__exit__(None, None, None)
