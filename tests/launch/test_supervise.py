"""What lives together dies together. Real processes; a marker in their command lines shows what is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest

from miasto.launch.processes import children_of
from miasto.launch.supervise import Part, PartFailed, Supervisor
from tests.small_disk import fill, small_disk

from .support import REPOSITORY, Marked, eventually

SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
POLITE = """
import signal, sys, time
def stop(*_):
    print('bye', flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print('here', flush=True)
time.sleep(600)
"""


def group(*parts: Sequence[object], stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.launch.group", json.dumps(parts)],
        cwd=REPOSITORY,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def python(code: str, marked: Marked) -> list[str]:
    return [sys.executable, "-c", code, marked.word]


def read_until(process: subprocess.Popen[str], *wanted: str) -> list[str]:
    """Lines of the group's output until all of ``wanted`` have appeared."""
    assert process.stdout is not None
    left, lines = set(wanted), []
    while left:
        line = process.stdout.readline()
        assert line, f"the output ended without {left}: {lines}"
        lines.append(line.strip())
        left.discard(line.strip())
    return lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_stops_the_parts_in_the_reverse_order_and_leaves_nothing(marked, number):
    parts = [(name, 10, python(POLITE, marked)) for name in ("first", "second", "third")]
    process = group(*parts)
    read_until(process, "started", "first: here", "second: here", "third: here")
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert output.split("\n")[:4] == ["third: bye", "second: bye", "first: bye", "stopped"]
    assert process.returncode == 0
    assert marked.alive() == []


def test_ctrl_c_in_the_terminal_reaches_only_the_supervisor(marked):
    loud = "import signal, time; signal.signal(signal.SIGINT, lambda *_: print('interrupted', flush=True)); " + (
        "print('here', flush=True); time.sleep(600)"
    )
    process = group(("part", 10, python(loud, marked)))
    read_until(process, "started", "part: here")
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does: the whole foreground group
    output, _ = process.communicate(timeout=30)
    assert "interrupted" not in output
    assert process.returncode == 0
    assert marked.alive() == []


def test_a_crash_of_one_part_is_reported_with_its_name_code_and_last_lines_and_nothing_keeps_running(marked):
    dies = "import sys, time; time.sleep(0.5); print('cannot find my keys', flush=True); sys.exit(7)"
    process = group(("database", 10, python(SLEEP, marked)), ("web", 10, python(dies, marked)))
    _, errors = process.communicate(timeout=30)
    assert "web: nieoczekiwane zakończenie (kod wyjścia 7)" in errors
    assert "cannot find my keys" in errors
    assert process.returncode == 1
    assert marked.alive() == []


def test_a_part_that_is_to_be_started_again_gets_a_new_process_and_keeps_its_place_when_all_is_stopped(marked, tmp_path):
    seen = tmp_path / "seen"
    dies_once = f"""
import pathlib, sys
seen = pathlib.Path({str(seen)!r})
if not seen.exists():
    seen.touch()
    print("cannot find my keys", flush=True)
    sys.exit(7)
"""
    process = group(("database", 10, python(dies_once + POLITE, marked), True), ("web", 10, python(POLITE, marked)))
    lines = read_until(process, "started", "database: here", "web: here")
    assert "database: nieoczekiwane zakończenie (kod wyjścia 7)." in lines
    assert "database: uruchamiam ponownie za 1 s." in lines
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert output.split("\n")[:3] == ["web: bye", "database: bye", "stopped"]
    assert process.returncode == 0
    assert marked.alive() == []


def test_a_log_on_a_full_disk_is_given_up_with_one_word_and_the_part_works_on(tmp_path):
    shown: list[str] = []
    speaks = "for number in range(2000): print('line', number, flush=True)"
    with small_disk(tmp_path / "disk", size="64k") as disk, Supervisor(say=shown.append, adopt=False) as supervisor:
        fill(disk / "filler", leave=4096)
        assert supervisor.step(Part("web", [sys.executable, "-c", speaks], log=disk / "web.log", prefix="www | ")) == 0
        complaints = [one for one in shown if "nie da się pisać" in one]
    assert len(complaints) == 1
    assert "No space left on device" in complaints[0]
    assert shown[-1] == "www | line 1999"


def test_a_part_killed_by_a_signal_is_reported_by_the_name_of_the_signal(marked):
    process = group(("web", 10, python(SLEEP, marked)))
    read_until(process, "started")
    [pid] = marked_children(process, marked)
    os.kill(pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=30)
    assert "web: nieoczekiwane zakończenie (sygnał SIGKILL)" in errors
    assert process.returncode == 1


def test_killing_the_supervisor_outright_leaves_no_child_behind(marked):
    process = group(*[(name, 10, python(SLEEP, marked)) for name in ("one", "two")])
    read_until(process, "started")
    assert len(marked_children(process, marked)) == 2
    process.kill()
    process.wait()
    assert eventually(lambda: marked.alive() == [])


def test_a_part_that_does_not_listen_is_killed_when_its_time_is_over(marked):
    process = group(("deaf", 0.5, python(STUBBORN, marked)))
    read_until(process, "started", "deaf: deaf")
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert "deaf: nie kończy pracy, wymuszam zakończenie." in output
    assert process.returncode == 0
    assert marked.alive() == []


def test_a_second_ctrl_c_does_not_wait_any_longer(marked):
    process = group(("deaf", 500, python(STUBBORN, marked)))
    read_until(process, "started", "deaf: deaf")
    process.send_signal(signal.SIGINT)
    # The first request must have been taken up before the second one counts as such.
    assert not eventually(lambda: process.poll() is not None, seconds=1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert marked.alive() == []


def test_grandchildren_are_stopped_even_when_they_left_their_group_and_lost_their_parent(marked):
    runaway = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}, sys.argv[1]], start_new_session=True)"
    )
    process = group(("part", 10, python(f"{runaway}; print('here', flush=True); {SLEEP}", marked)))
    read_until(process, "started", "part: here")
    [part] = children_of(process.pid)
    assert eventually(lambda: len(marked.alive()) == 3)  # the group itself, the part and the runaway
    os.kill(part, signal.SIGKILL)
    process.communicate(timeout=30)
    assert marked.alive() == []


def test_a_terminal_that_has_gone_away_does_not_keep_anything_running(marked):
    process = group(("part", 10, python(POLITE, marked)))
    read_until(process, "started", "part: here")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    process.send_signal(signal.SIGHUP)
    assert process.wait(30) == 0
    assert marked.alive() == []


def marked_children(process: subprocess.Popen[str], marked: Marked) -> list[int]:
    """The parts: their parent's command line holds the marker too."""
    return [pid for pid in marked.alive() if pid != process.pid]


def test_a_part_that_may_end_does_not_end_the_others(marked):
    with Supervisor(adopt=False) as supervisor:
        beside = supervisor.start(Part("beside", python("", marked), may_end=True))
        assert eventually(lambda: beside.process.poll() is not None)
        assert supervisor.step(Part("a step", python("", marked))) == 0
        other = supervisor.start(Part("other", python("", marked)))
        assert eventually(lambda: other.process.poll() is not None)
        with pytest.raises(PartFailed, match="other"):
            supervisor.step(Part("a step", python("", marked)))


def test_the_end_of_a_part_that_may_end_leaves_no_zombie_of_a_grandchild_that_ran_away(marked, tmp_path):
    """In a process of its own, because whoever adopts orphans takes note of the end of every child."""
    kept = tmp_path / "pid"
    running_away = f"""
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"])
pathlib.Path({str(kept)!r}).write_text(str(child.pid))
"""
    words = f"""
import pathlib, sys
from miasto.launch.supervise import Part, Supervisor
with Supervisor() as supervisor:
    supervisor.start(Part("beside", [sys.executable, "-c", ""], may_end=True))
    assert supervisor.step(Part("a step", [sys.executable, "-c", {running_away!r}])) == 0
    child = pathlib.Path("/proc", pathlib.Path({str(kept)!r}).read_text())
    assert child.exists()
    assert supervisor.wait_until(lambda: not child.exists(), seconds=20)
"""
    done = subprocess.run(python(words, marked), cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
