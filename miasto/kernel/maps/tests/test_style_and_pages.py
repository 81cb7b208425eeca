"""The style, the map page and its list, all from one declaration."""

import json
import re

import pytest

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.maps import selectors
from miasto.kernel.maps.style import style
from miasto.kernel.maps.testing import declared
from miasto.kernel.places.testing import make_address, make_place, make_street, point
from miasto.kernel.spec.maps import Layer

pytestmark = pytest.mark.django_db
RIVERS = Layer(
    key="maps.rivers", name="Rzeki", model="places.Waterway", geometry="line", basemap=True, order=1,
    paint=({"type": "line", "paint": {"line-color": "#bdd9e6"}, "dark": {"paint": {"line-width": 2}}},
           {"type": "symbol", "layout": {"text-field": ["get", "name"]}, "paint": {"text-color": "#123"}}),
)  # fmt: skip


def test_one_declaration_gives_tile_style_collection_list_and_switch(client, schools):
    place = make_place(name="Szkoła z deklaracji")
    document = client.get("/mapa/styl.json").json()
    assert document["sources"]["maps.schools"]["tiles"] == ["/mapa/kafelki/maps.schools/{z}/{x}/{y}.mvt"]
    assert [one["id"] for one in document["layers"] if one.get("source") == "maps.schools"]
    assert client.get("/mapa/kafelki/maps.schools/0/0/0.mvt").content
    assert client.get("/api/ogc/collections/maps.schools/items").json()["features"][0]["id"] == str(place.pk)
    assert "Szkoły na próbę" in client.get("/mapa/").content.decode()
    page = client.get("/mapa/lista/?warstwy=maps.schools").content.decode()
    assert f'<a href="/obiekty/{place.pk}/">Szkoła z deklaracji</a>' in page


def test_the_style_asks_nothing_of_other_machines():
    document = style(specs=[RIVERS])
    assert "glyphs" not in document
    assert "sprite" not in document
    assert not re.search(r"https?:", json.dumps(document["sources"]) + json.dumps(document["layers"]))


def test_the_basemap_is_below_everything_but_its_names(schools):
    areas = Layer(key="maps.areas", name="Obszary", model="places.Area", geometry="polygon")
    order = [(one["id"], one["type"]) for one in style(specs=[schools, areas, RIVERS])["layers"]]
    assert order == [
        ("background", "background"), ("maps.rivers-0", "line"), ("maps.areas-0", "fill"), ("maps.areas-1", "line"),
        ("maps.rivers-1", "symbol"), ("maps.schools-0", "circle"),
    ]  # fmt: skip


def test_layers_that_can_be_switched_are_told_and_others_are_not(schools):
    document = style(specs=[schools, RIVERS])
    (told,) = document["metadata"]["miasto:layers"]
    assert told["key"] == "maps.schools"
    assert told["url"] == "/obiekty/{id}/"
    assert told["legend"][0]["label"] == "Szkoły na próbę"
    marked = {one["id"] for one in document["layers"] if "metadata" in one}
    assert marked == {"maps.schools-0"}
    assert next(one for one in document["layers"] if one["id"] == "maps.schools-0")["layout"]["visibility"] == "none"


def test_the_dark_style_turns_the_basemap_over_and_leaves_the_layers_of_the_city(schools):
    light, dark = style(specs=[schools, RIVERS]), style(specs=[schools, RIVERS], dark=True)
    by_id = {one["id"]: one for one in dark["layers"]}
    assert by_id["background"] != light["layers"][0]
    assert int(by_id["maps.rivers-0"]["paint"]["line-color"][1:3], 16) < 0x60
    assert int(by_id["maps.rivers-1"]["paint"]["text-color"][1:3], 16) > 0x80
    assert by_id["maps.rivers-0"]["paint"]["line-width"] == 2
    assert by_id["maps.schools-0"] == next(one for one in light["layers"] if one["id"] == "maps.schools-0")


def test_every_declared_layer_draws_something():
    from miasto.kernel.maps.layers import layers

    document = style()
    drawn = {one.get("source") for one in document["layers"]}
    assert {spec.key for spec in layers()} <= drawn


def test_the_address_says_which_layers_are_on(client, schools):
    other = Layer(key="maps.stops", name="Przystanki", model="places.Place", geometry="point", on=True)
    with declared(schools, other):
        default = client.get("/mapa/").content.decode()
        chosen = client.get("/mapa/?warstwy=maps.schools,unknown").content.decode()
    assert checked(default) >= {"maps.stops"}
    assert checked(chosen) == {"maps.schools"}
    assert 'data-layers="maps.schools"' in chosen


def checked(page):
    return set(re.findall(r'name="warstwy" value="([\w.]+)"[^>]* checked', page))


def test_the_list_holds_what_the_box_holds(client, schools):
    make_place(name="Bliska")
    make_place(name="Daleka", geom=point(east_m=4000))
    where = point()
    box = f"{where.x - 0.01},{where.y - 0.01},{where.x + 0.01},{where.y + 0.01}"
    page = client.get(f"/mapa/lista/?warstwy=maps.schools&bbox={box}").content.decode()
    assert "Bliska" in page
    assert "Daleka" not in page
    assert "Daleka" in client.get("/mapa/lista/?warstwy=maps.schools").content.decode()


def test_the_list_finds_the_neighbourhood_of_an_address(client, schools):
    make_address(street=make_street(name="Łąkowa"), number="5")
    make_place(name="Bliska")
    make_place(name="Daleka", geom=point(east_m=4000))
    page = client.get("/mapa/lista/", {"warstwy": "maps.schools", "szukaj": "lakowa 5"}).content.decode()
    assert "Bliska" in page
    assert "Daleka" not in page


def test_the_list_says_when_nothing_is_there_and_when_the_address_is_wrong(client, schools):
    assert "Nic tu nie ma" in client.get("/mapa/lista/?warstwy=maps.schools").content.decode()
    assert client.get("/mapa/lista/?warstwy=maps.schools&bbox=x").status_code == 400
    assert client.get("/mapa/lista/?warstwy=&od=-5").status_code == 200
    assert client.get("/mapa/lista/?od=99999999999999999999").status_code == 200
    assert "Nie ma miejsca" in client.get("/mapa/lista/?szukaj=qqqqqqqqqqqq").content.decode()


def test_the_list_shows_a_person_only_what_that_person_may_see(client, schools):
    unit = make_unit()
    make_place(name="Wewnętrzna", audience="unit", unit=unit)
    assert "Wewnętrzna" not in client.get("/mapa/lista/?warstwy=maps.schools").content.decode()
    client.force_login(make_staff("cases.clerk", unit))
    assert "Wewnętrzna" in client.get("/mapa/lista/?warstwy=maps.schools").content.decode()


def test_a_long_list_has_parts(client, schools):
    for number in range(selectors.EACH + 3):
        make_place(name=f"Szkoła {number:03}")
    first = client.get("/mapa/lista/?warstwy=maps.schools").content.decode()
    assert f"Szkoła {selectors.EACH:03}" not in first
    assert 'rel="next"' in first
    second = client.get(f"/mapa/lista/?warstwy=maps.schools&od={selectors.EACH}").content.decode()
    assert f"Szkoła {selectors.EACH:03}" in second
    assert 'rel="prev"' in second


def test_names_are_sorted_as_poles_sort_them(schools):
    for name in ("Zeta", "Łódka", "Lipa", "Ćma", "Cedr"):
        make_place(name=name)
    (found,) = selectors.listing([schools], viewer())
    assert [row.label for row in found.rows] == ["Cedr", "Ćma", "Lipa", "Łódka", "Zeta"]


def viewer():
    from miasto.kernel.accounts.viewer import ANONYMOUS

    return ANONYMOUS


def test_the_pages_need_few_queries(client, schools, django_assert_max_num_queries):
    make_place()
    with django_assert_max_num_queries(3):
        client.get("/mapa/")
    with django_assert_max_num_queries(3):
        client.get("/mapa/lista/")
