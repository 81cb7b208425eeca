"""Tokens of $filter and $orderby."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.syntax import WORDS, Kind

LONGEST = 8_000
MOST_OPERATORS = 120


@dataclass(frozen=True)
class Token:
    """``what``: literal, word (an operator), path, sign (one of ``( ) , -``) or end."""

    what: str
    at: int
    text: str = ""
    kind: Kind = Kind.NULL
    value: Any = None


_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<geometry>(?:geography|geometry)'(?:[^']|'')*')
    |(?P<duration>duration'[^']*')
    |(?P<text>'(?:[^']|'')*')
    |(?P<interval>{times.INSTANT}/{times.INSTANT})
    |(?P<instant>{times.INSTANT})
    |(?P<date>\d{{4}}-\d\d-\d\d(?![\w-]))
    |(?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?![\w:]))
    |(?P<number>(?:(?<![\w)])-)?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w))
    |(?P<path>@?[^\W\d][\w.@:-]*(?:/[\w.@:$-]+)*)
    |(?P<sign>[(),-])""",
    re.VERBOSE,
)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, the last of them ``end``. Raises ``Problem``."""
    if len(text) > LONGEST:
        raise Problem(400, _("Wyrażenie jest za długie."))
    if "\x00" in text:
        raise Problem(400, _("Wyrażenie zawiera znak, którego nie wolno użyć."), text.index("\x00") + 1)
    made, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found or found.end() == place:
            raise Problem(400, _("Nie rozumiemy znaku „%(sign)s” w wyrażeniu.") % {"sign": text[place]}, place + 1)
        if found.lastgroup != "space":
            made.append(_token(str(found.lastgroup), found.group(), place + 1))
        place = found.end()
    if sum(one.what == "word" for one in made) > MOST_OPERATORS:
        raise Problem(400, _("Wyrażenie ma za dużo działań."))
    return [*made, Token("end", len(text) + 1)]


def _token(group: str, text: str, at: int) -> Token:
    if group == "sign":
        return Token("sign", at, text)
    if group == "path":
        return _word(text, at)
    try:
        return Token("literal", at, text, *_READ[group](text))
    except (ValueError, OverflowError):
        raise Problem(400, _("To nie jest poprawna wartość: %(text)s.") % {"text": text[:60]}, at) from None


def _word(text: str, at: int) -> Token:
    if text in WORDS:
        return Token("word", at, text)
    if text in ("true", "false"):
        return Token("literal", at, text, Kind.BOOLEAN, text == "true")
    return Token("literal", at, text, Kind.NULL) if text == "null" else Token("path", at, text)


def _quoted(text: str) -> str:
    return text[text.index("'") + 1 : -1].replace("''", "'")


def _number(text: str) -> tuple[Kind, float | int]:
    if text.lstrip("-").isdigit() and len(text) < 17:
        return Kind.NUMBER, int(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(text)
    return Kind.NUMBER, value


def _interval(text: str) -> tuple[Kind, Any]:
    return Kind.INTERVAL, times.span(text)


_READ = {
    "geometry": lambda text: (Kind.GEOMETRY, _quoted(text)),
    "duration": lambda text: (Kind.DURATION, times.duration(_quoted(text))),
    "text": lambda text: (Kind.TEXT, _quoted(text)),
    "interval": _interval,
    "instant": lambda text: (Kind.INSTANT, times.instant(text)),
    "date": lambda text: (Kind.DATE, date.fromisoformat(text)),
    "time": lambda text: (Kind.TIME, time.fromisoformat(text)),
    "number": _number,
}
