"""A run of the forecasts killed at each of its steps: no half of a group is ever seen, and the next run ends the work."""

import json
import os
import subprocess
import sys

from miasto.kernel.core.migrated import migrated_template
from tests.kill.foretelling import STEPS
from tests.running_city import ROOT, RunningCity, cluster_of_tests, database

NOTHING, WHOLE = [0, 0, 0], [1, 1, 1]


def test_a_killed_run_leaves_whole_groups_and_the_next_one_says_so_and_goes_on(tmp_path):
    cluster = cluster_of_tests()
    with database(f"forecasts_{os.getpid()}", cluster, template=migrated_template()) as name:
        city = RunningCity(name, cluster, tmp_path)
        city.extra = {"DJANGO_SETTINGS_MODULE": "miasto.config.settings"}
        command = [sys.executable, "-m", "tests.kill.foretelling"]
        done = subprocess.run(command, cwd=ROOT, env=city.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["groups"] for one in found] == [[NOTHING, NOTHING]] * 3 + [[WHOLE, NOTHING], [WHOLE, WHOLE]]
    runs = found[-1]["runs"]
    assert [run[:2] for run in runs] == [["failed", "killed"]] * len(STEPS) + [["done", ""]]
    assert runs[-1][2] == 1  # what was whole is not learned again
