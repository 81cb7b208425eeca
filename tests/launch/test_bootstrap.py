"""The shell part of ``./run`` and ``./test``, in a folder of its own with an empty lock (nothing is downloaded)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .support import REPOSITORY


def empty_clone(folder: Path) -> Path:
    (folder / "miasto" / "launch").mkdir(parents=True)
    (folder / "requirements").mkdir()
    shutil.copy(REPOSITORY / "miasto" / "launch" / "bootstrap.sh", folder / "miasto" / "launch")
    for name in ("base", "dev"):
        (folder / "requirements" / f"{name}.txt").write_text("# empty\n")
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return empty_clone(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A clone whose set-up found an environment cut off in its making, and how that ended; an environment costs seconds."""
    folder = empty_clone(tmp_path_factory.mktemp("made"))
    (folder / "var" / "venv" / "bin").mkdir(parents=True)
    (folder / "var" / "venv" / "leftover").write_text("")
    return folder, shell(folder, "set_up base dash")


@pytest.fixture
def ready(made: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """The same clone with the lock of the beginning, its environment up to date."""
    folder, _done = made
    (folder / "requirements" / "base.txt").write_text("# empty\n")
    assert shell(folder, "set_up base dash").returncode == 0
    return folder


def shell(clone: Path, script: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-euc", f". miasto/launch/bootstrap.sh; {script}"],
        cwd=clone,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def ordinary_user_without_sudo(clone: Path) -> str:
    """A PATH with the real programs, but without sudo, and with an ``id`` that says 1000."""
    folder = clone / "bin"
    folder.mkdir()
    for name in ("sh", "dpkg-query", "mkdir", "flock", "python3", "python3.11", "cat", "sed", "tr"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o755)
    return str(folder)


def test_without_rights_it_says_exactly_which_packages_are_missing_and_how_to_install_them(clone):
    path = ordinary_user_without_sudo(clone)
    done = shell(clone, "set_up base dash surely-no-such-package another-missing-one; echo went on", PATH=path)
    assert done.returncode == 3
    assert "apt-get install --no-install-recommends surely-no-such-package another-missing-one" in done.stderr
    assert "went on" not in done.stdout


def test_nothing_is_installed_when_nothing_is_missing(clone):
    done = shell(clone, "install_packages dash coreutils; echo went on", PATH=ordinary_user_without_sudo(clone))
    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_an_environment_whose_making_was_cut_off_is_made_anew(made):
    clone, done = made
    assert done.returncode == 0, done.stderr
    assert not (clone / "var" / "venv" / "leftover").exists()
    assert subprocess.run([clone / "var" / "venv" / "bin" / "python", "-c", ""], check=False).returncode == 0


def test_an_environment_is_kept_while_the_lock_is_the_same_and_brought_up_to_date_when_it_changed(ready):
    clone = ready
    log = clone / "var" / "log" / "pip.log"
    log.unlink(missing_ok=True)
    assert shell(clone, "set_up base dash").returncode == 0
    assert not log.exists()
    (clone / "requirements" / "base.txt").write_text("# empty, but not as before\n")
    assert shell(clone, "set_up base dash").returncode == 0
    assert log.exists()


def test_an_extra_is_added_once_beside_the_lock(ready):
    clone = ready
    (clone / "requirements" / "spark.txt").write_text("# empty\n")
    assert shell(clone, "set_up dev+spark dash").returncode == 0
    assert {path.name for path in (clone / "var" / "venv").glob(".stamp-*")} == {".stamp-base", ".stamp-dev", ".stamp-spark"}
    log = clone / "var" / "log" / "pip.log"
    log.unlink()
    assert shell(clone, "set_up dev+spark dash").returncode == 0
    assert not log.exists()


@pytest.mark.parametrize(
    ("said", "wanted"),
    [('openjdk version "17.0.15" 2025', ""), ('java version "1.8.0_402"', "openjdk"), ('openjdk version "21" 2023', "")],
)
def test_java_is_asked_for_only_where_there_is_none_that_is_new_enough(clone, said, wanted):
    (clone / "jdk" / "bin").mkdir(parents=True)
    java = clone / "jdk" / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)
    assert shell(clone, "java_package", JAVA_HOME=str(clone / "jdk")).stdout.startswith(wanted)
    assert bool(shell(clone, "java_package", JAVA_HOME=str(clone / "jdk")).stdout) == bool(wanted)
    assert shell(clone, "java_package", JAVA_HOME=str(clone)).stdout == "openjdk-17-jre-headless\n"


def test_an_environment_of_another_folder_is_not_used(ready, tmp_path):
    clone = ready
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("miasto", "requirements", "var"):
        shutil.copytree(clone / name, moved / name, symlinks=True)
    (moved / "var" / "venv" / "leftover").write_text("")
    assert shell(moved, "set_up base dash").returncode == 0
    assert not (moved / "var" / "venv" / "leftover").exists()


def test_a_package_that_cannot_be_installed_stops_the_set_up_with_the_reason(ready):
    clone = ready
    (clone / "requirements" / "base.txt").write_text("surely-no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
    done = shell(clone, "set_up base dash; echo went on", PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "surely-no-such-package" in done.stderr
    assert "went on" not in done.stdout


def test_the_scripts_start_from_any_folder_and_through_a_link(tmp_path):
    link = tmp_path / "start"
    link.symlink_to(REPOSITORY / "run")
    done = subprocess.run([link, "--help"], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--no-demo" in done.stdout


def test_ci_calls_the_tests_and_nothing_else():
    lines = (REPOSITORY / ".ci" / "run").read_text("utf-8").splitlines()
    assert lines == ["#!/bin/sh", 'cd "$(dirname "$0")/.." && exec ./test']
