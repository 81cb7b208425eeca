#!/usr/bin/env python3
"""Repeat the draw of a citizen panel from its two published files.

    python3 recount.py LIST.csv DRAW.json [--chances]

Needs Python 3.9 or newer and nothing else. LIST.csv: a line ``number;person person …`` for each committee, numbered from 0.
DRAW.json: ``list_sha256`` and ``commitment`` (published before the draw), ``secret`` (hexadecimal) and ``public`` (the public
random value, known to nobody when the first two were published), ``line``, ``committee`` and ``replacements``.

How it is drawn: seed = SHA-256(secret, then public in UTF-8). A number below n for a purpose: SHA-256(seed, then the text
``purpose:0``), read as one whole number; numbers from the incomplete last stretch of n are thrown away and ``purpose:1`` …
asked, so each result is exactly as likely as the next. The purpose of the draw is ``committee``; of the replacements
``replacement 1``, ``replacement 2`` ….
"""

import argparse
import hashlib
import json
import sys
from collections import Counter

COMMITTEE = "committee"
REPLACEMENT = "replacement"


def commitment(secret):
    """What is published beforehand of ``secret`` (bytes): its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret).hexdigest()


def seed(secret, public):
    """The seed (32 bytes) from the secret (bytes) and the public value (text)."""
    return hashlib.sha256(secret + public.encode()).digest()


def below(start, purpose, count):
    """A number 0 … count - 1 for ``purpose`` from the seed ``start``, each exactly as likely."""
    whole = 2**256 - 2**256 % count
    turn = 0
    while True:
        found = int.from_bytes(hashlib.sha256(start + f"{purpose}:{turn}".encode()).digest(), "big")
        if found < whole:
            return found % count
        turn += 1


def committees(data):
    """The committees of the list: [[person, …], …]. ValueError when its lines are not numbered in turn."""
    lines = [line.split(";") for line in data.decode().splitlines()]
    if [number for number, _people in lines] != [str(place) for place in range(len(lines))]:
        raise ValueError("lines are not numbered in turn")
    return [people.split() for _number, people in lines]


def check(data, draw):
    """[(what was checked, whether it agrees)] of the list (bytes) and the draw (a dict)."""
    listed, secret = committees(data), bytes.fromhex(draw["secret"])
    start = seed(secret, draw["public"])
    line = below(start, COMMITTEE, len(listed))
    checks = [
        ("skrót SHA-256 listy jest taki, jaki ogłoszono", hashlib.sha256(data).hexdigest() == draw["list_sha256"]),
        ("tajna liczba odpowiada zobowiązaniu", commitment(secret) == draw["commitment"]),
        (f"wylosowany wiersz: {line}", line == draw["line"]),
        ("skład panelu to osoby z tego wiersza", listed[line] == draw["committee"]),
    ]
    for turn, one in enumerate(draw.get("replacements", []), start=1):
        chosen = one["equals"][below(start, f"{REPLACEMENT} {turn}", len(one["equals"]))]
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
