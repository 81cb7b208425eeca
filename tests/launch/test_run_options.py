"""What ``./run`` refuses before it touches anything, and the files that it keeps."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from miasto.launch import city
from miasto.launch.cli import parser
from miasto.launch.clone import Clone, LaunchError

from .support import REPOSITORY


def test_reset_refuses_to_touch_a_database_that_is_not_the_clones_own(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://city@db.example/city")
    kept = tmp_path / "var" / "files" / "photo"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    with pytest.raises(LaunchError, match=r"--reset usuwa tylko prywatną bazę[\s\S]*Niczego nie usunięto"):
        city.run(Clone(tmp_path), parser().parse_args(["--reset"]))
    assert kept.read_text() == "kept"


def test_a_taken_port_is_reported_with_the_option_that_mends_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=rf"Port {port} jest zajęty[\s\S]*--port {port + 1}"):
            city.run(Clone(tmp_path), parser().parse_args(["--port", str(port)]))


def test_a_second_start_in_the_same_clone_is_refused_and_names_the_process_of_the_first(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from miasto.launch.clone import Clone\n"
        "with Clone(Path(sys.argv[1])).running(): print(os.getpid(), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, tmp_path]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        pid = first.stdout.readline().strip()
        with pytest.raises(LaunchError, match=f"już działa w tym katalogu \\(proces {pid}\\)"), Clone(tmp_path).running():
            pytest.fail("the lock was given twice")
        first.kill()
    with Clone(tmp_path).running():
        pass  # a killed process leaves no lock behind


def test_two_clones_have_different_keys_and_may_run_at_the_same_time(tmp_path):
    one, two = Clone(tmp_path / "one"), Clone(tmp_path / "two")
    for clone in (one, two):
        clone.root.mkdir()
    assert one.key != two.key
    with one.running(), two.running():
        pass


def test_the_signing_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    clone = Clone(tmp_path)
    clone.var.mkdir()
    first = clone.secret_key()
    assert len(first) >= 50
    assert clone.secret_key() == first
    assert stat.S_IMODE((clone.var / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--port", port])
    assert "--port" in capsys.readouterr().err


def test_demo_and_no_demo_exclude_each_other(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--demo", "--no-demo"])
    assert "--no-demo" in capsys.readouterr().err


def test_the_children_get_the_chosen_database_and_the_rest_of_the_environment_wins_over_the_defaults(tmp_path, monkeypatch):
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    monkeypatch.setenv("MIASTO_BASE_URL", "https://miasto.example")
    env = city.environment(Clone(tmp_path), "postgresql://here/x", 8123)
    assert env["DATABASE_URL"] == "postgresql://here/x"
    assert env["MIASTO_BASE_URL"] == "https://miasto.example"
    assert env["MIASTO_VAR"] == str(Path(tmp_path) / "var")
