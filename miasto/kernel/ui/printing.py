"""Pages for paper: what a printed template needs, and the tagged PDF (PDF/UA-1) drawn from it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from miasto.kernel.core.city import city

LANGUAGE = "pl"  # what the city signs is in the language of its office
KEEP_S = 7 * 86_400
# Each file is a family of its own, without a weight or a range of letters: WeasyPrint takes the glyphs of two files of one
# family from the first of them, and draws "ł" as nothing. The weight it takes from the variable font itself.
FONTS = (
    ("Miasto Text", "source-sans-3-latin-wght-normal.woff2"),
    ("Miasto Text Ext", "source-sans-3-latin-ext-wght-normal.woff2"),
    ("Miasto Display", "bricolage-grotesque-latin-wght-normal.woff2"),
    ("Miasto Display Ext", "bricolage-grotesque-latin-ext-wght-normal.woff2"),
)
TEXT, DISPLAY = '"Miasto Text", "Miasto Text Ext"', '"Miasto Display", "Miasto Display Ext"'
SVG_TEXT = "Miasto Text, Miasto Text Ext"


def page(template: str, context: dict[str, Any]) -> str:
    """The document from which a PDF is drawn: a template on ``ui/pdf.html``, the city, its colour, the fonts as files."""
    frame = {
        "city": city(),
        "language": LANGUAGE,
        "fonts": [(family, url) for family, file in FONTS if (url := _font(file))],
        "text": mark_safe(TEXT),
        "display": mark_safe(DISPLAY),
        "svg_text": SVG_TEXT,
        "colour": city().colours.get("brand", "#333333"),
    }
    with translation.override(LANGUAGE):
        return render_to_string(template, {**context, **frame})


def _font(file: str) -> str:
    found = finders.find(f"fonts/{file}")
    return Path(str(found)).resolve().as_uri() if found else ""


def tagged(document: str) -> bytes:
    """The PDF of a whole document; a second or two. WeasyPrint is imported here, never at the start."""
    from weasyprint import HTML

    return HTML(string=document).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)


def drawn_once(document: str) -> bytes:
    """The PDF of a short form that people download: drawn for the first of them, kept until its words change."""
    key = "ui.pdf." + hashlib.sha256(document.encode()).hexdigest()
    found = cache.get(key)
    if found is None:
        found = tagged(document)
        cache.set(key, found, KEEP_S)
    return bytes(found)
