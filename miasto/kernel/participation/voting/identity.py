"""One text for one person, so that a vote by account and a vote by personal details meet in the box.

Without a number of the PESEL register a person is known by first name, family name, date of birth and address. The text is only
ever hashed (``receipts.voter_key``); it is stored nowhere.
"""

from __future__ import annotations

from datetime import date

from miasto.kernel.core.polish import fold, words


def identity_text(*, given_name: str, family_name: str, born: date, place: str) -> str:
    """The person as one text, the same however it was typed.

    Letter case, diacritics, spaces, hyphens and a second first name do not matter, nor the order of a double family name.
    ``place`` is the address as the register of addresses has it (the caller finds it there, with the flat), not as it was
    typed. Raises ValueError where a part is empty.
    """
    given, family, where = _parts(given_name)[:1], sorted(_parts(family_name)), _parts(place)
    if not (given and family and where):
        raise ValueError("a person has a first name, a family name and an address")
    return "|".join((*given, " ".join(family), born.isoformat(), " ".join(where)))


def account_text(person_id: str) -> str:
    """A person known by the account alone, in an election that has no channel by personal details."""
    return f"account|{person_id}"


def _parts(text: str) -> list[str]:
    return words(fold(text))
