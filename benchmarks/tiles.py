"""Vector tiles of 100,000 objects over HTTP, against the bare ``ST_AsMVT`` query.

    var/venv/bin/python benchmarks/tiles.py [--objects 100000] [--keep]

Makes a database of its own beside the platform's, fills it with points (and as many small areas), starts the web server
as ./run does, and measures one client at a time. "Bare" is the query that anybody would write: every row in the tile's box,
with the same columns, asked over a connection that is open already. Each round asks bare, cold and warm for each tile.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NAME = "miasto_bench_tiles"
MARGIN = 64 / 4096
LAYERS = {
    "points": ("places.school", "places_place", "name", "place_kind = 'school'"),
    "areas": ("places.green", "places_area", "area_kind", "area_kind IN ('park', 'forest', 'reserve')"),
}
BARE = """SELECT ST_AsMVT(tile, 'tile', 4096, 'geom') FROM (
    SELECT ST_AsMVTGeom(geom_3857, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom, id::text AS id, {column}
    FROM {table} WHERE {where} AND geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin})) AS tile"""


def address_of(database: str, url: str) -> str:
    """The same server with another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


@contextmanager
def own_database(url: str, keep: bool):
    """A migrated database that nobody else uses; gives its address."""
    own = address_of(NAME, url)
    with psycopg.connect(address_of("postgres", url), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
    try:
        command = [sys.executable, "-m", "miasto", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment(own), check=True)
        yield own
    finally:
        if not keep:
            with psycopg.connect(address_of("postgres", url), autocommit=True) as server:
                server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def environment(url: str) -> dict[str, str]:
    """The environment of the platform's processes."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "MIASTO_POOL": "10",
        "MIASTO_PLAIN_STATIC": "1",
        "MIASTO_SECRET_KEY": "for the benchmark only",
    }


def fill(url: str, count: int) -> None:
    """``count`` points and ``count`` squares of some 20 m around the city's centre, most of them near it."""
    from miasto.kernel.core.city import city
    from miasto.kernel.core.ids import uuid7

    rng = random.Random(20260101)
    lon, lat = city().centre
    common = "id, geom, address_text, audience, created_at, updated_at, source_key, name"
    with psycopg.connect(url) as database, database.cursor() as cursor:
        with cursor.copy(f"COPY places_place ({common}, place_kind, attributes) FROM STDIN") as copy:
            for number in range(count):
                x, y = lon + rng.gauss(0, 0.04), lat + rng.gauss(0, 0.025)
                row = (uuid7(), f"SRID=4326;POINT({x} {y})", "", "public", "2026-01-01", "2026-01-01", "", f"Obiekt {number}")
                copy.write_row((*row, "school", "{}"))
        with cursor.copy(f"COPY places_area ({common}, area_kind, code) FROM STDIN") as copy:
            for number in range(count):
                x, y, half = lon + rng.gauss(0, 0.04), lat + rng.gauss(0, 0.025), rng.uniform(5, 15) / 70_000
                ring = ", ".join(f"{x + a * half} {y + b * half}" for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)))
                row = (
                    uuid7(),
                    f"SRID=4326;MULTIPOLYGON((({ring})))",
                    "",
                    "public",
                    "2026-01-01",
                    "2026-01-01",
                    "",
                    f"Park {number}",
                )
                copy.write_row((*row, "park", ""))
        database.commit()
        database.autocommit = True
        cursor.execute("VACUUM ANALYZE places_place")
        cursor.execute("VACUUM ANALYZE places_area")


@contextmanager
def server(url: str):
    """The web server of ./run on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--loop", "uvloop", "--no-ws", "--log-level", "warning", "miasto.config.asgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(url))
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{base}/zdrowie/", timeout=1)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        else:
            raise SystemExit("the web server did not start")
        yield base
    finally:
        process.terminate()
        process.wait(timeout=20)


def tiles_of(z: int, many: int) -> list[tuple[int, int, int]]:
    """Up to ``many`` tiles of a zoom around the city's centre."""
    from miasto.kernel.core.city import city
    from miasto.kernel.maps.testing import tile_at

    _z, x, y = tile_at(*city().centre, z)
    found = [(z, x + dx, y + dy) for dx in (0, -1, 1) for dy in (0, -1, 1)]
    return found[: max(1, min(many, 4 ** max(0, z - 11)))]


async def get(session: aiohttp.ClientSession, url: str) -> tuple[float, int]:
    """``(milliseconds, bytes)`` of one request."""
    sent = time.perf_counter()
    async with session.get(url, headers={"Accept-Encoding": "identity"}) as answer:
        body = await answer.read()
        if answer.status != 200:
            raise SystemExit(f"{url} answered {answer.status}")
    return (time.perf_counter() - sent) * 1000, len(body)


def bare(cursor: psycopg.Cursor, table: str, column: str, where: str, tile: tuple[int, int, int]) -> tuple[float, int]:
    """``(milliseconds, bytes)`` of the bare query."""
    began = time.perf_counter()
    sql = BARE.format(table=table, column=column, where=where, margin=MARGIN)
    cursor.execute(sql, dict(zip("zxy", tile, strict=True)))
    body = cursor.fetchone()[0]
    return (time.perf_counter() - began) * 1000, len(body)


async def zoom(session, cursor, base: str, layer: str, z: int, options) -> dict[str, list[float]]:
    """Milliseconds and bytes of every tile and round of one zoom of one layer."""
    key, table, column, where = LAYERS[layer]
    found: dict[str, list[float]] = {name: [] for name in ("bare", "cold", "warm", "bare bytes", "bytes")}
    for tile in tiles_of(z, options.tiles):
        url = f"{base}/mapa/kafelki/{key}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"
        for _ in range(options.rounds):
            spent, size = bare(cursor, table, column, where, tile)
            found["bare"].append(spent)
            found["bare bytes"].append(size)
            cursor.execute("SELECT pg_notify('miasto_tables', %s)", [table])
            await asyncio.sleep(0.02)
            spent, size = await get(session, url)
            found["cold"].append(spent)
            found["bytes"].append(size)
            found["warm"] += [(await get(session, url))[0] for _ in range(options.repeat)]
    return found


async def busy(session: aiohttp.ClientSession, url: str, clients: int, seconds: float) -> float:
    """Requests per second of one warm tile."""
    until, done = time.perf_counter() + seconds, 0

    async def ask() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await get(session, url)
            done += 1

    await asyncio.gather(*(ask() for _ in range(clients)))
    return done / seconds


async def measure(base: str, url: str, options) -> None:
    """Print the table."""
    print(f"{options.objects:,} objects in each layer, {options.rounds} rounds, one client; times in ms, p50 (p95)\n")
    print(f"| layer | zoom | {'bare':>15} | {'cold':>15} | cold/bare | {'warm':>13} | {'bare kB':>8} | {'kB':>8} |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    connector = aiohttp.TCPConnector(limit=32)
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as database:
        async with aiohttp.ClientSession(connector=connector) as session:
            every = {name: [] for name in ("bare", "cold", "warm")}
            for layer in LAYERS:
                for z in range(options.zooms[0], options.zooms[1] + 1):
                    found = await zoom(session, database.cursor(), base, layer, z, options)
                    print(line(layer, str(z), found), flush=True)
                    for name, values in every.items():
                        values += found[name]
            print(line("all", "", {**every, "bytes": [0], "bare bytes": [0]}))
            tile = tiles_of(15, 1)[0]
            warm = f"{base}/mapa/kafelki/{LAYERS['points'][0]}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"
            print(f"\n16 clients, one warm tile of zoom 15: {await busy(session, warm, 16, 3):,.0f} requests/s")


def line(layer: str, z: str, found: dict[str, list[float]]) -> str:
    """One line of the table."""
    ratio = sum(found["cold"]) / sum(found["bare"])
    times = [f"{median(found[name]):.2f} ({worst(found[name]):.2f})" for name in ("bare", "cold", "warm")]
    sizes = [f"{statistics.mean(found[name]) / 1000:.0f}" for name in ("bare bytes", "bytes")]
    spent = f"{times[0]:>15} | {times[1]:>15} | {ratio:9.2f} | {times[2]:>13}"
    return f"| {layer:6} | {z:2} | {spent} | {sizes[0]:>8} | {sizes[1]:>8} |"


def median(values: list[float]) -> float:
    return statistics.median(values)


def worst(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--tiles", type=int, default=5, help="tiles of each zoom")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=20, help="warm requests for each cold one")
    parser.add_argument("--zooms", type=json.loads, default=[9, 16], help="first and last, as [9, 16]")
    parser.add_argument("--keep", action="store_true", help="leave the database")
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL") or f"postgresql://miasto@/miasto?host={ROOT / 'var/pg/run'}"
    with own_database(url, options.keep) as own:
        fill(own, options.objects)
        with server(own) as base:
            asyncio.run(measure(base, own, options))


if __name__ == "__main__":
    main()
