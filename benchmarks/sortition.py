"""How long the fair lottery of a citizen panel takes and how near to the limit its smallest probability is.

    var/venv/bin/python benchmarks/sortition.py [--people 300 1000] [--size 50] [--pools 2]

Needs no database. The pools are made: five features, and the more of a group a city has, the more of it volunteers. "Naive"
takes people in a random order while the quotas allow it.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SHAPE = (2, 5, 3, 5, 3)
NAIVE_DRAWS = 1000


def measured(people: int, size: int, seed: int) -> str:
    """One row of the table."""
    from miasto.kernel.participation.sortition.committees import Committees
    from miasto.kernel.participation.sortition.lottery import dealt
    from miasto.kernel.participation.sortition.probabilities import leximin, maximin
    from miasto.kernel.participation.sortition.tests.naive import naive
    from miasto.kernel.participation.sortition.tests.pools import made

    problem = made(people, size, seed, SHAPE)
    committees = Committees(problem)
    wall, cpu = time.perf_counter(), time.process_time()
    fair = leximin(committees)
    lottery = dealt(committees, fair)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if not all(problem.keeps(list(line)) for line in lottery.lines):
        raise SystemExit("a line of the lottery breaks a quota")
    least = maximin(committees).probabilities.min()
    simple = min(naive(problem, NAIVE_DRAWS, seed).values())
    chances = (float(simple), least, fair.probabilities.min(), lottery.limit, float(min(lottery.chances.values())))
    shown = " | ".join(f"{100 * value:.3f} %" for value in (*chances, lottery.difference, size / people))
    return f"| {people} | {size} | {len(problem.kinds)} | {cpu:.1f} | {wall:.1f} | {shown} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="*", default=[300, 1000])
    parser.add_argument("--size", type=int, default=50)
    parser.add_argument("--pools", type=int, default=2)
    asked = parser.parse_args()
    measures = ("naive", "maximin", "leximin", "limit", "lottery")
    print("| people | panel | kinds | CPU s | wall s |", " | ".join(measures), "| largest difference | size / people |")
    print("|" + "---:|" * (len(measures) + 7))
    for people in asked.people:
        for seed in range(1, asked.pools + 1):
            print(measured(people, asked.size, seed), flush=True)


if __name__ == "__main__":
    main()
