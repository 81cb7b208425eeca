"""A text as a set of features: the dictionary forms of its words and pieces of letters, without names and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from miasto.kernel.core import polish

LONGEST = 2_000
PIECES = (3, 4, 5)
SHORTEST_WORD = 2
_TOKEN = re.compile(r"[^\W_]+|[.!?:\n]")
_ENDS = frozenset(".!?:\n")


def telling_words(text: str) -> list[str]:
    """The words that may tell what a text is about, folded not yet; at most the first ``LONGEST`` letters are read.

    Left out: whatever holds a digit (house numbers, telephones, plates), words with a capital inside a sentence (names of
    people and of streets: they would make the model remember who and where), prepositions and the like. A text in capitals
    is read as it is.
    """
    return [word for word in _sentence_words(text[:LONGEST]) if _tells(word)]


def _sentence_words(text: str) -> Iterator[str]:
    shouted = text.isupper()
    begins = True
    for token in _TOKEN.findall(text):
        if token in _ENDS:
            begins = True
            continue
        if shouted or begins or not token[0].isupper():
            yield token.casefold()
        begins = False


def _tells(word: str) -> bool:
    numbered = any(sign.isdigit() for sign in word)
    return len(word) >= SHORTEST_WORD and not numbered and polish.fold(word) not in polish.FUNCTION_WORDS


def features(text: str) -> frozenset[str]:
    """``w:`` the folded forms of each telling word, ``c:`` its pieces of 3 to 5 letters with ``^`` and ``$`` at the ends."""
    found: set[str] = set()
    for word in telling_words(text):
        found.update(f"w:{form}" for form in polish.forms(word))
        whole = f"^{polish.fold(word)}$"
        for size in PIECES:
            found.update(f"c:{whole[at : at + size]}" for at in range(len(whole) - size + 1))
    return frozenset(found)
