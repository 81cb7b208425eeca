"""A text that someone typed, as a query of PostgreSQL's full-text search, and what of a result to highlight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from miasto.kernel.core import polish

MOST_TERMS = 8
LEAST_PREFIX = 2


@dataclass(frozen=True)
class Asked:
    """What was typed: ``terms`` all must match, each by any of its forms; the last also as the beginning of a word."""

    text: str
    folded: str
    terms: tuple[frozenset[str], ...]
    last: str

    @property
    def tsquery(self) -> str:
        """For ``to_tsquery('simple', ...)``; forms hold letters and digits only, so nothing has to be escaped."""
        parts = []
        for number, term in enumerate(self.terms):
            forms = sorted(term)
            if number == len(self.terms) - 1 and len(self.last) >= LEAST_PREFIX:
                forms.append(f"{self.last}:*")
            parts.append(f"({' | '.join(forms)})")
        return " & ".join(parts)

    def matches(self, forms: Iterable[str]) -> bool:
        """Whether a word with these forms is one of the terms."""
        folded = list(forms)
        return any(term.intersection(folded) for term in self.terms) or self.begins(folded[0] if folded else "")

    def begins(self, word: str) -> bool:
        """Whether a folded word begins as the last one typed."""
        return len(self.last) >= LEAST_PREFIX and word.startswith(self.last)


def asked(text: str) -> Asked | None:
    """The query in a text; None where it holds no word."""
    clean = " ".join(text.replace("\x00", " ").split())
    terms = [frozenset(term) for term in polish.query_terms(clean)][:MOST_TERMS]
    if not terms:
        return None
    words = polish.words(clean)
    telling = [word for word in words if polish.fold(word) not in polish.FUNCTION_WORDS] or words
    last = polish.WORD.findall(polish.fold(telling[:MOST_TERMS][-1]))
    return Asked(clean, polish.fold(clean), tuple(terms), last[-1] if last else "")


def marked(text: str, query: Asked) -> list[tuple[str, bool]]:
    """The text cut into ``(part, whether it answers the query)``; the parts joined give the text again."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for found in polish.WORD.finditer(text):
        if query.matches(polish.forms(found.group())):
            if found.start() > at:
                parts.append((text[at : found.start()], False))
            parts.append((found.group(), True))
            at = found.end()
    if at < len(text):
        parts.append((text[at:], False))
    return parts


def found_in(query: Asked, words: Sequence[frozenset[str]]) -> bool:
    """Whether every term of the query is among the words (each given by its forms)."""
    last = query.terms[-1]
    for term in query.terms:
        if any(term & forms for forms in words):
            continue
        if term is last and any(query.begins(form) for forms in words for form in forms):
            continue
        return False
    return True
