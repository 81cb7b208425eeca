"""The job that takes a file back killed at each of its steps: whole pieces are gone or none, and the next try ends the work."""

import json
import os
import subprocess
import sys

from miasto.kernel.core.migrated import migrated_template
from tests.kill.undoing import METERS, PIECE, STEPS
from tests.running_city import ROOT, RunningCity, cluster_of_tests, database

BROUGHT, BEFORE = sum(many for _meter, many in METERS), METERS[0][1] // 2


def states(folder):
    cluster = cluster_of_tests()
    with database(f"undoing_{os.getpid()}", cluster, template=migrated_template()) as name:
        city = RunningCity(name, cluster, folder)
        city.extra = {
            "MIASTO_IMPORTS": str(folder / "kept" / "imports"),
            "MIASTO_ARCHIVE": str(folder / "archive"),
            "DJANGO_SETTINGS_MODULE": "miasto.config.settings",
        }
        command = [sys.executable, "-m", "tests.kill.undoing"]
        done = subprocess.run(command, cwd=ROOT, env=city.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_killed_undoing_leaves_whole_pieces_and_is_finished_by_the_next_try(tmp_path):
    found = states(tmp_path)
    brought, *between, last = found
    assert (brought["state"], len(brought["readings"])) == ("done", BROUGHT)
    assert [one["state"] for one in between] == ["undoing"] * len(STEPS)
    pieces = [one["pieces"] for one in between]
    whole = brought["pieces"]
    assert whole > BROUGHT // PIECE
    assert pieces == [whole, whole, whole - 2, whole - 2, whole - 3, 0]
    for one in found:
        # what was counted, rolled up and said of the file is what is there: no piece is half taken back
        assert one["hours"] == one["days"] == one["counted"] == len(one["readings"])
        assert BROUGHT - one["said"][0] == len(one["readings"])
    assert (last["state"], last["pieces"], last["recorded"]) == ("undone", 0, 1)
    assert last["said"] == [BROUGHT - BEFORE, BEFORE, 0]
    assert [(series, value) for series, _time, value in last["readings"]] == [(0, 500.0 + n) for n in range(BEFORE)]
