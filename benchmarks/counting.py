"""How fast votes are counted: 100,000 ballots by equal shares with add-one completion, side by side with pabutools.

    var/venv/bin/python benchmarks/counting.py [--ballots 100000] [--projects 100] [--oracle 500 1000 2000] [--seed 1]

Needs no database. The ballots are made up: each approves 1 to 10 projects, the popular ones more often; there are 100 for each
voter, and for 100,000 voters the projects cost from 10,000 to 1,000,000. pabutools (exact fractions, in pure Python) does not
end within minutes on so many, so both count smaller elections too, with the costs cut in proportion. CPU seconds are told
beside the clock's, as the machine is shared. The last row writes the published file of as many ballots and counts it again from
its bytes, as an election's result is made.
"""

import argparse
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from miasto.kernel.participation.counting import count, pabulib, publishing  # noqa: E402
from miasto.kernel.participation.counting.model import Rule  # noqa: E402

LIMIT = 3.0


def file_of(ballots: int, projects: int, seed: int, share: float = 100.0) -> bytes:
    """A made-up ``.pb`` file with a budget of ``share`` units for each ballot."""
    random = np.random.default_rng(seed)
    costs = (random.lognormal(12, 1, projects).clip(10_000, 1_000_000) * ballots // 100_000).astype(int)
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


def measured(data: bytes, completion: str) -> tuple[float, float, float, int, set[str]]:
    """(seconds of reading, of counting, CPU seconds of counting, runs, winners)."""
    began = time.perf_counter()
    election = pabulib.parse(data)
    read, processor = time.perf_counter(), time.process_time()
    result = count.count(election, Rule("equal-shares", completion))
    done = time.perf_counter()
    return read - began, done - read, time.process_time() - processor, result.runs, set(result.winner_ids)


def oracle(data: bytes) -> tuple[float, set[str]]:
    """Seconds that pabutools counts (its reading left out), and its winners."""
    from pabutools.election import Cost_Sat, parse_pabulib
    from pabutools.rules import method_of_equal_shares

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "votes.pb")
        Path(path).write_bytes(data)
        instance, profile = parse_pabulib(path)
    began = time.perf_counter()
    outcome = method_of_equal_shares(instance, profile.as_multiprofile(), sat_class=Cost_Sat, voter_budget_increment=1)
    return time.perf_counter() - began, {project.name for project in outcome}


def row(ballots: int, completion: str, options: argparse.Namespace, beside: bool) -> tuple[float, float]:
    """Prints a line of the table; the seconds of counting by the clock and of the processor."""
    data = file_of(ballots, options.projects, options.seed)
    read, counted, processor, runs, ids = measured(data, completion)
    theirs = "–"
    if beside:
        seconds, outcome = oracle(data)
        theirs = f"{seconds:.1f}, {'the same' if outcome == ids else 'OTHER'} winners"
    told = f"{read:.2f} | {counted:.2f} | {processor:.2f} | {runs} | {len(ids)} | {theirs}"
    print(f"| {ballots} | {completion} | {told} |", flush=True)
    return counted, processor


def publication(ballots: int, options: argparse.Namespace) -> None:
    """Prints how long the file of so many ballots takes: written without voters, hashed, read again and counted by its rule."""
    election = pabulib.parse(file_of(ballots, options.projects, options.seed))
    ids, ends, chosen = [one.id for one in election.projects], election.ends.tolist(), election.chosen.tolist()
    rows = [{"project_id": one.id, "cost": one.columns["cost"]} for one in election.projects]
    marked = [publishing.Ballot(tuple((ids[p], 1) for p in chosen[start:end])) for start, end in pairwise(ends)]
    began, processor = time.perf_counter(), time.process_time()
    data = publishing.write(election.meta, rows, marked)
    hashed = publishing.sha256(data)
    written = time.perf_counter()
    result = count.count(pabulib.parse(data), Rule())
    again = time.perf_counter()
    print("\n| ballots | file MB | write s | read and count s | CPU s | winners | SHA-256 |")
    print("|---:|---:|---:|---:|---:|---:|---|")
    told = f"{len(data) / 1e6:.1f} | {written - began:.2f} | {again - written:.2f} | {time.process_time() - processor:.2f}"
    print(f"| {ballots} | {told} | {len(result.winners)} | {hashed[:12]}… |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ballots", type=int, default=100_000)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--oracle", type=int, nargs="*", default=[500, 1_000, 2_000])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| ballots | completion | read s | count s | CPU s | runs | winners | pabutools s |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for ballots in options.oracle:
        row(ballots, "add-one", options, True)
    row(options.ballots, "none", options, False)
    counted, processor = row(options.ballots, "add-one", options, False)
    row(options.ballots, "add-one-greedy", options, False)
    row(options.ballots, "add-one-comparison", options, False)
    publication(options.ballots, options)
    print(f"\nlimit for add-one: {LIMIT} s; this took {counted:.2f} s ({processor:.2f} s of the processor)")


if __name__ == "__main__":
    main()
