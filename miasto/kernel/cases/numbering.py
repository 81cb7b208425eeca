"""Public numbers: ``ZG-2026-000123``, by prefix and year, stable for ever. They are guessable and open nothing."""

from __future__ import annotations

from django.db import connection

_NEXT = """
INSERT INTO cases_numbercounter AS counter (prefix, year, last) VALUES (%s, %s, %s)
ON CONFLICT (prefix, year) DO UPDATE SET last = counter.last + EXCLUDED.last RETURNING last
"""
_AT_LEAST = """
INSERT INTO cases_numbercounter AS counter (prefix, year, last) VALUES (%s, %s, %s)
ON CONFLICT (prefix, year) DO UPDATE SET last = greatest(counter.last, EXCLUDED.last)
"""


def next_number(prefix: str, year: int) -> str:
    """The next number; the counter's row is locked until the commit, so two writers never get the same."""
    return reserve(prefix, year, 1)[0]


def reserve(prefix: str, year: int, count: int) -> list[str]:
    """The next ``count`` numbers at once."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [prefix, year, count])
        last = cursor.fetchone()[0]
    return [f"{prefix}-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]


def keep_above(prefix: str, year: int, number: int) -> None:
    """Make sure that a number which came from elsewhere is never given again."""
    with connection.cursor() as cursor:
        cursor.execute(_AT_LEAST, [prefix, year, number])
