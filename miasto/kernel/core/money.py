"""Amounts of money: whole grosze inside, Polish words outside."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_AMOUNT = re.compile(r"^(\d{1,12})(?:[.,](\d{1,2}))?$")
_SPACES = re.compile(r"[\s\u00a0\u202f]")


def zloty(grosze: int) -> str:
    """``1234550`` is "12 345,50 zł", ``1234500`` "12 345 zł"; the spaces do not break a line."""
    whole, rest = divmod(abs(grosze), 100)
    sign = "−" if grosze < 0 else ""
    digits = f"{whole:,}".replace(",", "\u00a0") + (f",{rest:02d}" if rest else "")
    return _("%(amount)s zł").replace(" ", "\u00a0") % {"amount": f"{sign}{digits}"}


def grosze(text: str) -> int:
    """What somebody typed as zlotys ("12 345,50", "300 zł"), in grosze; raises ``ValueError``."""
    found = _AMOUNT.match(_SPACES.sub("", text).removesuffix("zł").removesuffix("PLN"))
    if found is None:
        raise ValueError(text)
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
