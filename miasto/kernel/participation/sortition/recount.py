#!/usr/bin/env python3
"""Repeat the draw of a citizen panel from its two published files.

    python3 recount.py LIST.csv DRAW.json [--chances]

Needs Python 3.9 or newer and nothing else. LIST.csv: a line ``number;person person …`` for each committee, numbered from 0.
DRAW.json: ``list_sha256`` and ``commitment`` (published before the draw), ``seed`` (kept secret till the draw), ``event`` (the
public random value, known to nobody when the first two were published), ``line``, ``committee`` and ``replacements``.

How it is drawn: block n is SHA-256 of the text ``seed:event:n``, cut into eight numbers of 32 bits. A number below k is the
next one modulo k; numbers from the incomplete last stretch of k are thrown away, so that each result is exactly as likely.
The line comes from the first number of the event's row; the replacement n from the row of the event with the
text ``; replacement n`` added.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter

WORD = 2**32


def commitment(seed):
    """What is published beforehand of the seed (text): its SHA-256 in hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def numbers(seed, event):
    """The endless row of numbers below 2**32."""
    block = 0
    while True:
        digest = hashlib.sha256(f"{seed}:{event}:{block}".encode()).digest()
        for at in range(0, 32, 4):
            yield int.from_bytes(digest[at : at + 4], "big")
        block += 1


def below(row, bound):
    """The next number below ``bound``, each exactly as likely."""
    fair = WORD // bound * bound
    return next(value for value in row if value < fair) % bound


def replacing(event, turn):
    """The event of the replacement ``turn``, counted from 1."""
    return f"{event}; replacement {turn}"


def committees(data):
    """The committees of the list: [[person, …], …]. ValueError when its lines are not numbered in turn."""
    lines = [line.split(";") for line in data.decode().splitlines()]
    if [number for number, _people in lines] != [str(place) for place in range(len(lines))]:
        raise ValueError("lines are not numbered in turn")
    return [people.split() for _number, people in lines]


def check(data, draw):
    """[(what was checked, whether it agrees)] of the list (bytes) and the draw (a dict)."""
    listed, seed, event = committees(data), draw["seed"], draw["event"]
    line = below(numbers(seed, event), len(listed))
    checks = [
        ("skrót SHA-256 listy jest taki, jaki ogłoszono", hashlib.sha256(data).hexdigest() == draw["list_sha256"]),
        ("ziarno odpowiada zobowiązaniu", commitment(seed) == draw["commitment"]),
        (f"wylosowany wiersz: {line}", line == draw["line"]),
        ("skład panelu to osoby z tego wiersza", listed[line] == draw["committee"]),
    ]
    for turn, one in enumerate(draw.get("replacements", []), start=1):
        chosen = one["equals"][below(numbers(seed, replacing(event, turn)), len(one["equals"]))]
        checks.append((f"zamiast {one['gone']}: {chosen}", chosen == one["chosen"]))
    return checks


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list")
    parser.add_argument("draw")
    parser.add_argument("--chances", action="store_true", help="print in how many committees each person is")
    asked = parser.parse_args(arguments)
    with open(asked.list, "rb") as file:
        data = file.read()
    with open(asked.draw, encoding="utf-8") as file:
        draw = json.load(file)
    checks = check(data, draw)
    for text, right in checks:
        print(("zgadza się:      " if right else "NIE ZGADZA SIĘ:  ") + text)
    if asked.chances:
        listed = committees(data)
        counted = Counter(person for people in listed for person in people)
        for person in sorted(counted, key=lambda number: (len(number), number)):
            print(f"{person}: {counted[person]} z {len(listed)}")
    return 0 if all(right for _text, right in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
