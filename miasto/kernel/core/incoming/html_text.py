"""The words of an HTML message as plain text; what is quoted gets "> " so that it can be cut like any quotation."""

from __future__ import annotations

from html.parser import HTMLParser

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
     "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
     "tbody", "tr", "ul")
)  # fmt: skip
_UNSEEN = frozenset(("script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe"))
_VOID = frozenset(("br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr"))
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "gmail_attr", "protonmail_quote", "zmail_extra")
_MARKS = ("appendonsend", "divrplyfwdmsg", "mail-editor-reference-message-container", "x_divrplyfwdmsg")
MOST = 400_000


class _Words(HTMLParser):
    """Collects lines; ``depth`` of quotation by the open elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = []
        self.line = ""
        self.open: list[tuple[str, bool, bool]] = []
        self.quotes = self.unseen = 0
        self.rest_quoted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end_line(always=True)
            return
        if tag in _BLOCKS:
            self._end_line()
        if tag == "li":
            self.line = "- "
        if tag in ("td", "th") and self.line:
            self.line += " "
        if tag in _VOID:
            return
        named = " ".join(value or "" for name, value in attrs if name in ("class", "id")).lower()
        quote = tag == "blockquote" or any(mark in named for mark in _QUOTES)
        if any(mark in named for mark in _MARKS):
            self._end_line()
            self.rest_quoted = True
        self.open.append((tag, quote, tag in _UNSEEN))
        self.quotes += quote
        self.unseen += tag in _UNSEEN

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
        if not any(tag == name for name, _quote, _unseen in self.open):
            return
        while self.open:
            name, quote, unseen = self.open.pop()
            self.quotes -= quote
            self.unseen -= unseen
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        words = " ".join(data.split())
        if data[:1].isspace() and self.line and not self.line.endswith(" "):
            self.line += " "
        self.line += words
        if words and data[-1:].isspace():
            self.line += " "

    def _end_line(self, *, always: bool = False) -> None:
        if self.line.strip() or always:
            depth = 1 if self.rest_quoted or self.quotes else 0
            self.lines.append((depth, self.line.strip()))
        self.line = ""

    def text(self) -> str:
        self._end_line()
        return "\n".join(f"> {line}" if depth and line else line for depth, line in self.lines)


def text_of(html: str) -> str:
    """Plain text of HTML, however broken; never raises. Links lose their address, pictures and scripts everything."""
    parser = _Words()
    try:
        parser.feed(html[:MOST].replace("\x00", ""))
        parser.close()
    except (AssertionError, ValueError, RecursionError):
        pass  # what was read so far is better than nothing
    return parser.text()
