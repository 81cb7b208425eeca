"""An editor's own text: paragraphs, "# " headings, "- " lists and ``[words](https://...)`` links; nothing can run."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe

_GAP = re.compile(r"\n[ \t]*\n")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((https?://[^\s()]{1,500}|/[^\s()]{0,500})\)")


def parts_of(text: str) -> list[dict[str, Any]]:
    """The parts of a text in order: ``{"heading": words}``, ``{"points": [words]}`` or ``{"lines": [words]}``."""
    found: list[dict[str, Any]] = []
    for block in _GAP.split(text.replace("\r\n", "\n").replace("\x00", "")):
        lines = [line.strip() for line in block.strip().split("\n") if line.strip()]
        while lines and lines[0].startswith("#"):
            if heading := lines.pop(0).lstrip("#").strip():
                found.append({"heading": heading})
        if lines and all(line.startswith(("- ", "* ")) for line in lines):
            found.append({"points": [line[2:].strip() for line in lines]})
        elif lines:
            found.append({"lines": lines})
    return found


def plain(words: str, base: str) -> str:
    """One line as it stands in an e-mail: a link becomes its words and its address; ``base`` goes before a path."""
    return _LINK.sub(lambda found: f"{found[1]} ({_absolute(found[2], base)})", words)


def html(words: str) -> SafeString:
    """One line as it stands on a page, escaped, with links."""
    pieces, end = [], 0
    for found in _LINK.finditer(words):
        pieces += [
            _escaped(words[end : found.start()]),
            format_html('<a class="govuk-link" href="{}">{}</a>', found[2], found[1]),
        ]
        end = found.end()
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, _escaped(words[end:])]))


def _escaped(words: str) -> SafeString:
    return mark_safe(urlize(words, autoescape=True))


def _absolute(address: str, base: str) -> str:
    return address if address.startswith("http") else f"{base}{address}"
