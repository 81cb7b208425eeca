"""How well a typed name fits a known one: by words, with inflection, unfinished words and typing errors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from miasto.kernel.core.polish import forms

LEMMA, PREFIX, LEAST = 0.97, 0.93, 0.6


def fit(asked: Sequence[str], known: Sequence[str]) -> float:
    """From 0 to 1: every asked word must find a word of the name; words of the name that nobody asked for cost a little,

    its numbers more ("1 Maja" is not "Maja 1")."""
    if not asked or not known:
        return 0.0
    if tuple(asked) == tuple(known):
        return 1.0
    weights = [max(len(word), 2) for word in asked]
    free = list(range(len(known)))
    total = met = 0.0
    for place, word in enumerate(asked):
        last = place == len(asked) - 1
        best, where = 0.0, -1
        for index in free:
            score = closeness(word, known[index], last)
            if score > best:
                best, where = score, index
        if where >= 0:
            free.remove(where)
            met += len(known[where])
        total += best * weights[place]
    covered = met / sum(len(word) for word in known)
    number_left = 0.12 if any(known[index].isdigit() for index in free) else 0.0
    return (total / sum(weights)) * (0.82 + 0.18 * covered - number_left)


@lru_cache(maxsize=50_000)
def closeness(asked: str, known: str, last: bool) -> float:
    """From 0 to 1: how well one typed word fits one word of a name, both folded; the last word may be unfinished."""
    if asked == known:
        return 1.0
    if asked.isdigit() or known.isdigit():
        return 0.9 if last and known.startswith(asked) else 0.0
    if set(forms(asked)[1:]) & set(forms(known)) or asked in forms(known):
        return LEMMA
    if known.startswith(asked) and (last or len(asked) >= 3):
        return PREFIX - 0.1 * (1 - len(asked) / len(known))
    longest = max(len(asked), len(known))
    # Each edit spoils at most two or three pairs of letters, so words that share hardly any are not worth counting edits.
    if longest < 3 or len(_pairs(asked) & _pairs(known)) < (1 if longest < 6 else 2):
        return 0.0
    score = 0.0
    if abs(len(asked) - len(known)) <= (1 - LEAST) * longest:
        score = 1 - distance(asked, known) / longest
    if last and 4 <= len(asked) < len(known):
        score = max(score, 0.95 * (1 - distance(asked, known[: len(asked)]) / len(asked)) - 0.05)
    return 0.95 * score if score >= LEAST else 0.0


@lru_cache(maxsize=50_000)
def _pairs(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[place : place + 2] for place in range(len(padded) - 1))


def distance(first: str, second: str) -> int:
    """Edits that turn one word into another: a letter more, less, changed, or two neighbours swapped."""
    before, row = [0] * (len(second) + 1), list(range(len(second) + 1))
    for i, sign in enumerate(first, 1):
        earlier, before, row = before, row, [i] + [0] * len(second)
        for j, other in enumerate(second, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != other))
            if i > 1 and j > 1 and sign == second[j - 2] and first[i - 2] == other:
                row[j] = min(row[j], earlier[j - 2] + 1)
    return row[len(second)]
