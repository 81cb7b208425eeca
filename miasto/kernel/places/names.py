"""Names of streets and numbers of houses, brought to one form for matching."""

from __future__ import annotations

import re

from miasto.kernel.core.polish import FUNCTION_WORDS, fold, forms

TYPE_WORDS = {
    "ul": "ul.", "ulica": "ul.", "ulicy": "ul.", "ulice": "ul.", "ulicach": "ul.",
    "al": "al.", "aleja": "al.", "alei": "al.", "aleje": "al.", "alejach": "al.",
    "pl": "pl.", "plac": "pl.", "placu": "pl.", "os": "os.", "osiedle": "os.", "osiedlu": "os.",
    "rondo": "rondo", "rondzie": "rondo", "skwer": "skwer", "skwerze": "skwer", "bulwar": "bulwar", "bulwarze": "bulwar",
}  # fmt: skip
SELF_TELLING = {"ul.": ("ulica",), "al.": ("aleja", "aleje"), "pl.": ("plac",), "os.": ("osiedle",)}
PLACE_WORDS = FUNCTION_WORDS | {"kolo", "obok", "wedlug", "naprzeciw", "naprzeciwko", "okolica", "okolice", "rejon"}
_BREAK = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(\d+)\s*([a-z]{0,2})(?:\s*[/-]\s*(\d+[a-z]?))?")
_FLAT = re.compile(r"\b(?:m|lok|mieszkanie|lokal)\.?\s*(\d+[a-z]?)\s*$")


def plain(text: str) -> str:
    """Folded words with single spaces and no other signs: ``"Al. 1000-lecia"`` becomes ``"al 1000 lecia"``."""
    return _BREAK.sub(" ", fold(text)).strip()


def split_type(name: str) -> tuple[str, str]:
    """``(prefix, rest)`` of a street's name: ``"ulica Długa"`` gives ``("ul.", "Długa")``; the prefix may be empty.

    A lone type word ("Rondo") is a name and stays whole.
    """
    head, _space, rest = name.strip().partition(" ")
    prefix = TYPE_WORDS.get(plain(head), "")
    if prefix and rest.strip():
        return prefix, rest.strip()
    dotted, dot, rest = name.strip().partition(".")
    prefix = TYPE_WORDS.get(fold(dotted), "") if dot else ""
    return (prefix, rest.strip()) if prefix and rest.strip() else ("", name.strip())


def street_norm(name: str) -> str:
    """The form by which a street is matched: folded, without the word that says it is a street or a square."""
    return plain(split_type(name)[1])


def street_label(prefix: str, name: str) -> str:
    """The name as it is written in an address; a name that says itself what it is goes without the prefix."""
    first = fold(name.split(" ", 1)[0])
    if not prefix or first in SELF_TELLING.get(prefix, (prefix.rstrip("."),)):
        return name
    return f"{prefix} {name}"


def number_norm(number: str) -> str:
    """One form of a house number: ``"12 A"`` and ``"12a"``, ``"12 m. 5"`` and ``"12/5"`` are the same."""
    folded = _FLAT.sub(r"/\1", fold(number).strip())
    return re.sub(r"\s*([/-])\s*|\s+", lambda found: found.group(1) or "", folded)[:20]


def is_number(text: str) -> bool:
    """Whether a text can be a house number."""
    return bool(_NUMBER.fullmatch(fold(text).strip()))


def number_order(number: str) -> tuple[int, str]:
    """Sorts house numbers as people count them: 2, 2a, 10."""
    digits = re.match(r"\d+", number)
    return (int(digits.group()) if digits else 10**6, number)


def lookup_text(names: str) -> str:
    """The words of a name, then their dictionary forms: what typing an inflected name is compared with."""
    words = plain(names).split()
    lemmas = [base(word) for word in _BREAK.split(names) if word]
    further = [lemma for lemma in lemmas if lemma not in words]
    return " ".join([*words, *further])[:900]


def base(word: str) -> str:
    """One dictionary form of a word, folded; the word itself where the dictionary has no other."""
    found = forms(word)
    return found[1] if len(found) > 1 else plain(word)
