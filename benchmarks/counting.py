"""How fast votes are counted: 100,000 ballots by equal shares with add-one completion, side by side with pabutools.

    var/venv/bin/python benchmarks/counting.py [--ballots 100000] [--projects 100] [--oracle 1000] [--seed 1]

Needs no database. The ballots are made up: each approves 1 to 10 projects, the popular ones more often, with costs from 10,000
to 1,000,000. pabutools (exact fractions, in pure Python) gets the first ``--oracle`` ballots and a budget cut in proportion.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from miasto.kernel.participation.counting import count, pabulib  # noqa: E402
from miasto.kernel.participation.counting.model import Rule  # noqa: E402

LIMIT = 3.0


def file_of(ballots: int, projects: int, seed: int, share: float = 100.0) -> bytes:
    """A made-up ``.pb`` file with a budget of ``share`` units for each ballot."""
    random = np.random.default_rng(seed)
    costs = (random.lognormal(12, 1, projects).clip(10_000, 1_000_000) // 100 * 100).astype(int)
    popular = random.pareto(1.2, projects) + 0.1
    popular /= popular.sum()
    lengths = random.integers(1, 11, ballots)
    keys = np.log(random.random((ballots, projects), dtype=np.float32)) / popular.astype(np.float32)
    best = np.argsort(-keys, axis=1)[:, :10] + 1
    votes = [",".join(map(str, row[:length])) for row, length in zip(best.tolist(), lengths.tolist(), strict=True)]
    head = f"META\nkey;value\nnum_projects;{projects}\nnum_votes;{ballots}\nbudget;{int(share * ballots)}\n"
    head += "vote_type;approval\nrule;equalshares/add1\nPROJECTS\nproject_id;cost\n"
    rows = "".join(f"{number};{cost}\n" for number, cost in enumerate(costs.tolist(), 1))
    return (head + rows + "VOTES\nvoter_id;vote\n" + "".join(f"{n};{vote}\n" for n, vote in enumerate(votes))).encode()


def measured(data: bytes, completion: str, utility: str = "cost") -> tuple[float, float, int, int, set[str]]:
    """(seconds of reading, of counting, runs, winners, their ids)."""
    began = time.perf_counter()
    election = pabulib.parse(data)
    read = time.perf_counter()
    result = count.count(election, Rule("equal-shares", completion, utility))
    return read - began, time.perf_counter() - read, result.runs, len(result.winners), set(result.winner_ids)


def oracle(data: bytes, ballots: int) -> tuple[float, set[str]]:
    """Seconds that pabutools counts (its reading left out), and its winners."""
    from pabutools.election import Cost_Sat, parse_pabulib
    from pabutools.rules import method_of_equal_shares

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "votes.pb")
        Path(path).write_bytes(data)
        instance, profile = parse_pabulib(path)
    instance.budget_limit = instance.budget_limit // ballots * ballots
    began = time.perf_counter()
    outcome = method_of_equal_shares(instance, profile.as_multiprofile(), sat_class=Cost_Sat, voter_budget_increment=1)
    return time.perf_counter() - began, {project.name for project in outcome}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ballots", type=int, default=100_000)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--oracle", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| ballots | rule | read s | count s | runs | winners | pabutools s | same winners |")
    print("|---:|---|---:|---:|---:|---:|---:|---|")
    for ballots, completion in (
        (options.oracle, "add-one"),
        (options.ballots, "none"),
        (options.ballots, "add-one"),
        (options.ballots, "add-one-greedy"),
        (options.ballots, "add-one-comparison"),
    ):
        data = file_of(ballots, options.projects, options.seed)
        read, counted, runs, winners, ids = measured(data, completion)
        theirs, same = "–", "–"
        if ballots == options.oracle:
            seconds, outcome = oracle(data, ballots)
            theirs, same = f"{seconds:.1f}", "yes" if outcome == ids else "NO"
        print(f"| {ballots} | equal shares, {completion} | {read:.2f} | {counted:.2f} | {runs} | {winners} | {theirs} | {same} |")
        if ballots == options.ballots and completion == "add-one" and counted > LIMIT:
            print(f"\nover the limit: {counted:.2f} s, the limit for 100,000 ballots with add-one is {LIMIT} s\n")


if __name__ == "__main__":
    main()
