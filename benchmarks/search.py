"""Search over 100,000 documents, asked in this process: ``var/venv/bin/python benchmarks/search.py [--documents 100000]``.

Works in a transaction of the database of DATABASE_URL (default: the private cluster's ``miasto``) and rolls it back.
"""

import argparse
import os
import random
import statistics
import sys
import time
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")

THINGS = [
    "latarnia",
    "dziura w jezdni",
    "chodnik",
    "ławka",
    "kosz na śmieci",
    "drzewo",
    "studzienka",
    "znak drogowy",
    "przystanek",
]
WHAT = ["nie świeci", "jest uszkodzona", "do naprawy", "wymaga sprzątania", "po burzy", "od tygodnia", "przy szkole", "w parku"]
NAMES = [
    "Akacjowa",
    "Brzozowa",
    "Cicha",
    "Długa",
    "Fabryczna",
    "Górna",
    "Jasna",
    "Kwiatowa",
    "Leśna",
    "Łąkowa",
    "Młynarska",
    "Nowa",
]
QUERIES = {
    "common word": ["latarnia", "drzewo", "przystanek"],
    "inflected": ["latarniami", "dziury w jezdni", "ławek"],
    "without diacritics": ["lawka", "smieci", "swieci"],
    "two words": ["ławka łąkowa", "drzewo burza", "chodnik cicha"],
    "three words": ["latarnia długa szkoła", "studzienka nowa tydzień", "kosz park leśna"],
    "beginning": ["la", "dzi", "przysta"],
    "rare": ["55555", "numer 77777", "99998"],
    "typing error": ["latrania", "studzeinka", "przystnek"],
    "nothing": ["xyzzyqwerty", "hipopotam", "zzzz"],
}


def fill(count: int) -> float:
    """Make ``count`` documents through the service; returns seconds."""
    from miasto.kernel.search import selectors, services
    from miasto.kernel.search import sources as module
    from miasto.kernel.spec.search import SearchEntry

    rng = random.Random(20260101)

    def entries(_ids):
        for number in range(count):
            thing, street = rng.choice(THINGS), f"ul. {rng.choice(NAMES)} {rng.randrange(1, 200)}"
            words = " ".join(rng.choices(WHAT, k=4))
            yield SearchEntry(
                object_id=UUID(int=number + 1),
                title=f"{thing.capitalize()}, {street}",
                url=f"/x/{number}/",
                summary=f"numer {number}",
                words=words,
            )

    source = module.Source("bench.things", "rzecz", "rzeczy", "file-text", 1, entries, lambda ids, viewer: set(ids))
    known = {"bench.things": source}
    services.sources = selectors.sources = lambda: known
    began = time.perf_counter()
    services.reindex("bench.things")
    return time.perf_counter() - began


def measure(rounds: int) -> None:
    """Print the table."""
    from miasto.kernel.accounts.viewer import ANONYMOUS
    from miasto.kernel.search.selectors import search, suggest

    print(f"| {'query':20} | {'found':>6} | p50 ms | p95 ms |\n|---|---:|---:|---:|")
    every = []
    for name, texts in QUERIES.items():
        spent, found = [], 0
        for _ in range(rounds):
            for text in texts:
                began = time.perf_counter()
                found = max(found, search(text, ANONYMOUS).total)
                spent.append((time.perf_counter() - began) * 1000)
        every += spent
        print(row(name, found, spent))
    print(row("all", 0, every))
    spent = []
    for _ in range(rounds):
        for text in ("la", "lat", "lata", "latarn"):
            began = time.perf_counter()
            suggest(text, ANONYMOUS)
            spent.append((time.perf_counter() - began) * 1000)
    print(row("suggestions", 0, spent))


def row(name: str, found: int, spent: list[float]) -> str:
    """One line of the table."""
    worst = statistics.quantiles(spent, n=20)[-1]
    return f"| {name:20} | {found or '':>6} | {statistics.median(spent):6.1f} | {worst:6.1f} |"


def main() -> None:
    import django

    django.setup()
    from django.db import connection, transaction

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with transaction.atomic():
        print(f"{options.documents:,} documents indexed in {fill(options.documents):.1f} s\n")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_document, search_word")
        measure(options.rounds)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
