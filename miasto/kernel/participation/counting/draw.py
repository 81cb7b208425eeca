"""A public draw that anybody can repeat: the order of the ballot, lots for ties, later members of a citizen panel.

1. Before the draw a secret seed is made (``new_seed``), kept, and its hash published (``commitment``), together with the list
   of what is drawn and with the public event that gives the randomness, for example a lottery's draw on a named day.
2. After that event its result is entered as text, exactly as published (``4, 8, 15, 16, 23, 42``).
3. The seed is published. ``check`` shows that it is the one committed to; ``shuffled`` repeats the order.

Nobody can choose the result: who knows the seed does not know the event yet, and who knows the event cannot change the seed.

Numbers come from SHA-256 in counter mode: block ``n`` is ``SHA-256("seed:event:n")``, cut into eight numbers of 32 bits (big
endian). A number below ``k`` is the next one modulo ``k``, those from ``2**32 // k * k`` on being thrown away (so that none is
favoured). The order is Fisher and Yates' (Durstenfeld 1964) from the end of the list, which is first sorted by its text.
``docs/counting.md`` has the same in ten lines of Python.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator

WORD = 2**32


def new_seed() -> str:
    """A secret seed of 256 bits, as 64 hexadecimal digits."""
    return secrets.token_hex(32)


def commitment(seed: str) -> str:
    """What is published before the draw: SHA-256 of the seed's text, in hexadecimal digits."""
    return hashlib.sha256(seed.encode()).hexdigest()


def check(seed: str, published: str) -> bool:
    """Whether the seed is the one whose hash was published."""
    return secrets.compare_digest(commitment(seed), published.strip().lower())


def numbers(seed: str, event: str) -> Iterator[int]:
    """The endless row of numbers below ``2**32`` that the seed and the public event give."""
    block = 0
    while True:
        digest = hashlib.sha256(f"{seed}:{event}:{block}".encode()).digest()
        yield from (int.from_bytes(digest[at : at + 4], "big") for at in range(0, 32, 4))
        block += 1


def below(row: Iterator[int], bound: int) -> int:
    """The next number below ``bound`` (at most ``2**32``), each equally likely."""
    if not 0 < bound <= WORD:
        raise ValueError(f"bound {bound} is not between 1 and 2**32")
    for value in row:
        if value < WORD // bound * bound:
            return value % bound
    raise ValueError("the row of numbers has ended")


def shuffled(items: Iterable[str], seed: str, event: str) -> list[str]:
    """The items in the drawn order. They are sorted first, so the order in which they are given does not matter.

    Raises ``ValueError`` for an item given twice and for an empty event.
    """
    order = sorted(items)
    if len(set(order)) != len(order):
        raise ValueError("an item is given twice")
    if not event.strip():
        raise ValueError("the public event is missing")
    row = numbers(seed, event.strip())
    for last in range(len(order) - 1, 0, -1):
        other = below(row, last + 1)
        order[last], order[other] = order[other], order[last]
    return order
