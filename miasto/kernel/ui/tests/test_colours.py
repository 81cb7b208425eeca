"""The colours of any city must read; checked with the formula of WCAG 2.2 itself."""

import colorsys
from pathlib import Path

import pytest

from miasto.kernel.core.city import cities_folder, read_city
from miasto.kernel.ui import colours

TOKENS = (Path(__file__).parents[1] / "static_src/sass/_tokens.scss").read_text("utf-8")
HUES = [
    "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue / 12, light, 0.9))
    for hue in range(12)
    for light in (0.08, 0.3, 0.5, 0.75, 0.95)
]
PROFILES = sorted(path.parent for path in cities_folder().glob("*/city.toml"))


def pairs_of(made: dict[str, str]) -> list[tuple[str, str, str, float]]:
    """(what, one colour, the other, least contrast) of every pair that pages put together."""
    light, dark = colours.LIGHT_GROUNDS, colours.DARK_GROUNDS
    pairs = [
        ("text on the button", made["--city-on-brand"], made["--city-brand"], 4.5),
        ("text on the pressed button", made["--city-on-brand"], made["--city-brand-strong"], 4.5),
        ("text on gold", made["--city-on-accent"], made["--city-accent"], 4.5),
        ("text on the button, dark", made["--city-on-brand-dark"], made["--city-brand-dark"], 4.5),
        ("text on the pressed button, dark", made["--city-on-brand-dark"], made["--city-brand-strong-dark"], 4.5),
        ("button on the page, dark", made["--city-brand-dark"], dark[1], 3),
        ("brand text on its tint", made["--city-brand-text"], made["--city-brand-tint"], 4.5),
        ("brand text on its tint, dark", made["--city-brand-text-dark"], made["--city-brand-tint-dark"], 4.5),
        ("ink on the tint", colours.INK, made["--city-brand-tint"], 4.5),
    ]
    pairs += [("brand text", made["--city-brand-text"], ground, 4.5) for ground in light]
    return pairs + [("brand text, dark", made["--city-brand-text-dark"], ground, 4.5) for ground in dark]


def test_contrast_is_that_of_wcag():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colours.contrast("#ffffff", "#777777") == colours.contrast("#777777", "#ffffff")


@pytest.mark.parametrize("folder", PROFILES, ids=lambda folder: folder.name)
def test_the_colours_of_every_profile_read_on_every_ground(folder):
    made = colours.palette(read_city(folder).colours)
    assert [pair for pair in pairs_of(made) if colours.contrast(pair[1], pair[2]) < pair[3]] == []


@pytest.mark.parametrize("primary", HUES)
def test_any_colour_that_a_city_may_choose_becomes_readable(primary):
    made = colours.palette({"brand": primary, "accent": primary})
    assert [pair for pair in pairs_of(made) if colours.contrast(pair[1], pair[2]) < pair[3]] == []


def tokens_of(mixin: str) -> dict[str, str]:
    """Fixed colours of one set of tokens in the Sass source."""
    body = TOKENS.split(f"@mixin {mixin} {{", 1)[1].split("\n}", 1)[0]
    entries = (part.split(":") for part in body.replace("\n", "").split(";") if part.strip().startswith("--") and "#" in part)
    return {name.strip(): value.strip() for name, value in entries if value.strip().startswith("#")}


@pytest.mark.parametrize("mixin", ["light", "dark"])
def test_the_fixed_colours_of_the_design_system_read(mixin):
    token = tokens_of(mixin)
    grounds = [token[name] for name in ("--ground", "--surface", "--sunken")]
    pairs = [(token[name], ground) for name in ("--ink", "--ink-soft") for ground in grounds]
    pairs += [(token[f"--{tone}"], token[f"--{tone}-tint"]) for tone in ("danger", "ok")]
    pairs += [(token["--danger"], ground) for ground in grounds]
    names = ("grey", "green", "blue", "yellow", "orange", "red", "purple")
    pairs += [(token[f"--{name}-fg"], token[f"--{name}-bg"]) for name in names]
    assert [pair for pair in pairs if colours.contrast(*pair) < 4.5] == []
    edges = [ground for ground in grounds if colours.contrast(token["--line-strong"], ground) < 3]
    assert edges == []


@pytest.mark.parametrize("mixin", ["light", "dark"])
def test_the_grounds_that_python_computes_with_are_those_of_the_style_sheet(mixin):
    token = tokens_of(mixin)
    grounds = colours.LIGHT_GROUNDS if mixin == "light" else colours.DARK_GROUNDS
    assert tuple(token[name] for name in ("--ground", "--surface", "--sunken")) == grounds


def test_a_wrong_colour_in_the_profile_is_refused():
    with pytest.raises(ValueError, match="no colour of the form"):
        colours.palette({"brand": "czerwony"})
