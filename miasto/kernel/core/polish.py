"""Polish text for the indexes: the word, its dictionary forms, and both without diacritics.

Everything that is stored or asked is folded (lower case, no diacritics), so "ŚMIECI" finds "śmieci". A word that was typed
without diacritics is unknown to the dictionary ("smieciami"): its spellings with diacritics are tried, and the lemmas of
the first that the dictionary knows are taken. PostgreSQL has no Polish configuration; use the results with ``simple``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations, product
from threading import Lock
from typing import Any

WORD = re.compile(r"[^\W_]+")
_NOT_DECOMPOSED = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th"})
_POLISH = {"a": "ą", "c": "ć", "e": "ę", "l": "ł", "n": "ń", "o": "ó", "s": "ś", "z": "żź"}
_TRIED_SPELLINGS = 600
_CACHED_WORDS = 50_000

ABBREVIATIONS = {
    "ul": "ulica", "al": "aleja", "os": "osiedle", "pl": "plac", "rd": "rondo", "św": "święty", "sw": "święty",
    "ks": "ksiądz", "bp": "biskup", "abp": "arcybiskup", "kard": "kardynał", "gen": "generał", "płk": "pułkownik",
    "mjr": "major", "kpt": "kapitan", "por": "porucznik", "marsz": "marszałek", "hetm": "hetman", "dr": "doktor",
    "prof": "profesor", "inż": "inżynier", "nr": "numer", "im": "imienia", "tel": "telefon", "godz": "godzina",
    "pow": "powiat", "gm": "gmina", "woj": "województwo", "sp": "podstawowa", "lo": "liceum", "przyst": "przystanek",
    "szt": "sztuka", "wj": "wjazd", "skrzyż": "skrzyżowanie",
}  # fmt: skip
FUNCTION_WORDS = frozenset(
    WORD.findall(
        """
        a aby albo ale ani az bez bo by byc byl byla bylo co czy dla do gdy gdzie i ich im ja jak jako je jego jej jest ku
        lub ma mi na nad nie niz o od oraz po pod poza prosze przed przez przy sa sie ta tak tam te tego tej ten to tu tym u
        w we z za ze
        """
    )
)


def fold(text: str) -> str:
    """Lower case without diacritics: ``"Żółć"`` becomes ``"zolc"``. Everything but letters' marks is kept."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFKD", lowered.translate(_NOT_DECOMPOSED))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """The words and numbers of a text in lower case, with their diacritics (``"ul. Łąkowa 5a"``: ul, łąkowa, 5a)."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def forms(word: str) -> tuple[str, ...]:
    """The folded forms under which one word is indexed: itself first, then its lemmas and what it abbreviates."""
    return _forms(unicodedata.normalize("NFKC", word).casefold())


@lru_cache(maxsize=_CACHED_WORDS)
def known(word: str) -> bool:
    """Whether the dictionary knows a word, also one typed without diacritics: a word it knows is no typing error."""
    return bool(_dictionary_forms(unicodedata.normalize("NFKC", word).casefold()))


def lemmas(text: str) -> list[str]:
    """The folded forms of every word of a text, in order, each once."""
    return list(dict.fromkeys(form for word in words(text) for form in _forms(word)))


def search_text(text: str) -> str:
    """What to give to ``to_tsvector('simple', ...)``: the forms of every word, in order."""
    return " ".join(form for word in words(text) for form in _forms(word))


def query_terms(text: str) -> list[set[str]]:
    """One set of folded forms for each meaningful word of a query: every set must match, by any of its forms.

    Prepositions and the like are left out unless the query holds nothing else.
    """
    asked = words(text)
    telling = [word for word in asked if fold(word) not in FUNCTION_WORDS]
    return [found for word in telling or asked if (found := set(_forms(word)))]


@lru_cache(maxsize=_CACHED_WORDS)
def _forms(word: str) -> tuple[str, ...]:
    found = [fold(word), *map(fold, _dictionary_forms(word))]
    whole = ABBREVIATIONS.get(word)
    if whole:
        found += [fold(whole), *map(fold, _dictionary_forms(whole))]
    return tuple(dict.fromkeys(piece for form in found for piece in WORD.findall(form)))


def _dictionary_forms(word: str) -> tuple[str, ...]:
    if len(word) < 3 or not word.isalpha():
        return ()
    return _known(word) or next((known for spelling in _spellings(word) if (known := _known(spelling))), ())


def _spellings(word: str) -> Iterator[str]:
    """The word with diacritics put back, fewest first; a bounded number."""
    if not word.isascii() or len(word) > 24:
        return
    places = [index for index, sign in enumerate(word) if sign in _POLISH]
    tried = 0
    for count in range(1, len(places) + 1):
        for chosen in combinations(places, count):
            for signs in product(*(_POLISH[word[index]] for index in chosen)):
                tried += 1
                if tried > _TRIED_SPELLINGS:
                    return
                letters = list(word)
                for index, sign in zip(chosen, signs, strict=True):
                    letters[index] = sign
                yield "".join(letters)


def _known(word: str) -> tuple[str, ...]:
    """The lemmas that the dictionary gives for a whole word; empty for a word it does not know."""
    with _LOCK:
        analysed = _analyser().analyse(word)
    whole = max((end for _start, end, _reading in analysed), default=0)
    found = [
        reading[1].split(":", 1)[0].split("~", 1)[0]
        for start, end, reading in analysed
        if start == 0 and (end == whole or len(reading[0]) > 2) and reading[2] != "ign"
    ]
    return tuple(dict.fromkeys(found))


_LOCK = Lock()  # one analyser for all threads: it keeps state during a call


@cache
def _analyser() -> Any:
    import morfeusz2

    return morfeusz2.Morfeusz(generate=False, case_handling=morfeusz2.IGNORE_CASE)
