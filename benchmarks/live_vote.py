"""How fast a hall votes: telephones read the opened question and vote at once, on a database that writes to the disk.

    var/venv/bin/python benchmarks/live_vote.py [--phones 300] [--rounds 5] [--workers 2]

Starts a PostgreSQL of its own with fsync, migrates it, starts the web server as ./run does. For each round a question is
opened, each telephone reads its page (as after the event of the opening) and sends one vote, all at once, over connections
of their own. The clients' own work is on the same cores. Each round is closed and its tally compared with what was sent.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.durable import durable_cluster  # noqa: E402
from tests.running_city import RunningCity  # noqa: E402

NAME = "phones"
CSRF = "b" * 32
PREPARE = """
import json
from django.core import signing
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.core import clock
from miasto.modules.idea.live import services, views
row = services.MeetingRow(title="Miara", starts_at=clock.now(), unit_id=make_unit().pk)
meeting = services.start_meeting(meeting=services.create_meeting(row=row, by=SYSTEM), by=SYSTEM)
name = f"{{views.COOKIE}}_{{meeting.code}}"
signer = signing.get_cookie_signer(salt=name + views.SALT)
guests = [services.join_as_guest(meeting=meeting, remote=False) for _phone in range({phones})]
cookies = [f"{{name}}={{signer.sign(str(one.pk))}}" for one in guests]
options = services.QuestionRow(kind="one", title="Które?", options=["A", "B", "C"])
asked = [services.add_question(meeting=meeting, row=options, by=SYSTEM) for _round in range({rounds})]
print(json.dumps({{"code": meeting.code, "cookies": cookies, "questions": [str(one.pk) for one in asked]}}))
"""
STEP = """
import json
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.modules.idea.live import services
from miasto.modules.idea.live.models import LiveQuestion
question = LiveQuestion.objects.get(pk="{question}")
print(json.dumps(services.{step}_question(question=question, by=SYSTEM).result))
"""


def start_web(city: RunningCity, workers: int) -> None:
    """The web server with the switches of ./run."""
    arguments = ["--interface", "asginl", "--host", "127.0.0.1", "--port", str(city.port), "--workers", str(workers)]
    arguments += ["--loop", "uvloop", "--no-ws", "--log-level", "warning", "miasto.config.asgi:application"]
    city._start("web", [sys.executable, "-m", "granian", *arguments])
    city._wait()


async def ask(port: int, head: str, cookie: str, body: str = "") -> tuple[int, bytes]:
    """One request over a connection of its own; returns status and the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [head, "Host: 127.0.0.1", f"Cookie: {cookie}; csrftoken={CSRF}", "Connection: close"]
    if body:
        lines += [f"X-CSRFToken: {CSRF}", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


async def phone(port: int, made: dict, question: str, cookie: str, times: dict[str, list[float]]) -> None:
    """Read the page, then vote."""
    base = f"/glosuj/{made['code']}/"
    for name, head, body, wanted in (
        ("reads the question", f"GET {base} HTTP/1.1", "", 200),
        ("votes", f"POST {base}glos/{question}/ HTTP/1.1", "choice=1", 302),
    ):
        began = time.perf_counter()
        status, answer = await ask(port, head, cookie, body)
        if status != wanted:
            raise SystemExit(f"{name}: {status}\n{answer[:2000].decode(errors='replace')}")
        times[name].append((time.perf_counter() - began) * 1000)


async def round_of(port: int, made: dict, question: str) -> tuple[float, dict[str, list[float]]]:
    """All telephones at once: ``(seconds until the last vote is in, times in ms)``."""
    times: dict[str, list[float]] = {"reads the question": [], "votes": []}
    began = time.perf_counter()
    await asyncio.gather(*(phone(port, made, question, cookie, times) for cookie in made["cookies"]))
    return time.perf_counter() - began, times


def printed(city: RunningCity, script: str) -> dict:
    """What a script printed last, as JSON."""
    return json.loads(city.command("shell", "-v", "0", "-c", script).splitlines()[-1])


def measure(city: RunningCity, options: argparse.Namespace) -> None:
    """Print the table; the first round warms the server up."""
    made = printed(city, PREPARE.format(phones=options.phones, rounds=options.rounds + 1))
    all_times: dict[str, list[float]] = {"reads the question": [], "votes": []}
    seconds: list[float] = []
    for number, question in enumerate(made["questions"]):
        printed(city, STEP.format(question=question, step="open"))
        took, times = asyncio.run(round_of(city.port, made, question))
        result = printed(city, STEP.format(question=question, step="close"))
        assert result["votes"] == [0, options.phones, 0], result
        if number:
            seconds.append(took)
            for name, found in times.items():
                all_times[name] += found
    print(f"| {options.phones} phones at once, {options.workers} web processes | p50 ms | p95 ms | p99 ms |")
    print("|---|---:|---:|---:|")
    for name, found in all_times.items():
        cuts = statistics.quantiles(found, n=100)
        print(f"| {name} | {statistics.median(found):.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} |")
    whole = statistics.median(seconds)
    print(f"\nall have read and voted after {whole:.1f} s: {2 * options.phones / whole:.0f} requests a second; none lost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with durable_cluster(f"bench{os.getpid()}") as cluster, tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["/usr/lib/postgresql/15/bin/createdb", "--maintenance-db", cluster.made.url("postgres"), NAME], check=True
        )
        (Path(folder) / "assets").symlink_to(ROOT / "var" / "assets")
        city = RunningCity(NAME, cluster.connection, Path(folder))
        city.command("migrate", "--verbosity", "0")
        start_web(city, options.workers)
        try:
            measure(city, options)
        except BaseException:
            print((Path(folder) / "web.log").read_text()[-2000:])
            raise
        finally:
            city.stop()


main()
