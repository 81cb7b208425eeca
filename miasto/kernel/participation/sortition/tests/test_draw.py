"""The draw and the script with which a stranger repeats it."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from miasto.kernel.participation.counting import draw as counting
from miasto.kernel.participation.sortition import recount
from miasto.kernel.participation.sortition.draw import Draw
from miasto.kernel.participation.sortition.lottery import Lottery, lottery
from miasto.kernel.participation.sortition.model import Problem
from miasto.kernel.participation.sortition.replacing import Replacement
from miasto.kernel.participation.sortition.tests.pools import made

SECRET = "00112233445566778899aabbccddeeff" * 2
PUBLIC = "4 8 15 16 23 42"


@pytest.fixture(scope="module")
def problem() -> Problem:
    return made(60, 10, 2, (2, 3))


@pytest.fixture(scope="module")
def drawn(problem: Problem) -> Draw:
    return Draw(lottery(problem), SECRET, PUBLIC)


def replacements(drawn: Draw, problem: Problem) -> tuple[list[Replacement], list[str]]:
    """Three people refuse one after the other; what was done and the panel that came of it."""
    panel, gone, done = list(drawn.committee), [], []
    for turn in (1, 2, 3):
        out = panel[turn]
        found = drawn.replaced(problem, panel, out, gone, turn)
        assert found is not None
        gone.append(out)
        panel[turn] = found.chosen
        done.append(found)
    return done, panel


def run(folder: Path, data: bytes, draw: dict) -> subprocess.CompletedProcess:
    """The script as a stranger runs it: isolated, with the standard library only."""
    (folder / "list.csv").write_bytes(data)
    (folder / "draw.json").write_text(json.dumps(draw), encoding="utf-8")
    command = [sys.executable, "-I", "-S", recount.__file__, str(folder / "list.csv"), str(folder / "draw.json"), "--chances"]
    return subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"})


def test_the_script_repeats_the_draw_and_the_replacements_from_the_published_files(drawn, problem, tmp_path):
    done, panel = replacements(drawn, problem)
    found = run(tmp_path, drawn.lottery.text.encode(), drawn.published(done))
    said = found.stdout.decode()
    assert found.returncode == 0, said + found.stderr.decode()
    assert said.count("zgadza się:") == 7
    assert problem.keeps(panel)
    for number, chance in drawn.lottery.chances.items():
        assert f"\n{number}: {int(chance * 1000)} z 1000\n" in said + "\n"


@pytest.mark.parametrize("field", ["list_sha256", "commitment", "seed", "event", "line", "committee", "replacements"])
def test_the_script_finds_any_published_value_that_was_changed_afterwards(drawn, problem, tmp_path, field):
    done, _panel = replacements(drawn, problem)
    told = drawn.published(done)
    false = {
        "list_sha256": hashlib.sha256(b"another list").hexdigest(),
        "commitment": "0" * 64,
        "seed": "0" * 64,
        "event": "1 2 3",
        "line": (drawn.line + 1) % 1000,
        "committee": list(reversed(drawn.committee)),
        "replacements": [{**one, "chosen": "0"} for one in told["replacements"]],
    }
    found = run(tmp_path, drawn.lottery.text.encode(), {**told, field: false[field]})
    assert found.returncode == 1
    assert "NIE ZGADZA SIĘ" in found.stdout.decode()


def test_one_person_moved_in_the_list_is_found(drawn, tmp_path):
    lines = drawn.lottery.text.splitlines(keepends=True)
    lines[0], lines[1] = "0;" + lines[1].split(";")[1], "1;" + lines[0].split(";")[1]
    if lines[0].split(";")[1] == lines[1].split(";")[1]:
        lines[0] = "0;1 2 3\n"
    assert run(tmp_path, "".join(lines).encode(), drawn.published()).returncode == 1


@pytest.mark.parametrize("bound", [1, 7, 1000, 2**31 + 1])
def test_the_script_draws_the_numbers_of_the_platform(bound):
    for turn in range(100):
        event = recount.replacing(PUBLIC, turn)
        ours, theirs = counting.numbers(SECRET, event), recount.numbers(SECRET, event)
        assert [counting.below(ours, bound) for _n in range(9)] == [recount.below(theirs, bound) for _n in range(9)]
    assert recount.commitment(SECRET) == counting.commitment(SECRET)


def test_over_all_lines_each_person_is_drawn_as_often_as_was_published(drawn):
    whole: Lottery = drawn.lottery
    drawn_in = Counter(number for line in range(1000) for number in whole.lines[line])
    assert {number: Fraction(drawn_in[number], 1000) for number in whole.chances} == whole.chances
    assert sum(whole.chances.values()) == 10


def test_neither_the_secret_nor_the_public_value_alone_decides(drawn):
    lines = {Draw(drawn.lottery, SECRET, f"value {turn}").line for turn in range(50)}
    others = {Draw(drawn.lottery, f"{turn:064x}", PUBLIC).line for turn in range(50)}
    assert len(lines) > 40
    assert len(others) > 40
