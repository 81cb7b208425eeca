"""``./test``: every check and test, against a throw-away cluster that is gone afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from miasto.launch import cluster, steps
from miasto.launch.clone import Clone
from miasto.launch.supervise import Part, Stopped, Supervisor, say

_PREFIX = "test"
_WORKERS = ("--dist", "loadfile", "--no-loadscope-reorder")
# Without a browser a tenth of the time is waiting for processes that are started and killed; a browser fills its core.
_HALVES = (("pytest", "not browser", "3"), ("pytest: przeglądarka", "browser", "2"))
_NOTHING_COLLECTED = 5


def test(clone: Clone, arguments: Sequence[str]) -> int:
    """Run the checks and pytest with ``arguments``; 0 only when all are content. Raises ``LaunchError``."""
    with Supervisor() as supervisor:
        cluster.remove_stale(clone.var, _PREFIX)
        name = f"{_PREFIX}{os.getpid()}"
        throw_away = cluster.place(clone.var / name, f"{clone.key}-{os.getpid()}", throw_away=True)
        try:
            return _all_checks(clone, supervisor, throw_away, arguments)
        except Stopped:
            say("\nPrzerwano.")
            return 130
        finally:
            supervisor.stop()
            throw_away.remove()
            throw_away.remove_home()


def _all_checks(clone: Clone, supervisor: Supervisor, throw_away: cluster.Cluster, arguments: Sequence[str]) -> int:
    with steps.shown(3, "Tłumaczenia"):
        steps.translations(clone, supervisor)
    with steps.shown(4, "Jednorazowa baza danych"):
        throw_away.make()
        throw_away.start(supervisor, clone.log("test-postgres"))
    env = {**os.environ, "DATABASE_URL": throw_away.url(), "MIASTO_VAR": str(clone.var), "PYTHONUNBUFFERED": "1"}
    env["MIASTO_TEST_CITY"] = str(throw_away.home / "city")  # tests/demo_city.py
    # Both test processes begin with a copy of this database; whoever needs it before it is there waits, or makes it.
    migrated = [sys.executable, "-m", "tests.demo_city", "--migrated-only"]
    supervisor.start(Part("Układ bazy", migrated, log=clone.log("test-migrate"), env=env, cwd=clone.root, may_end=True))
    with steps.shown(5, "Zasoby przeglądarki"):
        steps.assets(clone, supervisor)
    tools = Path(sys.executable).parent
    failed = [
        name
        for number, name, argv in (
            (6, "ruff", [tools / "ruff", "check", "--quiet", "--output-format=concise", "."]),
            (7, "import-linter", [tools / "lint-imports", "--no-cache"]),
        )
        if _check(clone, supervisor, env, number, name, argv)
    ]
    code = _pytest(clone, supervisor, env, arguments)
    if failed:
        say(f"Uwagi zgłosiły wcześniej: {', '.join(failed)} (patrz wyżej).")
    return code or (1 if failed else 0)


def _pytest(clone: Clone, supervisor: Supervisor, env: dict[str, str], arguments: Sequence[str]) -> int:
    """Run pytest twice, because a browser leaves its event loop running in the test process: others could not start theirs.

    Returns the first bad code; that nothing was collected is bad only where neither run collected anything.
    """
    codes = []
    for name, expression, processes in _HALVES:
        with steps.shown(8, name):
            argv = [sys.executable, "-m", "pytest", "-n", processes, *_WORKERS, "-m", expression, *arguments]
            codes.append(supervisor.step(Part("pytest", argv, env=env, cwd=clone.root, to_terminal=True, stop_seconds=30)))
    bad = [code for code in codes if code not in (0, _NOTHING_COLLECTED)]
    return bad[0] if bad else min(codes)


def _check(clone: Clone, supervisor: Supervisor, env: dict[str, str], number: int, name: str, argv: list[object]) -> bool:
    """Run one checker; its output is shown only when it complains. True when it does."""
    with steps.shown(number, name):
        part = Part(name, [str(word) for word in argv], log=clone.log(name), env=env, cwd=clone.root)
        start = part.log.stat().st_size if part.log and part.log.exists() else 0
        code = supervisor.step(part)
        if code and part.log:
            say(part.log.read_bytes()[start:].decode("utf-8", "replace"))
    return code != 0
