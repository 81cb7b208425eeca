"""Telephone numbers: as people write them, as they are kept (ITU-T E.164), as they are read."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

COUNTRY = "48"
NATIONAL = 9  # digits of every Polish subscriber's number (national numbering plan)
MOBILE = ("45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88")
_WRITTEN = re.compile(r"^[\d\s()./+\-\u00a0\u2013]+$")


def e164(text: str) -> str:
    """``"+48600700800"`` of a number as people and exchanges write it; empty for none or a withheld one.

    Understood: spaces, hyphens, brackets, "+48", "0048", "48…" and the "0" once dialled before the area code. Raises
    ``ValueError``, with words for the reader, for what can be no number.
    """
    text = text.strip()
    if not text or not any(sign.isdecimal() for sign in text):
        return ""
    digits = "".join(sign for sign in text if sign.isdecimal())
    if not _WRITTEN.match(text) or not digits.isascii():
        raise ValueError(_("Wpisz numer telefonu cyframi, na przykład 600 100 200."))
    if text.startswith("+") or digits.startswith("00"):
        digits = digits.removeprefix("00")
    elif len(digits) == NATIONAL + 1 and digits.startswith("0"):
        digits = COUNTRY + digits[1:]
    elif len(digits) == NATIONAL:
        digits = COUNTRY + digits
    elif not digits.startswith(COUNTRY):
        digits = ""  # a number of another country begins with "+" or "00"
    if not _is_whole(digits):
        raise ValueError(_("Ten numer jest niepełny. Numer w Polsce ma dziewięć cyfr."))
    return f"+{digits}"


def _is_whole(digits: str) -> bool:
    if digits.startswith(COUNTRY):
        return len(digits) == len(COUNTRY) + NATIONAL and digits[2] != "0"
    return 8 <= len(digits) <= 15 and not digits.startswith("0")


def shown(number: str) -> str:
    """A kept number as it is read aloud: "600 700 800", "41 367 60 00", "+49 301234567"."""
    if not number.startswith(f"+{COUNTRY}") or len(number) != 1 + len(COUNTRY) + NATIONAL:
        return number
    own = number[3:]
    if own.startswith(MOBILE):
        return f"{own[:3]} {own[3:6]} {own[6:]}"
    return f"{own[:2]} {own[2:5]} {own[5:7]} {own[7:]}"
