"""The archive's process killed at each of its steps: no reading is lost, none is doubled, and the next run ends the work."""

import json
import os
import subprocess
import sys

from miasto.kernel.core.migrated import migrated_template
from tests.kill.archiving import MERGING, MOVING
from tests.running_city import ROOT, RunningCity, cluster_of_tests, database


def states(folder):
    cluster = cluster_of_tests()
    with database(f"archive_{os.getpid()}", cluster, template=migrated_template()) as name:
        city = RunningCity(name, cluster, folder)
        city.extra = {"MIASTO_ARCHIVE": str(folder / "archive"), "DJANGO_SETTINGS_MODULE": "miasto.config.settings"}
        command = [sys.executable, "-m", "tests.kill.archiving"]
        done = subprocess.run(command, cwd=ROOT, env=city.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_killed_archive_loses_no_reading_and_doubles_none(tmp_path):
    found = states(tmp_path)
    moved, merged = found[: len(MOVING) + 2], found[len(MOVING) + 2 :]
    assert len(merged) == len(MERGING) + 2
    assert len(moved[0]["readings"]) == moved[0]["count"] == 3 * 96
    assert [(one["files"], one["hot"]) for one in moved] == [(0, 2)] * 5 + [(1, 1)] * 2 + [(2, 0)]
    assert len(merged[0]["readings"]) == merged[0]["count"] == 3 * 96 + 1
    assert max(value for _series, _time, value, _flags in merged[0]["readings"]) == 500.0
    for states_of_one in (moved, merged):
        for state in states_of_one:
            assert state["damaged"] == []
            for what in ("readings", "hours", "count"):
                assert state[what] == states_of_one[0][what]
