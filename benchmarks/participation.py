"""What a much discussed matter costs: pages of a process with 1,000 remarks and of lists of 200 proposals.

    DATABASE_URL=... python benchmarks/participation.py               # on a copy of a database with the demo city
    DATABASE_URL=... python benchmarks/participation.py --remarks 50  # a small try

The issue's limit is 100 ms of server time and a constant number of queries (users of Decidim report minutes at 150 comments).
A request is measured inside one process set up as the web server is: middleware, database, page. "Cold" is the first request
after a change of the tables, so nothing kept by the process counts; "warm" are the next. Queries are all statements but BEGIN
and COMMIT, once with ten rows and once with all; the two must be equal. The exit code is 1 where a page misses the limit.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
os.environ["MIASTO_RATE_LIMIT_FACTOR"] = "100000"
os.environ["MIASTO_PLAIN_STATIC"] = "1"
NAME = "miasto_bench_participation"
KIND = "idea.consultation"
BACKEND = "django.contrib.auth.backends.ModelBackend"
STAFF = "konsultacje@demo.invalid"
FEW, LIMIT_MS = 10, 100
PARAGRAPHS = 60
WORDS = ("plac", "drzewa", "ławka", "cień", "woda", "rower", "szkoła", "droga", "hałas", "parking", "zieleń", "chodnik")


@dataclass
class Page:
    """One page asked: ``address`` is made when the rows are there, ``staff`` signs somebody in."""

    name: str
    address: Callable[[], str]
    staff: bool = False
    queries: list[int] = field(default_factory=list)
    cold: float = 0.0
    warm: float = 0.0
    wall: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--remarks", type=int, default=1000)
    parser.add_argument("--proposals", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with _copy():
        import miasto.config.asgi  # noqa: F401 - set up as the web server is

        _listen()
        sys.exit(0 if measure(options.remarks, options.proposals, options.rounds) else 1)


def measure(remarks: int, proposals: int, rounds: int) -> bool:
    """Print the table; whether every page kept the limit and its number of queries."""
    world = World()
    pages = world.pages()
    for count, kinds in ((FEW, FEW), (remarks, proposals)):
        world.grow(remarks=count, proposals=kinds)
        for page in pages:
            _ask(page, rounds if count == remarks else 2)
    print(
        f"| {remarks:,} remarks, {proposals:,} proposals | queries with {FEW} | queries | CPU ms cold | CPU ms warm | ms warm |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    kept = True
    for page in pages:
        few, many = page.queries
        good = few == many and max(page.cold, page.warm, page.wall) < LIMIT_MS
        kept = kept and good
        figures = f"{page.cold:.1f} | {page.warm:.1f} | {page.wall:.1f}"
        print(f"| {page.name}{'' if good else ' (MISSED)'} | {few} | {many} | {figures} |")
    return kept


def _ask(page: Page, rounds: int) -> None:
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client, address = Client(HTTP_HOST="127.0.0.1"), page.address()
    if page.staff:
        client.force_login(get_user_model().objects.get(email=STAFF), BACKEND)

    def run() -> None:
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code != 200 or not body:
            raise SystemExit(f"{address} answered {answer.status_code}")

    run()
    cold = []
    for _round in range(3):
        _outdate()
        began = time.process_time()
        run()
        cold.append((time.process_time() - began) * 1000)
    with CaptureQueriesContext(connection) as asked:
        run()
    page.queries.append(sum(query["sql"] not in ("BEGIN", "COMMIT") for query in asked.captured_queries))
    spent, walls = [], []
    for _round in range(rounds):
        began, wall = time.process_time(), time.perf_counter()
        run()
        spent.append((time.process_time() - began) * 1000)
        walls.append((time.perf_counter() - wall) * 1000)
    page.cold, page.warm, page.wall = statistics.median(cold), statistics.median(spent), statistics.median(walls)


class World:
    """An open consultation with a document of sixty paragraphs, and an ended one with its report."""

    def __init__(self) -> None:
        from django.contrib.auth import get_user_model

        from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
        from miasto.kernel.participation import selectors, services
        from miasto.kernel.participation.testing import row_of

        staff = viewer_for_person(get_user_model().objects.get(email=STAFF).pk)
        unit = selectors.staff_processes(staff, KIND).first().unit_id
        self.rng = random.Random(7)
        self.processes = []
        self.idea, self.project = _first("Idea", audience="public", hidden_at=None), _first("Project", audience="public")
        for number in (1, 2):
            made = services.create_process(process_kind=KIND, row=row_of(title=f"Pomiar {number}", unit_id=unit), by=SYSTEM)
            services.add_document(process=made, title="Fakty", role="facts", text="Jak jest dziś.", by=SYSTEM)
            text = "\n\n".join(f"Akapit {n}. {self._words(60)}" for n in range(PARAGRAPHS))
            self.version = services.add_document(process=made, title="Projekt", role="subject", text=text, by=SYSTEM)
            self.processes.append(services.publish_process(process=made, by=SYSTEM))

    def _words(self, count: int) -> str:
        return " ".join(self.rng.choice(WORDS) for _ in range(count))

    def pages(self) -> list[Page]:
        """What is asked. An address is made anew after each growth."""
        one = f"/idea/konsultacje/{self.processes[1].slug}/"
        return [
            Page("the consultation", lambda: one),
            Page("the document, sixty paragraphs with their remarks", lambda: f"{one}dokumenty/{self.version.pk}/"),
            Page("the ledger of remarks", lambda: f"{one}uwagi/"),
            Page("the ledger, its last page", lambda: f"{one}uwagi/?page={-(-self._count() // 25)}"),
            Page("the ledger, a search", lambda: f"{one}uwagi/?szukaj=drzewa"),
            Page("the remarks of one paragraph", lambda: f"{one}uwagi/?akapit={self._paragraph()}"),
            Page("one remark", lambda: f"{one}uwagi/1/"),
            Page("the places of remarks as GeoJSON", lambda: f"{one}uwagi.geojson"),
            Page("the report of an ended one", lambda: f"/idea/konsultacje/{self.processes[0].slug}/raport/"),
            Page("Idea: the first page", lambda: "/idea/"),
            Page("the list of consultations", lambda: "/idea/konsultacje/"),
            Page("staff: the ledger", lambda: f"/panel/idea/{self.processes[1].pk}/uwagi/", staff=True),
            Page("staff: the workbench", lambda: f"/panel/idea/{self.processes[1].pk}/", staff=True),
            *self._proposals(),
        ]

    def _proposals(self) -> list[Page]:
        found = []
        if self.idea is not None:
            found += [
                Page("the list of ideas", lambda: "/idea/pomysly/"),
                Page("the list of ideas by support", lambda: "/idea/pomysly/?kolejnosc=poparcie"),
                Page("one idea with all its comments", lambda: f"/idea/pomysly/{self.idea.number}/"),
            ]
        if self.project is not None:
            slug = self.project.edition.slug
            found += [
                Page("the projects of a budget", lambda: f"/idea/budzet/{slug}/"),
                Page("the projects of a budget as GeoJSON", lambda: f"/idea/budzet/{slug}/projekty.geojson"),
                Page("one project", lambda: f"/idea/budzet/{slug}/projekty/{self.project.number}/"),
            ]
        return found

    def _count(self) -> int:
        from miasto.kernel.participation.models import Contribution

        return Contribution.objects.filter(process=self.processes[1]).count()

    def _paragraph(self) -> object:
        from miasto.kernel.participation.models import Paragraph

        return Paragraph.objects.filter(version=self.version).order_by("number")[1].pk

    def grow(self, *, remarks: int, proposals: int) -> None:
        """So many remarks in both processes, of which the first is closed with its report; so many ideas and projects."""
        from miasto.kernel.participation.models import Process
        from miasto.kernel.participation.testing import answer_all, many_remarks

        Process.objects.filter(pk=self.processes[0].pk).update(closed_at=None)
        for process in self.processes:
            many_remarks(process, remarks, words=f"drzewa {self._words(40)}")
        answer_all(self.processes[0])
        if self.idea is not None:
            _copies(self.idea, proposals, number=100_000)
            _comments(self.idea, remarks)
        if self.project is not None:
            _copies(self.project, proposals, number=10_000)


def _first(model: str, **where: Any) -> Any:
    """A row of the demo to copy; None where there is none, or no such part."""
    from django.apps import apps

    try:
        rows = apps.get_model("idea", model).objects.filter(**where)
    except LookupError:
        return None
    return rows.order_by("pk").first()


def _copies(sample: Any, upto: int, *, number: int) -> None:
    """So many rows like the sample, numbered from ``number`` on; what must be its own is new or empty."""
    from uuid import uuid4

    model = type(sample)
    there = model.objects.filter(number__gt=number).count()
    whole = model.objects.defer(None).get(pk=sample.pk)
    fields = [one for one in model._meta.concrete_fields if not getattr(one, "generated", False)]
    rows = []
    for n in range(there + 1, upto + 1):
        values = {one.attname: getattr(whole, one.attname) for one in fields}
        for one in fields:
            if one.unique and one.null:
                values[one.attname] = None
        values |= {"id": uuid4(), "number": number + n, "title": f"{whole.title[:60]} {n}"}
        if "client_key" in values:
            values["client_key"] = uuid4()
        if "ballot_number" in values:
            values["ballot_number"] = None
        rows.append(model(**values))
    model.objects.bulk_create(rows)


def _comments(idea: Any, upto: int) -> None:
    """So many published comments under an idea."""
    from miasto.kernel.core import clock
    from miasto.kernel.discussions.models import Comment, CommentText

    there = Comment.objects.filter(thread=idea.thread_id).count()
    values = {"audience": "public", "author_kind": "person", "state": "published", "created_at": clock.now()}
    rows = [Comment(thread_id=idea.thread_id, author_id=idea.author_id, **values) for _n in range(there, upto)]
    Comment.objects.bulk_create(rows)
    CommentText.objects.bulk_create([CommentText(comment=row, body="Dobry pomysł.") for row in rows])


@contextmanager
def _copy() -> Iterator[None]:
    """``DATABASE_URL`` names a copy of the database while the block runs."""
    import psycopg

    parts = urlsplit(os.environ["DATABASE_URL"])
    source, own = parts.path.lstrip("/"), urlunsplit(parts._replace(path=f"/{NAME}"))
    server = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as database:
        database.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        database.execute(f'CREATE DATABASE {NAME} TEMPLATE "{source}"')
    os.environ["DATABASE_URL"] = own
    try:
        yield
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _listen() -> None:
    """Hear the changes of tables, as each process of the web server does."""
    from miasto.kernel.core.freshness import listener

    listener.start()
    while listener.version([]) is None:
        time.sleep(0.05)


def _outdate() -> None:
    """As if remarks and proposals had just changed: whatever the process keeps of them is drawn anew."""
    from django.db import connection

    from miasto.kernel.core.freshness import CHANNEL, listener

    tables = ["participation_process", "participation_phase", "participation_contribution"]
    for table in tables:
        before = listener.version([table])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, table])
        while listener.version([table]) == before:
            time.sleep(0.002)


if __name__ == "__main__":
    main()
