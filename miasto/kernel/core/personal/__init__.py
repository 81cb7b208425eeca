"""Personal data in Polish text: found by shape, checksum, dictionary and the words around, and masked.

A finder for a clerk who confirms: what it marks may be wrong, and what it misses the clerk can add. It needs no network and
keeps nothing. Labels that take the place of a person's data are Polish whatever the reader's language, as the text is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from miasto.kernel.core import polish
from miasto.kernel.core.personal import numbers
from miasto.kernel.core.personal.names import find_names

__all__ = ["KINDS", "LABELS", "Known", "Span", "find", "known", "mask"]

# In the order in which they win where two overlap.
_FINDERS: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("email", numbers.find_emails),
    ("profile", numbers.find_profiles),
    ("account", numbers.find_accounts),
    ("register", numbers.find_land_registers),
    ("pesel", numbers.find_pesels),
    ("card", numbers.find_cards),
    ("nip", numbers.find_nips),
    ("plate", numbers.find_plates),
    ("birth", numbers.find_births),
    ("phone", numbers.find_phones),
    ("flat", numbers.find_flats),
)
KINDS = (*(kind for kind, _finder in _FINDERS), "name")
LABELS = {
    "name": "[imię lub nazwisko]",
    "phone": "[telefon]",
    "email": "[e-mail]",
    "profile": "[profil w sieci]",
    "pesel": "[PESEL]",
    "nip": "[NIP]",
    "card": "[numer dokumentu]",
    "account": "[numer konta]",
    "register": "[numer księgi wieczystej]",
    "plate": "[numer rejestracyjny]",
    "flat": "[numer mieszkania]",
    "birth": "[data urodzenia]",
    "other": "[usunięto]",
}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of the text: ``text[start:end]`` is personal data of a ``kind`` (``KINDS``)."""

    start: int
    end: int
    kind: str

    @property
    def label(self) -> str:
        """What takes its place."""
        return LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class Known:
    """What is public in this city and therefore nobody's personal data.

    ``phrases`` are folded names of streets, places and institutions, ``words`` their single words, ``contacts`` the city's own
    telephones (digits) and addresses of e-mail (lower case).
    """

    phrases: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()


NOTHING = Known()


def known(*, names: Iterable[str] = (), contacts: Iterable[str] = ()) -> Known:
    """``Known`` of plain names of streets and places, and of telephones and addresses of offices."""
    phrases = {" ".join(polish.words(polish.fold(name))) for name in names}
    shorter = {part for phrase in phrases for part in _parts(phrase.split())}
    words = {word for phrase in phrases for word in phrase.split() if len(word) > 2}
    plain = {numbers.local_number(one) if "@" not in one else one.strip().lower() for one in contacts}
    return Known(frozenset(phrases | shorter), frozenset(words), frozenset(plain - {""}))


def _parts(words: list[str]) -> Iterator[str]:
    """Every run of two words and more, and every ending of a name, since people shorten them."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if end == len(words) or end - start > 1:
                yield " ".join(words[start:end])


def find(text: str, known: Known = NOTHING) -> list[Span]:
    """Personal data of a text, in order, without overlaps. About 0.1 ms for a sentence."""
    taken: list[Span] = []
    for kind, finder in _FINDERS:
        taken += _free(taken, (Span(start, end, kind) for start, end in finder(text)), text, known)
    taken += _free(
        taken, (Span(start, end, "name") for start, end in find_names(text, known.words, known.phrases)), text, known
    )
    return sorted(taken)


def _free(taken: list[Span], found: Iterable[Span], text: str, known: Known) -> list[Span]:
    """Those that do not overlap what is taken already, longest first among themselves, and are not the city's own."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: one.start - one.end):
        if any(span.start < other.end and other.start < span.end for other in (*taken, *kept)):
            continue
        if span.kind in ("phone", "email") and _is_own(text[span.start : span.end], known):
            continue
        kept.append(span)
    return kept


def _is_own(piece: str, known: Known) -> bool:
    return piece.strip().lower() in known.contacts or numbers.local_number(piece) in known.contacts


def mask(text: str, known: Known = NOTHING, spans: Iterable[Span] | None = None) -> str:
    """The text with its personal data (or the given ``spans``) replaced by their labels."""
    made, at = [], 0
    for span in sorted(find(text, known) if spans is None else spans):
        made += [text[at : span.start], span.label]
        at = span.end
    return "".join([*made, text[at:]])
