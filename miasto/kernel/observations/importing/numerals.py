"""Numbers as files write them: with a point or a comma, with spaces between thousands, with words for "nothing"."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

NOTHING = frozenset({"", "nan", "null", "none", "na", "n/a", "n.d.", "-", "--", "–", "brak", "bd", "#n/d", "#n/a!", "#n/d!"})
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def number(text: str, decimal: str = ".") -> float | None:
    """The number that a cell holds; None where it is left empty. Raises ``ValueError`` for anything else.

    ``decimal`` is the sign between whole and part ("." or ","); the other one, and spaces, may part thousands.
    """
    plain = text.strip()
    if plain.casefold() in NOTHING:
        return None
    plain = plain.replace("\u2212", "-").translate(_SPACES)
    other = "." if decimal == "," else ","
    if other in plain:
        plain = _without_thousands(plain, other, decimal)
    if decimal == ",":
        plain = plain.replace(",", ".")
    if not _PLAIN.fullmatch(plain):
        raise ValueError(text)
    return float(plain)


def _without_thousands(text: str, parting: str, decimal: str) -> str:
    """Groups of three only: a wrong choice of the decimal sign must not make a thousand of a unit."""
    whole, sign, part = text.partition(decimal)
    if not re.fullmatch(r"[+-]?\d{1,3}(" + re.escape(parting) + r"\d{3})+", whole):
        raise ValueError(text)
    return whole.replace(parting, "") + sign + part


def numbers(cells: Sequence[str], decimal: str = ".") -> tuple[np.ndarray, list[int]]:
    """A column as float64, NaN where a cell is empty, and the places of cells that hold no number (NaN too)."""
    joined = "\n".join(cells)
    mixed = decimal == "," and "." in joined
    if joined.isascii() and "_" not in joined and not mixed:
        plain = joined.replace(",", ".") if decimal == "," else joined
        try:
            found = np.array(list(map(float, plain.split("\n"))), dtype=np.float64)
        except ValueError:
            return _slowly(cells, decimal)
        if len(found) == len(cells) and np.isfinite(found).all():
            return found, []
    return _slowly(cells, decimal)


def _slowly(cells: Sequence[str], decimal: str) -> tuple[np.ndarray, list[int]]:
    found, wrong = np.full(len(cells), np.nan), []
    for place, cell in enumerate(cells):
        try:
            value = number(cell, decimal)
        except ValueError:
            wrong.append(place)
            continue
        if value is not None:
            found[place] = value
    return found, wrong
