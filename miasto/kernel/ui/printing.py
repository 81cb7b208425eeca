"""Pages for paper: what a printed template needs, and the tagged PDF (PDF/UA-1) drawn from it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation

from miasto.kernel.core.city import city

LANGUAGE = "pl"  # what the city signs is in the language of its office
KEEP_S = 7 * 86_400
LATIN = "U+0000-00FF, U+2000-206F, U+20AC, U+2122, U+2212"
LATIN_EXT = "U+0100-02BA, U+1E00-1E9F"
FONTS = (
    ("Miasto Text", "source-sans-3-latin-wght-normal.woff2", LATIN),
    ("Miasto Text", "source-sans-3-latin-ext-wght-normal.woff2", LATIN_EXT),
    ("Miasto Display", "bricolage-grotesque-latin-wght-normal.woff2", LATIN),
    ("Miasto Display", "bricolage-grotesque-latin-ext-wght-normal.woff2", LATIN_EXT),
)


def page(template: str, context: dict[str, Any]) -> str:
    """The document from which a PDF is drawn: the template with the city, its colour and the fonts as files."""
    frame = {
        "city": city(),
        "fonts": [(family, url, letters) for family, file, letters in FONTS if (url := _font(file))],
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
