"""What somebody wrote just now, without what they quote and without their signature.

``mail-parser-reply`` finds most; what Polish mail programs and webmails add is cut here before and after. Where everything
would be cut, the whole text stays: a word too many is better than an empty letter.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

MOST = 20_000
LONGEST_LINE = 1_500
_DATE = r"(?:\d{1,2}[. ]\w+[. ]+\d{2,4}|\d{1,4}[-./]\d{1,2}[-./]\d{2,4})"
_STARTS = (
    r"^\s*-{2,}\s*(?:wiadomość oryginalna|oryginalna wiadomość|original message|forwarded message|treść oryginalna|"
    r"wiadomość przekazana( dalej)?|przekazana wiadomość|treść wiadomości)\s*-{2,}",
    r"^\s*_{10,}\s*$",
    r"^\s*(?:w dniu|dnia|dn\.)\s.{0,60}?\d.{0,120}?(?:\n.{0,80}?)?(?:napisał|pisze|wrote)\S{0,6}.{0,80}:\s*$",
    r"^\s*(?:pon|wt|śr|sr|czw|pt|sob|niedz|ndz)\w*\.?,\s.{0,30}\d{4}.{0,120}(?:\n.{0,80})?(?:napisał|pisze|wrote)\S{0,6}.{0,40}:\s*$",
    rf"^\s*{_DATE}.{{0,40}}\s.{{1,150}}(?:napisał|pisze|wrote)\S{{0,6}}\s*:\s*$",
    r"^\s*(?:wiadomość napisana przez|treść wiadomości napisanej przez)\s.{1,200}:?\s*$",
    r"^\s*(?:użytkownik|uzytkownik)\s.{1,150}napisał\S{0,6}\s*:?\s*$",
    r"^\s*on\s.{5,200}\swrote:\s*$",
    r"^\s*temat:\s?.{0,200}\n\s*data:.{0,200}\n\s*(?:od|nadawca):",
    r"^[ *>]*(?:od|from|nadawca|von)[ *]*:.{0,250}\n(?:[ *>]*\S.{0,250}\n){0,3}?"
    r"[ *>]*(?:wysłan[oay]|data|sent|date|do|to|adresat)[ *]*:",
    r"^\s*(?:\"[^\"\n]{1,80}\"|\S.{0,80})\s<[^<>\n]+@[^<>\n]+>\s(?:napisał|pisze|wrote)\S{0,6}\s*:?\s*$",
)
_SIGNED = (
    r"^-- ?$",
    r"^\s*(?:wysłane|wysłano|sent)\s+(?:z|ze|from|przez|za pomocą|via|mojego)\b.{0,80}$",
    r"^\s*(?:pobierz|get)\s+outlook\b.{0,60}$",
    r"^\s*(?:wolny od wirusów|bez wirusów|virus-free|ta wiadomość e-mail została sprawdzona).{0,120}$",
    r"^\s*(?:uzyskaj|pobierz)\s+(?:aplikację|bluemail).{0,80}$",
)
_CLOSING = re.compile(
    r"^\s*(?:z (?:wyrazami|góry dziękuję|poważaniem|pozdrowieniami|uszanowaniem)|łączę (?:pozdrowienia|wyrazy)|pozdrawiam\b|"
    r"serdecznie pozdrawiam|pozdrowienia|z wyrazami szacunku|z poważaniem|kind regards|best regards|regards|"
    r"yours (?:sincerely|faithfully)|sincerely)\b.{0,40}$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\s*(?:uwaga[:!]? ?(?:ta|niniejsza) wiadomość|(?:treść )?(?:tej|niniejsz\w+) wiadomoś\w+ "
    r"(?:jest|może|zawiera|przeznaczon)|"
    r"informacja o (?:administratorze|przetwarzaniu)|administratorem (?:pani/pana )?danych|"
    r"klauzula (?:poufności|rodo|informacyjna)|"
    r"this (?:e-?mail|message) (?:and|is|may)|zanim wydrukujesz|pomyśl,? zanim wydrukujesz)",
    re.IGNORECASE,
)
_COMPILED = [re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _STARTS]
_SIGNATURES = [re.compile(pattern, re.IGNORECASE) for pattern in _SIGNED]
_SIGNATURE_LINES = 12


def newest(text: str) -> str:
    """The words written just now. ``text`` is plain, perhaps with "> " quotations; at most ``MOST`` letters are looked at."""
    whole = text.replace("\r\n", "\n").replace("\xa0", " ")[:MOST]
    cut = _without_signature(_without_quotes(whole))
    parsed = _by_library(cut) if cut.strip() else ""
    found = _tidy(parsed if _says_enough(parsed, cut) else cut)
    return found or _tidy(_without_quotes(whole)) or _tidy(whole)


def unsigned(text: str) -> str:
    """A first letter without the signature that its program added; what it quotes or forwards stays."""
    whole = text.replace("\r\n", "\n").replace("\xa0", " ")
    return _tidy(_without_advertisement(whole)) or _tidy(whole)


def _says_enough(parsed: str, cut: str) -> bool:
    """The library takes "-Tak" or a list for a signature: then what was cut here before holds."""
    return bool(parsed.strip()) and len(parsed.strip()) >= 0.5 * len(cut.strip())


@cache
def _parser() -> Any:
    from mailparser_reply import EmailReplyParser

    return EmailReplyParser(languages=["pl", "en"])


def _by_library(text: str) -> str:
    """What the library finds; its patterns are slow on endless lines, which no person writes."""
    return "" if max(map(len, text.split("\n"))) > LONGEST_LINE else _parser().parse_reply(text) or ""


def _without_quotes(text: str) -> str:
    """Up to the first heading of a quotation; lines quoted with ">" go wherever they stand, what is written between stays."""
    ends = [found.start() for pattern in _COMPILED if (found := pattern.search(text)) and text[: found.start()].strip()]
    kept = text[: min(ends)] if ends else text
    lines = kept.split("\n")
    own = [line for number, line in enumerate(lines) if not _is_quoted(line) and not _introduces(lines, number)]
    return "\n".join(own)


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _introduces(lines: list[str], number: int) -> bool:
    """Whether a line only says who wrote what is quoted under it."""
    words = lines[number].strip().lower()
    said = words.endswith(":") and any(sign in words for sign in ("napisał", "pisze", "wrote", "@"))
    return said and number + 1 < len(lines) and _is_quoted(lines[number + 1])


def _without_advertisement(text: str) -> str:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if any(pattern.match(line) for pattern in _SIGNATURES) and any(before.strip() for before in lines[:number]):
            rest = [one for one in lines[number + 1 :] if one.strip()]
            if len(rest) <= _SIGNATURE_LINES:
                return "\n".join(lines[:number])
    return text


def _without_signature(text: str) -> str:
    """Without "-- ", "Wysłane z …", a closing with the name and firm after it, and a confidentiality notice."""
    lines = _without_advertisement(text).split("\n")
    for number, line in enumerate(lines):
        said = any(before.strip() for before in lines[:number])
        rest = [one for one in lines[number + 1 :] if one.strip()]
        if said and (_NOTICE.match(line) or (_CLOSING.match(line) and len(rest) <= _SIGNATURE_LINES and _short(rest))):
            return "\n".join(lines[:number])
    return "\n".join(lines)


def _short(lines: list[str]) -> bool:
    """Whether lines under a closing look like a name and an address, not like a postscript."""
    postscript = any(line.strip().lower().startswith(("ps", "p.s")) for line in lines)
    return not postscript and all(len(line) < 90 for line in lines[:4])


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
