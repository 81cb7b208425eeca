"""The whole city, started from a copy of the clone as a person would: it answers, and it goes down as one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from miasto.launch.processes import children_of

from .support import REPOSITORY, eventually


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    """A copy of the sources with its own ``var``; the environment and the npm packages are the clone's."""
    root = REPOSITORY / "var" / f"test-city-{uuid.uuid4().hex[:8]}"
    for name in ("miasto", "cities", "requirements"):
        ignored = shutil.ignore_patterns("tests")  # not what is compiled: each process would do that again
        shutil.copytree(REPOSITORY / name, root / name, ignore=ignored)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(REPOSITORY / name, root)
    (root / "node_modules").symlink_to(REPOSITORY / "node_modules")
    (root / "var").mkdir()
    if (REPOSITORY / "var" / "assets.stamp").exists():
        shutil.copytree(REPOSITORY / "var" / "assets", root / "var" / "assets")
        shutil.copy(REPOSITORY / "var" / "assets.stamp", root / "var")
    yield root
    shutil.rmtree(root)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class City:
    """A started city: its supervisor, its port and the lines that it has shown so far."""

    def __init__(self, root: Path) -> None:
        self.port = free_port()
        env = {name: value for name, value in os.environ.items() if not name.startswith(("MIASTO_", "DJANGO_", "DATABASE_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "miasto.launch", "run", "--no-demo", "--port", str(self.port)],
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.shown = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.shown += line
            if line.startswith("Platforma działa"):
                return
        pytest.fail(f"the city did not start:\n{self.shown}")

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, content type and text of a page."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode("utf-8")

    def family(self) -> list[int]:
        """Every process under the supervisor."""
        found, wave = [], [self.process.pid]
        while wave:
            wave = [child for pid in wave for child in children_of(pid)]
            found += wave
        return found

    def command(self, pid: int) -> str:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")

    def end(self) -> str:
        """Wait for the end; everything that was shown."""
        output, _ = self.process.communicate(timeout=90)
        return self.shown + output


@pytest.fixture
def city(copy: Path) -> Iterator[City]:
    started = City(copy)
    yield started
    if started.process.poll() is None:
        started.process.send_signal(signal.SIGINT)
        started.end()


def by_hand(root: Path, *words: str) -> str:
    """The output of a command of the platform, typed in another window beside the running city."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MIASTO_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "miasto", *words], cwd=root, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def part(city: City, word: str) -> int | None:
    """The process of the part whose command holds a word."""
    found = []
    for pid in children_of(city.process.pid):
        with suppress(OSError):  # it has just ended
            found += [pid] if word in city.command(pid) else []
    return found[0] if len(found) == 1 else None


def healthy(city: City) -> bool:
    try:
        return city.get("/zdrowie/")[0] == 200
    except (urllib.error.URLError, OSError):
        return False


def test_a_killed_web_server_and_a_killed_database_are_reported_and_started_again(city):
    family = city.family()
    # The processes of the web server outlive it and hold the port, unless somebody cares for them.
    for word in ("granian", "bin/postgres"):
        before = part(city, word)
        assert before
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda before=before, word=word: part(city, word) not in (None, before), seconds=60)
        assert eventually(lambda: healthy(city), seconds=60)
    assert city.process.poll() is None
    family += city.family()
    city.process.send_signal(signal.SIGINT)
    shown = city.end()
    for name in ("Serwer WWW", "Baza danych"):
        assert f"{name}: nieoczekiwane zakończenie (sygnał SIGKILL)" in shown
        assert f"{name}: uruchamiam ponownie za 1 s." in shown
    assert city.process.returncode == 0
    assert eventually(lambda: gone(family))


def test_a_city_whose_supervisor_was_killed_leaves_nothing_starts_again_at_once_and_stops_at_ctrl_c(copy, city):
    family = city.family()
    city.process.kill()
    assert eventually(lambda: gone(family), seconds=60)
    again = City(copy)
    try:
        assert "Zmieniam układ bazy" not in again.shown
        assert again.get("/zdrowie/")[0] == 200
        _, kind, page = again.get("/")
        assert kind.startswith("text/html")
        sheet = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert sheet
        assert again.get(sheet[1])[:2] == (200, "text/css")
        assert "[X] 0001_initial" in by_hand(copy, "showmigrations", "accounts")
        family = again.family()
        assert len(family) > 5
    finally:
        again.process.send_signal(signal.SIGINT)
        shown = again.end()
    assert shown.rstrip().endswith("Zatrzymano.")
    assert again.process.returncode == 0
    assert eventually(lambda: gone(family))
