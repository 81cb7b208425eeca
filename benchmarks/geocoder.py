"""Speed and accuracy of the geocoder: ``DATABASE_URL=... python benchmarks/geocoder.py`` on a database with addresses.

Addresses are drawn by a fixed seed and written as people write them, with and without typing errors. A made query counts
as found at k when its address (its street, for a name alone) is among the first k answers. Words are met for the first
time in each row ("first") and again ("again": the process has cached their dictionary forms).
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
GOAL_MS = 20
LETTERS = "aąbcćdeęfghijklłmnńoóprsśtuwyzźż"
Row = tuple[str, str, str, str]  # identifier of the address, of the street, the street's name, the number


def typo(word: str, dice: random.Random) -> str:
    """One letter dropped, doubled, changed or swapped with its neighbour; never the first."""
    if len(word) < 4:
        return word
    place = dice.randrange(1, len(word) - 1)
    left, right = word[:place], word[place:]
    return dice.choice(
        (
            left + right[1:],
            left + right[0] + right,
            left + dice.choice(LETTERS) + right[1:],
            left + right[1] + right[0] + right[2:],
        )
    )


def bare(text: str) -> str:
    """Lower case without diacritics."""
    from miasto.kernel.core.polish import fold

    return fold(text)


def spoiled(name: str, dice: random.Random) -> str:
    """The name with one typing error in its longest word."""
    words = name.split()
    longest = max(range(len(words)), key=lambda index: len(words[index]))
    words[longest] = typo(words[longest], dice)
    return " ".join(words)


WAYS: dict[str, Callable[[str, str, random.Random], str]] = {
    "as written": lambda name, number, dice: f"{name} {number}",
    "ul., flat number": lambda name, number, dice: f"ul. {name} {number}/{dice.randrange(1, 60)}",
    "no diacritics": lambda name, number, dice: bare(f"{name} {number}"),
    "number first": lambda name, number, dice: f"{number} {bare(name)}",
    "one typing error": lambda name, number, dice: f"{spoiled(name, dice)} {number}",
    "error, no diacritics": lambda name, number, dice: bare(f"{spoiled(name, dice)} {number}"),
    "two typing errors": lambda name, number, dice: f"{spoiled(spoiled(name, dice), dice)} {number}",
    "beginning of the name": lambda name, number, dice: bare(name)[: max(4, int(len(name) * 0.6))],
    "street alone, error": lambda name, number, dice: spoiled(name, dice),
}


def sample(count: int, seed: int) -> list[Row]:
    """So many addresses of different streets, drawn by a seed."""
    from miasto.kernel.places.models import Address

    rows = Address.objects.filter(street__isnull=False).order_by("address_text", "id")
    every = list(rows.values_list("id", "street_id", "street__name", "number"))
    return random.Random(seed).sample(every, min(count, len(every)))


def run(way: Callable[[str, str, random.Random], str], rows: list[Row], seed: int) -> Iterator[tuple[int, float, float]]:
    """For each address: its place among the answers (0: not there), ms of the first and of the second time."""
    from miasto.kernel.places.selectors import geocode

    for number, (address, street, name, house) in enumerate(rows):
        text = way(name, house, random.Random(f"{seed}-{number}"))
        began = time.perf_counter()
        found = [one.id for one in geocode(text)]
        first = time.perf_counter()
        geocode(text)
        again = time.perf_counter()
        wanted = address if any(sign.isdigit() for sign in text) and text.split()[-1:] != name.split()[-1:] else street
        place = found.index(wanted) + 1 if wanted in found else 0
        yield place, (first - began) * 1000, (again - first) * 1000


def main() -> None:
    """Print a table: way of writing, recall at 1 and 5, ms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=300, help="how many addresses are drawn (default 300)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import django

    django.setup()
    from miasto.kernel.places.models import Address, ObjectIndex

    rows = sample(options.addresses, options.seed)
    if not rows:
        raise SystemExit("no addresses here; load the demo city first")
    names = ObjectIndex.objects.exclude(norm="").count()
    print(f"{Address.objects.count()} addresses, {names} names, {len(rows)} queries a row; goal: p95 under {GOAL_MS} ms")
    print(f"{'written':<24}{'at 1':>8}{'at 5':>8}{'first p50':>12}{'p95':>8}{'again p50':>12}{'p95':>8}")
    for name, way in WAYS.items():
        results = list(run(way, rows, options.seed))
        at = {most: sum(0 < place <= most for place, _first, _again in results) / len(results) for most in (1, 5)}
        cells = [f"{name:<24}{at[1]:8.1%}{at[5]:8.1%}"]
        for column, width in ((1, 12), (2, 12)):
            times = sorted(result[column] for result in results)
            cells.append(f"{statistics.median(times):{width}.1f}{times[int(len(times) * 0.95)]:8.1f}")
        print("".join(cells))


if __name__ == "__main__":
    main()
