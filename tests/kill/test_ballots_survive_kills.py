"""Web server and database killed again and again while people vote: no ballot with a receipt is lost, none counts twice."""

import json
import os
import random
import threading
from collections import Counter

import pytest

from miasto.kernel.core.migrated import migrated_template
from tests.durable import durable_cluster
from tests.kill.ballots import FINISH, PREPARE, Voter
from tests.running_city import RunningCity, cluster_of_tests

VOTERS = 24
KILLS = ("web", "database", "both", "database")


@pytest.fixture
def city(tmp_path):
    """The platform without the demo, on a database that writes to the disk."""
    here = cluster_of_tests()
    port = f"&port={here['port']}" if here.get("port") else ""
    url = f"postgresql://{here['user']}@/{migrated_template()}?host={here['host']}{port}"
    (tmp_path / "static").mkdir()
    with durable_cluster(f"ballots{os.getpid()}") as cluster:
        cluster.copy_in(name="ballots", url=url)
        city = RunningCity("ballots", cluster.connection, tmp_path)
        city.start_web()
        yield city, cluster
        city.stop()


def strike(city, cluster, target):
    if target in ("database", "both"):
        cluster.kill()
    if target in ("web", "both"):
        city.kill("web")
    if target in ("database", "both"):
        cluster.start()
    if target in ("web", "both"):
        city.start_web()


def printed(city, script):
    return json.loads(city.command("shell", "-v", "0", "-c", script).splitlines()[-1])


def test_no_ballot_with_a_receipt_is_lost_and_none_counts_twice(city):
    city, cluster = city
    made = printed(city, PREPARE % VOTERS)
    enough = threading.Event()
    voters = [
        Voter(city.port, made["election"], key, ticket, enough, random.Random(number))
        for number, (key, ticket) in enumerate(made["voters"])
    ]
    for voter in voters:
        voter.start()
    for target in KILLS:
        before = sum(len(voter.given) for voter in voters)
        while sum(len(voter.given) for voter in voters) < before + VOTERS and any(voter.is_alive() for voter in voters):
            enough.wait(0.05)
        strike(city, cluster, target)
    enough.set()
    for voter in voters:
        voter.join()
    assert [voter.failed for voter in voters if voter.failed] == []
    assert sum(voter.repeated for voter in voters) > 0, "no kill met a request; the test proved nothing"

    rows = {
        key.hex(): (number.hex, [str(one) for one in requests])
        for key, number, requests in city.sql(
            "SELECT voter, number, requests FROM participation_sealedballot WHERE election_id = %s", made["election"]
        )
    }
    assert rows == {
        voter.key: (voter.given[-1][2]["number"], [request for request, _option, _receipt in voter.given]) for voter in voters
    }
    done = printed(city, FINISH % (made["election"], made["shares"][:3]))
    assert sorted(done["bulletin"]) == sorted(
        f"{one['number']} {one['digest']}" for *_rest, one in (v.given[-1] for v in voters)
    )
    counted = Counter(choices[0][1][0][0] for choices in done["ballots"])
    assert counted == Counter(voter.given[-1][1] for voter in voters)
