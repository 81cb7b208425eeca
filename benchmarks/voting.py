"""Ballots per second through HTTP, on a database that really writes to the disk, and the time of the close and the opening.

    var/venv/bin/python benchmarks/voting.py [--ballots 6000] [--clients 64] [--workers 2] [--end 100000]

Starts a PostgreSQL of its own with fsync and full synchronous commit, migrates it, starts the web server as ./run does, and
lets so many clients vote, each ballot of another voter; then the same voters change their ballots. Every ballot is a request of
its own over a kept connection: ticket checked, ballot checked, padded, sealed, signed, committed, receipt answered. The
clients' own work is on the same cores. Then the box is closed and opened in a process of its own. At last a box of ``--end``
ballots, put in by the engine's own call, is closed and opened, each step timed.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.durable import durable_cluster  # noqa: E402
from tests.kill.ballots import FINISH, PREPARE  # noqa: E402
from tests.running_city import RunningCity  # noqa: E402

NAME = "ballots"
END = """
import json, resource, time, uuid
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.participation.voting import casting, receipts, selectors, services
from miasto.kernel.participation.voting.models import Election
from miasto.kernel.participation.voting.testing import make_open_election
election, shares = make_open_election(options=30)
def vote(number):
    key = receipts.voter_key(election=election.pk, identity=f"wyborca {number}")
    ballot = {"1": [number %% 30 + 1], "2": [number %% 7 + 1, number %% 5 + 10]}
    return casting.prepare(election=election.pk, voter_key=key, ballot=ballot, channel="account", request=uuid.uuid4())
for first in range(0, %(number)d, 500):
    numbers = range(first, min(first + 500, %(number)d))
    casting.take(election=election.pk, votes=[vote(number) for number in numbers])
Election.objects.filter(pk=election.pk).update(closes_at=election.opens_at + (election.closes_at - election.opens_at) / 1e6)
times = []
def timed(call):
    began = time.perf_counter()
    result = call()
    times.append(time.perf_counter() - began)
    return result
timed(lambda: services.close_election(election=election.pk, by=SYSTEM))
words = [one.words for one in shares[:3]]
counted = timed(lambda: services.tally(election=election.pk, shares=words, by=SYSTEM))
read = timed(lambda: sum(1 for _one in selectors.ballots(election.pk)))
assert counted == read == %(number)d
print(json.dumps({"times": times, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def start_web(city: RunningCity, workers: int) -> None:
    """The web server with the switches of ./run."""
    arguments = ["--interface", "asginl", "--host", "127.0.0.1", "--port", str(city.port), "--workers", str(workers)]
    arguments += ["--loop", "uvloop", "--no-ws", "--log-level", "warning", "miasto.config.asgi:application"]
    city._start("web", [sys.executable, "-m", "granian", *arguments])
    city._wait()


async def client(port: int, election: str, tickets: list[str], option: int, latencies: list[float]) -> None:
    """Cast one ballot after another over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while tickets:
        body = json.dumps({"ticket": tickets.pop(), "request": str(uuid.uuid4()), "ballot": {"1": [option], "2": [3, 5]}})
        head = f"POST /glosowania/{election}/glos/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        sent = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        receipt = await reader.readexactly(length)
        if b" 200 " not in answer.split(b"\r\n", 1)[0]:
            raise SystemExit(f"{answer.decode()}{receipt.decode()}")
        latencies.append((time.perf_counter() - sent) * 1000)
    writer.close()


async def vote(port: int, election: str, tickets: list[str], clients: int, option: int) -> tuple[float, list[float]]:
    """``(seconds, latencies in ms)`` of all the tickets cast by so many clients at once."""
    latencies: list[float] = []
    waiting = list(tickets)
    began = time.perf_counter()
    await asyncio.gather(*(client(port, election, waiting, option, latencies) for _ in range(clients)))
    return time.perf_counter() - began, latencies


def row(name: str, seconds: float, latencies: list[float]) -> str:
    """One line of the table."""
    quantiles = statistics.quantiles(latencies, n=100)
    cells = [str(len(latencies)), f"{len(latencies) / seconds:.0f}", f"{statistics.median(latencies):.0f}"]
    return f"| {name} | " + " | ".join([*cells, f"{quantiles[94]:.0f}", f"{quantiles[98]:.0f}"]) + " |"


def printed(city: RunningCity, script: str) -> dict:
    """What a script printed last, as JSON."""
    return json.loads(city.command("shell", "-v", "0", "-c", script).splitlines()[-1])


def measure(city: RunningCity, options: argparse.Namespace) -> None:
    """Print the table."""
    made = printed(city, PREPARE % options.ballots)
    tickets = [ticket for _key, ticket in made["voters"]]
    warm = printed(city, PREPARE % 200)
    asyncio.run(vote(city.port, warm["election"], [ticket for _key, ticket in warm["voters"]], options.clients, 1))
    print(f"| {options.clients} clients, {options.workers} web processes | ballots | a second | p50 ms | p95 ms | p99 ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, option in (("first ballots", 1), ("changed ballots", 2)):
        before = commits(city)
        seconds, latencies = asyncio.run(vote(city.port, made["election"], tickets, options.clients, option))
        print(
            row(name, seconds, latencies),
            f" {len(latencies) / max(commits(city) - before, 1):.1f} ballots a commit",
            flush=True,
        )
    began = time.perf_counter()
    done = printed(city, FINISH % (made["election"], made["shares"][:3]))
    seconds = time.perf_counter() - began
    assert len(done["ballots"]) == len(tickets)
    print(f"\nclosed, opened and read {len(tickets)} ballots in {seconds:.1f} s, the start of the process included")


def measure_end(city: RunningCity, number: int) -> None:
    """Print how long the close, the opening and the reading of a full box take."""
    done = printed(city, END % {"number": number})
    close, opening, reading = done["times"]
    print(f"\n| {number:,} ballots | seconds |\n|---|---:|".replace(",", " "))
    print(f"| close: digests, signatures, bulletin, root | {close:.1f} |")
    print(f"| opening: unseal, check, shuffle, write, drop | {opening:.1f} |")
    print(f"| reading them for the count | {reading:.1f} |")
    print(f"\nthe process held at most {done['mib']:.0f} MiB")


def commits(city: RunningCity) -> int:
    """Transactions that the database has committed so far."""
    time.sleep(1.5)  # the statistics come a second late
    return city.sql("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")[0][0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=6000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--end", type=int, default=100_000)
    options = parser.parse_args()
    with durable_cluster(f"bench{os.getpid()}") as cluster, tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["/usr/lib/postgresql/15/bin/createdb", "--maintenance-db", cluster.made.url("postgres"), NAME], check=True
        )
        city = RunningCity(NAME, cluster.connection, Path(folder))
        city.command("migrate", "--verbosity", "0")
        start_web(city, options.workers)
        try:
            if options.ballots:
                measure(city, options)
            measure_end(city, options.end)
        finally:
            city.stop()


main()
