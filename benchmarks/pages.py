"""Requests per second and latency of the main pages, measured over HTTP on the running platform.

    MIASTO_RATE_LIMIT_FACTOR=1000 ./run       # in one terminal; one address asks more than the limit of the search allows
    var/venv/bin/python benchmarks/pages.py   # in another

One client at a time shows the server's time for a page; sixteen at once show what one machine carries.
"""

import argparse
import asyncio
import re
import statistics
import time

import aiohttp

PAGES = {
    "home": "/",
    "public list": "/zgloszenia/",
    "public list, filtered": "/zgloszenia/?szukaj=lampa",
    "a case": None,
    "search": "/szukaj/?q=sienkiewicza",
    "map page": "/mapa/",
    "report form": "/zglos/",
    "air": "/powietrze/",
    "air at an address": "/powietrze/adres/?q=sienkiewicza",
    "air, map": "/powietrze/mapa/",
    "air, compared": "/powietrze/porownanie/",
    "rivers": "/woda/",
    "weather": "/pogoda/",
    "noise": "/halas/",
    "night sky": "/nocne-niebo/",
    "a station": None,
}


async def measure(session: aiohttp.ClientSession, url: str, clients: int, seconds: float) -> tuple[float, list[float]]:
    """``(requests per second, latencies in ms)`` of ``clients`` asking for one address for so many seconds."""
    latencies: list[float] = []
    began = time.perf_counter()

    async def ask() -> None:
        while time.perf_counter() - began < seconds:
            sent = time.perf_counter()
            async with session.get(url) as response:
                await response.read()
                if response.status != 200:
                    raise SystemExit(f"{url} answered {response.status}")
            latencies.append((time.perf_counter() - sent) * 1000)

    await asyncio.gather(*(ask() for _ in range(clients)))
    return len(latencies) / (time.perf_counter() - began), latencies


FIRST_OF = {
    "a case": ("/zgloszenia/", r'href="(/sprawy/[A-Z]+-\d{4}-\d+/)"'),
    "a station": ("/powietrze/", r'href="(/stacje/[a-z0-9-]+/)"'),
}


async def first_of(session: aiohttp.ClientSession, base: str, name: str) -> str:
    """The address of the first case or station on its list."""
    path, pattern = FIRST_OF[name]
    async with session.get(base + path) as response:
        found = re.search(pattern, await response.text())
    if found is None:
        raise SystemExit(f"{path} shows none; start the platform with its demo city")
    return found.group(1)


def row(name: str, alone: list[float], rate: float, busy: list[float]) -> str:
    """One line of the table."""
    quantiles = statistics.quantiles(alone, n=20)
    crowd = statistics.quantiles(busy, n=20)
    one_by_one = [f"{statistics.median(alone):.1f}", f"{quantiles[-1]:.1f}"]
    cells = [*one_by_one, f"{rate:.0f}", f"{statistics.median(busy):.0f}", f"{crowd[-1]:.0f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    async with aiohttp.ClientSession() as session:
        pages = {name: path or await first_of(session, options.url, name) for name, path in PAGES.items()}
        print(f"| page | p50 ms, one client | p95 ms | requests/s, {options.clients} clients | p50 ms | p95 ms |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, path in pages.items():
            url = options.url + path
            await measure(session, url, 1, 1)
            _rate, alone = await measure(session, url, 1, options.seconds)
            rate, busy = await measure(session, url, options.clients, options.seconds)
            print(row(name, alone, rate, busy), flush=True)


asyncio.run(main())
