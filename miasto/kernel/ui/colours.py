"""Colours that can be read: WCAG 2.2 contrast (SC 1.4.3, 1.4.11) and the city's palette derived from its profile."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache

from miasto.kernel.core.city import City, ProfileError

LIGHT_GROUNDS = ("#f8f5f0", "#ffffff", "#f0ebe3")
DARK_GROUNDS = ("#171514", "#211f1d", "#2b2826")
INK, PAPER = "#1d1b1a", "#ffffff"
TEXT_CONTRAST = 4.5
PART_CONTRAST = 3.0
DEFAULTS = {"brand": "#9b1c2b", "accent": "#f5b816"}
HEX = re.compile(r"^#[0-9a-fA-F]{6}$")


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of ``#rrggbb``; raises ``ValueError`` for anything else."""
    if not HEX.match(colour):
        raise ValueError(f"{colour!r} is no colour of the form #rrggbb")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white), as WCAG 2.2 defines it."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """A colour between two: ``share`` (0 to 1) of ``other``."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def legible(colour: str, grounds: tuple[str, ...], towards: str, ratio: float = TEXT_CONTRAST) -> str:
    """The nearest colour on the way from ``colour`` to ``towards`` that reads on every ground."""
    for step in range(101):
        candidate = mix(colour, towards, step / 100)
        if all(contrast(candidate, ground) >= ratio for ground in grounds):
            return candidate
    raise ValueError(f"nothing between {colour} and {towards} reads on {', '.join(grounds)}")


def text_on(fill: str) -> str:
    """White or ink, whichever reads better on a fill."""
    return max((PAPER, INK), key=lambda text: contrast(text, fill))


def light_fill(colour: str) -> tuple[str, str]:
    """``(fill, text on it)`` for a fill that needs no contrast with the page: the colour, lightened until text reads on it."""
    for step in range(101):
        fill = mix(colour, "#ffffff", step / 100)
        if contrast(text_on(fill), fill) >= TEXT_CONTRAST:
            return fill, text_on(fill)
    raise ValueError(f"no text reads on {colour}")


def dark_fill(colour: str) -> tuple[str, str]:
    """``(fill, text on it)`` for dark pages: the fill is told from its surroundings (SC 1.4.11), the text reads on it."""
    for step in range(101):
        fill = mix(colour, "#ffffff", step / 100)
        if contrast(fill, DARK_GROUNDS[1]) >= PART_CONTRAST and contrast(text_on(fill), fill) >= TEXT_CONTRAST:
            return fill, text_on(fill)
    raise ValueError(f"nothing between {colour} and white reads on dark pages")


def palette(colours: Mapping[str, str]) -> dict[str, str]:
    """CSS custom properties of a city with the colours ``brand`` and ``accent``, each pair of text and ground at AA."""
    primary = colours.get("brand", DEFAULTS["brand"]).lower()
    accent, on_accent = light_fill(colours.get("accent", DEFAULTS["accent"]).lower())
    brand = legible(primary, (PAPER,), "#000000")
    brand_dark, on_brand_dark = dark_fill(primary)
    tint = mix("#fdf5e9", primary, 0.03)
    tint_dark = mix(DARK_GROUNDS[1], primary, 0.07)
    return {
        "--city-brand": brand,
        "--city-brand-strong": mix(brand, "#000000", 0.25),
        "--city-on-brand": PAPER,
        "--city-brand-text": legible(primary, (*LIGHT_GROUNDS, tint), "#000000"),
        "--city-brand-tint": tint,
        "--city-accent": accent,
        "--city-on-accent": on_accent,
        "--city-brand-dark": brand_dark,
        "--city-brand-strong-dark": mix(brand_dark, "#000000" if on_brand_dark == PAPER else "#ffffff", 0.2),
        "--city-on-brand-dark": on_brand_dark,
        "--city-brand-text-dark": legible(primary, (*DARK_GROUNDS, tint_dark), "#ffffff"),
        "--city-brand-tint-dark": tint_dark,
        "--city-accent-dark": accent,
        "--city-on-accent-dark": on_accent,
    }


def style_sheet(city: City) -> tuple[str, str]:
    """``(CSS text, short digest of it)`` of a city's palette; raises ``ProfileError`` for a colour that is none."""
    try:
        return _sheet(tuple(sorted(city.colours.items())))
    except ValueError as error:
        raise ProfileError(f"{city.folder / 'city.toml'}: colours: {error}") from error


@cache
def _sheet(colours: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    rules = "".join(f"{name}:{value};" for name, value in palette(dict(colours)).items())
    text = f":root{{{rules}}}"
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]
