"""Codes that people read aloud and type: no letter that looks like a digit or like another letter."""

from __future__ import annotations

import secrets

from miasto.kernel.core import digests

ALPHABET = "ACDEFHJKMNPQRTUVWXY34679"
MEETING, SECRET = 6, 10
GROUP = 5


def new_code(length: int) -> str:
    """A random code; 10 characters hold 45 bits."""
    return "".join(secrets.choice(ALPHABET) for _place in range(length))


def plain(typed: str) -> str:
    """A typed code without spaces and dashes, in capitals."""
    return "".join(one for one in typed.upper() if one.isalnum())[:40]


def readable(code: str) -> str:
    """A code in groups of five: ``ACDEF-HJKMN``."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def digest(meeting_id: object, code: str) -> str:
    """What is stored of a code: a keyed digest, which cannot be tried out without the server's key."""
    return digests.keyed("miasto.idea.live", f"{meeting_id}:{plain(code)}", length=40)
