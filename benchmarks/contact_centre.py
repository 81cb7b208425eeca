"""What the contact centre costs: queries and CPU time of three operations, and answers over a million reports.

    DATABASE_URL=... python benchmarks/contact_centre.py                    # on a copy of a database with the demo city
    DATABASE_URL=... python benchmarks/contact_centre.py --reports 1000000  # a copy grown to a million reports

The operations are those for which Signalen 2.50 needs 74, 263 and 339 queries and 113, 577 and 871 ms of CPU. Queries are all
statements but BEGIN and COMMIT. Times of the million are of the whole request inside one process: middleware, database, page.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
os.environ["MIASTO_RATE_LIMIT_FACTOR"] = "100000"
os.environ["MIASTO_PLAIN_STATIC"] = "1"
NAME = "miasto_bench_contact_centre"
REPORT = "contact_centre.report"
BACKEND = "django.contrib.auth.backends.ModelBackend"
SIGNALEN = {"report": (74, 113), "list": (263, 577), "tree": (339, 871)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=0, help="grow a copy of the database to so many reports and ask it")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="leave the grown copy; used as it is where it exists")
    options = parser.parse_args()
    with _copy(options.reports, options.keep):
        _django()
        if options.reports:
            million(options.rounds)
        else:
            operations(options.rounds)


def _django() -> None:
    """Set up as the web server is."""
    import miasto.config.asgi  # noqa: F401


def operations(rounds: int) -> None:
    """Print queries and CPU milliseconds of the three operations beside Signalen's, in a process as the web server's."""
    _listen()
    print("| operation | queries | Signalen | CPU ms | Signalen | a tenth of it |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, words, run in (
        ("report", "create a public report with a photo", _report()),
        ("list", "list 50 reports as staff", _queue()),
        ("list", "the same, with the whole page of the queue", _queue_page()),
        ("tree", "the category tree", _tree),
    ):
        queries, cpu = _measured(run, rounds)
        theirs = SIGNALEN[name]
        print(f"| {words} | {queries} | {theirs[0]} | {cpu:.1f} | {theirs[1]} | {theirs[1] / 10:.1f} |")


def _measured(run: Callable[[], object], rounds: int) -> tuple[int, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    run()
    with CaptureQueriesContext(connection) as asked:
        run()
    count = sum(query["sql"] not in ("BEGIN", "COMMIT") for query in asked.captured_queries)
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        run()
        spent.append((time.process_time() - began) * 1000)
    return count, statistics.median(spent)


def _report() -> Callable[[], object]:
    """A photo of 640 x 480 pixels taken in, made harmless and attached to a report filed by nobody known."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    from miasto.kernel.accounts.selectors import ANONYMOUS
    from miasto.kernel.cases import selectors, services
    from miasto.kernel.core.city import city
    from miasto.kernel.files.services import store_image

    buffer = io.BytesIO()
    Image.effect_noise((80, 60), 60).resize((640, 480)).convert("RGB").save(buffer, "JPEG", quality=85)
    category = next(one for one in selectors.leaves(REPORT) if not one.questions and not one.danger)
    contact = services.Contact(name="Jan", email="jan@example.org", phone="", language="pl")

    def run() -> None:
        photo = store_image(upload=SimpleUploadedFile("a.jpg", buffer.getvalue(), "image/jpeg"), by=ANONYMOUS)
        services.file_case(
            case_type=REPORT, category=category, description="Dziura w jezdni przy przystanku", point=city().centre,
            address_text="", answers={}, file_ids=[photo.file.id], contact=contact, by=ANONYMOUS,
        )  # fmt: skip

    return run


def _queue() -> Callable[[], object]:
    """The staff queue's rows with names, photos to approve and days left, 50 of them."""
    from miasto.kernel.cases import selectors

    viewer = _operator()

    def run() -> None:
        page = selectors.queue(viewer, selectors.QueueFilters(size=50))
        if len(page.rows) != 50:
            raise SystemExit(f"the queue has {len(page.rows)} rows; load the demo city")

    return run


def _queue_page() -> Callable[[], object]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    staff = Client(HTTP_HOST="127.0.0.1")
    staff.force_login(get_user_model().objects.get(email="centrum@demo.invalid"), BACKEND)
    return lambda: staff.get("/panel/sprawy/").content


def _tree() -> None:
    """The whole tree of categories with their names."""
    from miasto.kernel.cases import selectors

    for node in selectors.categories(REPORT):
        for child in node.children:
            str(child.category.title)


def _operator() -> object:
    from django.contrib.auth import get_user_model

    from miasto.kernel.accounts.selectors import viewer_for_person

    return viewer_for_person(get_user_model().objects.get(email="centrum@demo.invalid").pk)


@contextmanager
def _copy(reports: int, keep: bool):
    """``DATABASE_URL`` names a copy of the database with so many reports while the block runs."""
    import psycopg

    url = os.environ["DATABASE_URL"]
    parts = urlsplit(url)
    source, own = parts.path.lstrip("/"), urlunsplit(parts._replace(path=f"/{NAME}"))
    server = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as database:
        there = database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if not there:
            database.execute(f'CREATE DATABASE {NAME} TEMPLATE "{source}"')
    try:
        if not there and reports:
            from contact_centre_growth import grow

            began = time.perf_counter()
            with psycopg.connect(own, autocommit=True) as database:
                grow(database, reports)
            print(f"grown to {reports:,} reports in {time.perf_counter() - began:.0f} s\n", file=sys.stderr)
        os.environ["DATABASE_URL"] = own
        yield
    finally:
        if not keep:
            from django.db import connections

            connections.close_all()
            with psycopg.connect(server, autocommit=True) as database:
                database.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def million(rounds: int) -> None:
    """Print p50 and p95 of the staff queue, the register and the map over everything that a reader may ask of them."""
    from django.test import Client

    staff, public = Client(HTTP_HOST="127.0.0.1"), Client(HTTP_HOST="127.0.0.1")
    from django.contrib.auth import get_user_model

    staff.force_login(get_user_model().objects.get(email="centrum@demo.invalid"), BACKEND)
    _listen()
    print("| pages | addresses | p50 ms | p95 ms | slowest |")
    print("|---|---:|---:|---:|---|")
    for name, client, addresses in (
        ("staff queue", staff, _queue_addresses()),
        ("register", public, _register_addresses()),
        ("map: tiles, cold", public, _tile_addresses()),
        ("map: reports of a filter", public, _point_addresses()),
    ):
        print(_line(name, client, addresses, rounds))


def _listen() -> None:
    """Hear the changes of tables, as each process of the web server does."""
    from miasto.kernel.core.freshness import listener

    listener.start()
    while listener.version([]) is None:
        time.sleep(0.05)


def _line(name: str, client: object, addresses: list[str], rounds: int) -> str:
    spent: list[tuple[float, str]] = []
    for address in addresses[:3]:
        client.get(address)
    for number in range(max(rounds, len(addresses) * 3)):
        address = addresses[number % len(addresses)]
        _outdate()
        began = time.perf_counter()
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        spent.append(((time.perf_counter() - began) * 1000, address))
        if answer.status_code not in (200, 204) or body is None:
            raise SystemExit(f"{address} answered {answer.status_code}")
    times = [one[0] for one in spent]
    worst = max(spent)
    return (
        f"| {name} | {len(addresses)} | {statistics.median(times):.1f} | {statistics.quantiles(times, n=20)[-1]:.1f} "
        f"| {worst[0]:.0f} ms {worst[1]} |"
    )


def _outdate() -> None:
    """As if a case had just changed: whatever the process keeps of cases is drawn anew; the figures of the last minute stay."""
    from django.db import connection

    from miasto.kernel.core.freshness import CHANNEL, listener

    before = listener.version(["cases_case"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, 'cases_case')", [CHANNEL])
    while listener.version(["cases_case"]) == before:
        time.sleep(0.002)


def _choices() -> tuple[list[str], list[str], list[str]]:
    """Categories, districts and units: a common one, a rare one."""
    from miasto.kernel.accounts.models import Unit
    from miasto.kernel.cases import selectors
    from miasto.kernel.places.selectors import districts

    slugs = [one.slug for one in selectors.leaves(REPORT)]
    return slugs, [str(one.pk) for one in districts()[:10]], [str(pk) for pk in Unit.objects.values_list("pk", flat=True)[:12]]


def _queue_addresses() -> list[str]:
    slugs, districts, units = _choices()
    rng = random.Random(3)
    base = "/panel/sprawy/"
    asked = ["", "?tylko=po-terminie", "?tylko=nieprzydzielone", "?stan=wszystkie", "?szukaj=lampa", "?szukaj=sienkiewicza"]
    asked += [f"?kategoria={slug}" for slug in rng.sample(slugs, 6)]
    asked += [f"?obszar={one}" for one in districts[:4]] + [f"?jednostka={one}" for one in units[:6]]
    asked += [f"?kategoria={rng.choice(slugs)}&szukaj=dziura", f"?obszar={districts[0]}&jednostka={units[0]}"]
    return [base + one for one in asked]


def _register_addresses() -> list[str]:
    slugs, districts, _units = _choices()
    rng = random.Random(4)
    asked = ["", "?okres=7", "?okres=90", "?etap=resolved", "?szukaj=lampa", "?szukaj=sienkiewicza"]
    asked += [f"?kategoria={slug}" for slug in rng.sample(slugs, 8)] + [f"?obszar={one}" for one in districts[:6]]
    asked += [f"?kategoria={rng.choice(slugs)}&obszar={districts[1]}&okres=30", "?szukaj=dziura+przystanek"]
    return ["/zgloszenia/" + one for one in asked]


def _point_addresses() -> list[str]:
    return [address.replace("/zgloszenia/", "/zgloszenia/mapa.geojson") for address in _register_addresses() if "?" in address]


def _tile_addresses() -> list[str]:
    from miasto.kernel.core.city import city
    from miasto.kernel.maps.testing import tile_at

    found = []
    for z in range(9, 17):
        _z, x, y = tile_at(*city().centre, z)
        around = [(dx, dy) for dx in (0, 1) for dy in (0, 1)] if z > 10 else [(0, 0)]
        found += [f"/mapa/kafelki/contact_centre.reports/{z}/{x + dx}/{y + dy}.mvt" for dx, dy in around]
    return found


if __name__ == "__main__":
    main()
