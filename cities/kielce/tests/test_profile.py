"""The profile's data: whole, in agreement with itself, and right enough on the map."""

import json
import os
import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

HERE = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("MIASTO_DATA") or HERE.parents[2] / "shared" / "data")
TERRITORY = DATA / "kielce" / "granica_kielce_powiat_uproszczona.geojson"
MAP = ["boundary", "districts", "rivers", "green", "railways", "streets", "places"]
NEAR_DEGREES = 0.002  # about 200 m


def toml(name):
    return tomllib.loads((HERE / name).read_text("utf-8"))


def features(name):
    return json.loads((HERE / f"{name}.geojson").read_text("utf-8"))["features"]


def geometry(feature):
    return GEOSGeometry(json.dumps(feature["geometry"]))


def leaves():
    return [leaf for group in toml("categories.toml")["categories"] for leaf in group["children"]]


@pytest.fixture(scope="module")
def outline():
    return geometry(features("boundary")[0])


def test_every_unit_and_competence_refers_to_what_is_there():
    city = toml("city.toml")
    organisations = {row["slug"] for row in city["organisations"]}
    units = {row["slug"] for row in city["units"]}
    assert len(units) == len(city["units"]) >= 12
    assert {row["organisation"] for row in city["units"]} <= organisations
    assert {row["parent"] for row in city["units"]} - {""} <= units
    assert {row["unit"] for row in city["competences"]} <= units


def test_every_competence_that_a_category_names_has_a_unit():
    known = {row["key"] for row in toml("city.toml")["competences"]}
    assert {leaf["competence"] for leaf in leaves()} <= known


def test_the_functional_area_has_its_communes():
    communes = [row for row in toml("city.toml")["organisations"] if row["kind"] == "commune"]
    assert len(communes) == 11


def test_every_category_is_complete_in_both_languages():
    for group in toml("categories.toml")["categories"]:
        assert group["translations"]["en"]["name"]
        for leaf in group["children"]:
            assert leaf["hint"], leaf["slug"]
            assert len(leaf["keywords"]) >= 5, leaf["slug"]
            assert leaf["deadline_days"] > 0
            assert set(leaf["translations"]["en"]) == {"name", "hint"}, leaf["slug"]


def test_slugs_of_categories_are_there_once_and_dangers_are_answered_within_two_days():
    slugs = [leaf["slug"] for leaf in leaves()]
    assert len(slugs) == len(set(slugs)) >= 45
    dangers = [leaf for leaf in leaves() if leaf.get("danger")]
    assert len(dangers) >= 6
    assert all(leaf["deadline_days"] <= 2 for leaf in dangers)


def test_templates_name_categories_that_are_there():
    templates = toml("templates.toml")["templates"]
    assert len(templates) >= 15
    assert len({row["slug"] for row in templates}) == len(templates)
    assert {row["category"] for row in templates if "category" in row} <= {leaf["slug"] for leaf in leaves()}


def test_nobody_can_be_reached_by_the_addresses_and_numbers_of_the_profile():
    text = (HERE / "city.toml").read_text("utf-8")
    assert all(address.endswith(".invalid") for address in re.findall(r"[\w.+-]+@([\w.-]+)", text))
    assert all(number.startswith("41 000") for number in re.findall(r'phone = "([^"]+)"', text))


def contrast(one, other):
    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("brand", "#ffffff"),
        ("brand", "brand_tint"),
        ("brand_dark", "#ffffff"),
        ("ink", "accent"),
        ("accent_dark", "#ffffff"),
        ("accent_dark", "accent_tint"),
        ("dark_brand", "dark_background"),
        ("dark_brand", "dark_surface"),
        ("dark_accent", "dark_background"),
    ],
)
def test_colours_of_text_have_the_contrast_of_level_aa(text, ground):
    colours = toml("city.toml")["colours"]
    assert contrast(colours[text], colours.get(ground, ground)) >= 4.5


def test_the_mark_is_a_drawing_without_anything_active():
    root = ET.fromstring((HERE / "logo.svg").read_text("utf-8"))
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "title", "rect", "circle", "path"}


@pytest.mark.parametrize("name", MAP)
def test_geometries_are_valid_and_keys_are_there_once(name):
    rows = features(name)
    assert all(geometry(row).valid for row in rows)
    keys = [row["properties"]["id"] for row in rows]
    assert len(keys) == len(set(keys))


def test_the_map_holds_what_a_city_needs():
    counts = {name: len(features(name)) for name in MAP}
    assert counts["districts"] >= 25
    assert counts["places"] >= 60
    assert sum(row["properties"]["source"] == "own" for row in features("streets")) >= 120
    assert {"Silnica", "Bobrza", "Sufraganiec", "Lubrzanka"} <= {row["properties"]["name"] for row in features("rivers")}
    names = [row["properties"]["name"] for row in features("streets")]
    assert len(names) == len(set(names))


def test_districts_tile_the_outline_without_gaps_and_overlaps(outline):
    cells = [geometry(row) for row in features("districts")]
    union = MultiPolygon(cells).unary_union
    assert union.sym_difference(outline).area / outline.area < 0.005
    assert (sum(cell.area for cell in cells) - union.area) / outline.area < 0.0005


def test_streets_and_places_lie_in_the_city_or_at_its_edge(outline):
    around = outline.buffer(NEAR_DEGREES)
    rows = [*features("streets"), *features("places")]
    assert [row["properties"]["name"] for row in rows if not around.covers(geometry(row))] == []


def test_every_street_and_place_names_the_district_in_which_it_lies():
    cells = {row["properties"]["slug"]: geometry(row) for row in features("districts")}
    for row in features("places"):
        assert cells[row["properties"]["district"]].distance(geometry(row)) < NEAR_DEGREES, row["properties"]["name"]
    assert {row["properties"]["district"] for row in features("streets")} == set(cells)


def test_the_outline_agrees_with_the_published_one(outline):
    if not TERRITORY.exists():
        pytest.skip(f"the published outline is not here ({TERRITORY})")
    found = json.loads(TERRITORY.read_text("utf-8"))["features"]
    real = next(geometry(row) for row in found if row["properties"]["nazwa"].endswith("Kielce"))
    assert outline.intersection(real).area / outline.union(real).area > 0.9


def test_building_the_map_again_gives_the_same_bytes(tmp_path):
    pytest.importorskip("shapely", reason="shapely, with which the map is built, is not installed")
    import importlib.util

    spec = importlib.util.spec_from_file_location("build", HERE / "sources" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    build.OUT = tmp_path
    build.main()
    for name in MAP:
        assert (tmp_path / f"{name}.geojson").read_bytes() == (HERE / f"{name}.geojson").read_bytes(), name


def test_the_demo_has_words_for_every_category():
    table = toml("demo_reports.toml")
    assert set(table["categories"]) == {leaf["slug"] for leaf in leaves()}
    for slug, entry in table["categories"].items():
        assert len(entry["say"]) >= 2, slug
        assert len(entry["done"]) >= 2, slug
    districts = {row["properties"]["slug"] for row in features("districts")}
    assert set(table["district_density"]) | set(table["centre_districts"]) <= districts
    streets = {row["properties"]["name"] for row in features("streets")}
    assert set(table["genitive_streets"]) <= streets
