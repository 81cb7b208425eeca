"""The words of a message in its reader's language: subject, plain text, and the HTML twin made from the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils.translation import override

from miasto.kernel.core.city import city

_ADDRESS = re.compile(r"^https?://\S+$")
_RULE = re.compile(r"^[-=]{3,}$")


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be sent."""

    subject: str
    text: str
    html: str


def absolute(url: str) -> str:
    """An address of the platform as it can stand in an e-mail."""
    return url if url.startswith(("http://", "https://")) else settings.BASE_URL + url


def subject(stem: str, context: dict[str, Any], language: str) -> str:
    """The one line of ``<stem>.subject.txt``."""
    with override(language):
        return _line(_plain(f"{stem}.subject.txt", context))


def render(stem: str, context: dict[str, Any], language: str) -> Message:
    """``<stem>.subject.txt`` and ``<stem>.txt`` with the common foot; the HTML twin says the same, word for word."""
    with override(language):
        values = {**context, "city": city(), "contacts": city().contacts, "home": absolute("/")}
        title = _line(_plain(f"{stem}.subject.txt", values))
        body = _paragraphs(_plain(f"{stem}.txt", values))
        foot = _paragraphs(_plain("notifications/mail/foot.txt", values))
        html = get_template("notifications/mail/page.html").render(
            {
                "title": title,
                "language": language,
                "body": _blocks(body),
                "foot": _blocks(foot),
                "city": city(),
                "quiet": values.get("quiet", False),
            }
        )
        return Message(title, "\n\n".join([*body, "-- ", *foot]) + "\n", html)


def quoted(words: str) -> str:
    """Somebody's words as the messages quote them: each line after "> ", so that they stand apart from ours."""
    return "\n".join(f"> {line}".rstrip() for line in words.split("\n")) if words else ""


def _plain(name: str, context: dict[str, Any]) -> str:
    """A template whose values must not be escaped as HTML, because nobody reads it as HTML."""
    return get_template(name).template.render(Context(context, autoescape=False))


def _line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> list[str]:
    parts = (re.sub(r"[ \t]+", " ", part).strip() for part in re.split(r"\n[ \t]*\n", text))
    return ["\n".join(line.strip() for line in part.split("\n")) for part in parts if part]


def _blocks(paragraphs: list[str]) -> list[dict[str, Any]]:
    """Paragraphs for the HTML twin; "Label:" over an address becomes a link with that label, "> " a quotation, a line over
    dashes a heading (over "=" the first one), lines that all begin with "* " a list.
    """
    return [_block(part.split("\n")) for part in paragraphs]


def _block(lines: list[str]) -> dict[str, Any]:
    if len(lines) == 2 and lines[0].endswith(":") and _ADDRESS.match(lines[1]):
        return {"label": lines[0][:-1], "url": lines[1]}
    if len(lines) == 2 and _RULE.match(lines[1]):
        return {"heading": lines[0], "level": 1 if lines[1][0] == "=" else 2}
    if all(line.startswith("* ") for line in lines):
        return {"points": [line[2:] for line in lines]}
    quoted = all(line.startswith(">") for line in lines)
    return {"lines": [line[1:].strip() if quoted else line for line in lines], "quoted": quoted}
