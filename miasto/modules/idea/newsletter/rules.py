"""The newsletter's rules as data: the profile's ``newsletter.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.core.city import city

LANGUAGES = ("pl", "en")
SUBADDRESS = "newsletter"


@dataclass(frozen=True, slots=True)
class NewsTopic:
    """What a reader may choose to read about."""

    key: str
    names: dict[str, str]

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return self.names.get(reader_language()) or self.names["pl"]


def reader_language() -> str:
    """The language of the page."""
    return (get_language() or "pl")[:2]


@cache
def _rules() -> dict[str, Any]:
    return city().toml("newsletter.toml")


def topics() -> list[NewsTopic]:
    """The topics in their order."""
    return [NewsTopic(one["key"], {"pl": one["name"], **one.get("translations", {})}) for one in _rules().get("topics", [])]


def rate() -> int:
    """Messages a minute."""
    return max(int(_rules().get("per_minute", 60)), 1)


def second_person() -> bool:
    """Whether somebody else than the author must approve an issue."""
    return bool(_rules().get("second_person", True))


def consent(language: str) -> tuple[str, str]:
    """(version, words) of the consent that is asked for now."""
    said = _rules().get("consent", {})
    words = said.get(language) or said.get("pl") or _("Chcę dostawać newsletter miasta na podany adres.")
    return str(said.get("version", "1")), str(words)
