"""What comes in by machines: Open311 read by programs over 100,000 reports, letters taken in by LMTP.

    DATABASE_URL=... python benchmarks/contact_centre_load.py                     # on a copy of a database with the demo city
    DATABASE_URL=... python benchmarks/contact_centre_load.py --reports 100000 --letters 400 --senders 4

Times of Open311 are of the whole request inside one process: middleware, database, JSON. Letters go over a socket to the LMTP
server as a process of its own; a letter counts when it has answered 250, which means committed. The machine's load is printed.
"""

from __future__ import annotations

import argparse
import os
import smtplib
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import contact_centre as bench

bench.NAME = "miasto_bench_load"
ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "/api/open311/v2/requests.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--letters", type=int, default=400)
    parser.add_argument("--senders", type=int, default=4)
    options = parser.parse_args()
    with bench._copy(options.reports, keep=False):
        bench._django()
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        open311(options.rounds)
        print()
        letters(options.letters, options.senders)
        print(f"\nload of the machine after: {os.getloadavg()[0]:.1f}")


def open311(rounds: int) -> None:
    """Print p50 and p95 of reading requests as programs do."""
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1")
    print("| GET requests.json | p50 ms | p95 ms | reports in the answer |")
    print("|---|---:|---:|---:|")
    for name, query in _queries():
        times, count = [], 0
        for number in range(rounds + 2):
            began = time.perf_counter()
            answer = client.get(f"{ADDRESS}?{query}")
            times.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{query} answered {answer.status_code}")
            count = len(answer.json()) if number == 0 else count
        p95 = statistics.quantiles(times[2:], n=20)[-1]
        print(f"| {name} | {statistics.median(times[2:]):.1f} | {p95:.1f} | {count} |")


def _queries() -> list[tuple[str, str]]:
    from miasto.kernel.cases import selectors as cases
    from miasto.kernel.core import clock
    from miasto.kernel.core.city import city
    from miasto.modules.contact_centre.case_type import KEY

    lon, lat = city().centre
    code = cases.leaves(KEY)[0].slug
    week = clock.now() - timedelta(days=7)
    span = f"start_date={week:%Y-%m-%dT00:00:00Z}&end_date={clock.now():%Y-%m-%dT00:00:00Z}"
    return [
        ("50 newest", "page_size=50"),
        ("page 20 of 50", "page_size=50&page=20"),
        ("open, of one service", f"status=open&service_code={code}&page_size=50"),
        ("a week", f"{span}&page_size=50"),
        ("within 500 m of a point", f"lat={lat}&long={lon}&radius=500&page_size=50"),
        ("without arguments (up to 1,000 of 90 days)", ""),
    ]


def letters(count: int, senders: int) -> None:
    """Print how many letters a second the LMTP server commits."""
    command = [sys.executable, "-m", "miasto", "lmtp", "--port", "0"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        host, _colon, port = server.stdout.readline().removeprefix("LMTP: ").strip().rpartition(":")
        _send(host, int(port), senders, 0)
        began = time.perf_counter()
        with ThreadPoolExecutor(senders) as pool:
            list(pool.map(lambda sender: _send(host, int(port), count // senders, sender + 1), range(senders)))
        took = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(timeout=20)
    print(f"{count // senders * senders} letters by {senders} senders in {took:.1f} s: {count / took:.0f} a second")


def _send(host: str, port: int, count: int, sender: int) -> None:
    with smtplib.LMTP(host, port) as line:
        for number in range(count):
            letter = EmailMessage()
            letter["From"], letter["To"] = f"Mieszkaniec <m{sender}@przyklad.pl>", "kontakt@miasto.invalid"
            letter["Subject"], letter["Message-ID"] = (
                f"List {sender}/{number}",
                f"<{os.getpid()}.{sender}.{number}@przyklad.pl>",
            )
            letter.set_content("Dzień dobry,\n\nna naszej ulicy od wczoraj nie świeci latarnia.\n\nPozdrawiam\n" * 5)
            line.send_message(letter)


if __name__ == "__main__":
    main()
