"""Vector tiles hold what the viewer may see, and no more than was declared."""

from dataclasses import replace

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.db.models import Q

from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from miasto.kernel.core.registry import registry
from miasto.kernel.maps import tiles
from miasto.kernel.maps.testing import declared, features_of, tile_at
from miasto.kernel.places.testing import make_area, make_place, make_street, point, square
from miasto.kernel.spec.maps import Layer

pytestmark = pytest.mark.django_db


def tile_here(z=14):
    where = point()
    return tile_at(where.x, where.y, z)


def ids(spec, viewer=ANONYMOUS, z=14):
    return {one["id"] for one in features_of(tiles.render(spec, viewer, *tile_here(z)))}


def test_a_tile_holds_the_declared_columns_and_the_id_only(schools):
    place = make_place()
    make_place(place_kind="stop")
    assert features_of(tiles.render(schools, ANONYMOUS, *tile_here())) == [{"id": str(place.pk), "place_kind": "school"}]


def test_from_afar_a_layer_may_hold_less_than_from_near(schools):
    old, new = make_place(name="Stara"), make_place(name="Nowa")
    spec = replace(schools, far=lambda day: Q(name="Nowa"), far_below=15)
    assert ids(spec, z=14) == {str(new.pk)}
    assert ids(spec, z=15) == {str(old.pk), str(new.pk)}


def test_a_layer_that_forgets_below_which_zoom_is_refused(schools):
    spec = replace(schools, far=lambda day: Q())
    assert list(spec.problems(registry())) == ["far and far_below go together"]


def test_a_feature_lies_where_its_object_is(schools):
    make_place()
    z, x, y = tile_here(16)
    layer = mapbox_vector_tile.decode(tiles.render(schools, ANONYMOUS, z, x, y), default_options={"y_coord_down": True})[
        schools.key
    ]
    east, south = layer["features"][0]["geometry"]["coordinates"]
    where = point()
    fine = tile_at(where.x, where.y, 22)
    assert (x << 6) + east * 64 // layer["extent"] == fine[1]
    assert (y << 6) + south * 64 // layer["extent"] == fine[2]


def test_each_viewer_gets_only_what_that_viewer_may_see(schools):
    ours, theirs = make_unit(), make_unit()
    public = make_place()
    own = make_place(audience="unit", unit=ours)
    foreign = make_place(audience="unit", unit=theirs)
    private = make_place(audience="private")
    clerk = Viewer(person_id=own.pk, grants=frozenset({("cases.clerk", ours.pk)}))
    everywhere = Viewer(person_id=own.pk, grants=frozenset({("cases.clerk", None)}))
    seen = {
        name: {str(one.pk) for one in objects}
        for name, objects in {
            "anonymous": [public],
            "clerk": [public, own],
            "everywhere": [public, own, foreign],
            "system": [public, own, foreign, private],
        }.items()
    }
    assert ids(schools) == seen["anonymous"]
    assert ids(schools, clerk) == seen["clerk"]
    assert ids(schools, everywhere) == seen["everywhere"]
    assert ids(schools, SYSTEM) == seen["system"]


def test_an_object_that_is_no_longer_valid_is_not_drawn(schools):
    make_place(valid_to="2001-01-01")
    assert ids(schools) == set()


def test_an_empty_tile_has_no_bytes(schools):
    assert tiles.render(schools, ANONYMOUS, 14, 0, 0) == b""


def test_near_points_are_thinned_at_low_zooms_and_all_are_there_later(schools):
    for metres in range(20):
        make_place(geom=point(east_m=metres))
    assert len(ids(schools, z=10)) == 1
    assert len(ids(schools, z=14)) == 20


def test_thinning_never_lets_a_hidden_object_stand_for_a_public_one(schools):
    hidden = make_place(audience="private")
    shown = make_place()
    assert ids(schools, z=9) == {str(shown.pk)}
    assert str(hidden.pk) not in ids(schools, z=9)


def test_an_area_in_a_point_layer_is_drawn_as_a_point(schools):
    make_place(geom=square(side_m=100))
    layer = mapbox_vector_tile.decode(tiles.render(schools, ANONYMOUS, *tile_here()))[schools.key]
    assert layer["features"][0]["geometry"]["type"] == "Point"


def test_areas_are_clipped_to_the_tile_and_tiny_ones_left_out_from_afar(areas):
    make_area(geom=square(side_m=20_000))
    small = make_area(geom=square(side_m=20))
    near = mapbox_vector_tile.decode(tiles.render(areas, ANONYMOUS, *tile_here(15)))[areas.key]
    spans = [
        abs(number) for one in near["features"] for ring in one["geometry"]["coordinates"] for pair in ring for number in pair
    ]
    assert max(spans) <= tiles.EXTENT + tiles.BUFFER
    assert str(small.pk) in ids(areas, z=15)
    assert str(small.pk) not in ids(areas, z=8)


def test_lines_lose_needless_vertices_from_afar():
    where = point()
    streets = Layer(key="maps.streets", name="Ulice", model="places.Street", geometry="line")
    wavy = LineString([(where.x + step * 1e-5, where.y + (step % 2) * 1e-5) for step in range(300)])
    make_street(geom=MultiLineString(wavy, srid=4326))
    with declared(streets):
        far, near = (len(tiles.render(streets, ANONYMOUS, *tile_here(z))) for z in (10, 16))
    assert far < near / 2


@pytest.mark.parametrize(("z", "x", "y"), [(14, 2**14, 0), (14, 0, 2**14), (17, 0, 0), (-1, 0, 0)])
def test_a_tile_outside_the_grid_does_not_exist(schools, z, x, y):
    with pytest.raises(tiles.NoSuchTile):
        tiles.render(schools, ANONYMOUS, z, x, y)


def test_a_layer_whose_condition_can_match_nothing_gives_empty_tiles():
    nothing = Layer(key="maps.nothing", name="Nic", model="places.Place", geometry="point", where={"pk__in": []})
    assert tiles.render(nothing, ANONYMOUS, *tile_here()) == b""


def test_a_tile_is_one_query(schools, django_assert_num_queries):
    make_place()
    with django_assert_num_queries(1):
        tiles.render(schools, ANONYMOUS, *tile_here())


def test_the_index_on_the_mercator_geometry_answers_a_tile(schools):
    from django.db import connection

    for metres in range(0, 2000, 2):
        make_place_fast(metres)
    sql, parameters = tiles.statement(schools, ANONYMOUS, 16)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_place")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", tiles.tile_parameters(parameters, *tile_here(16)))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "geom_3857 &&" in plan
    assert "Index" in plan


def make_place_fast(metres):
    from miasto.kernel.places.models import Place

    Place.objects.create(name="Szkoła", place_kind="school", geom=point(east_m=metres))


def test_the_page_of_a_tile_answers_with_private_headers_for_a_person(schools, client, django_user_model):
    from miasto.kernel.accounts.testing import make_person

    make_place()
    z, x, y = tile_here()
    url = f"/mapa/kafelki/{schools.key}/{z}/{x}/{y}.mvt"
    anonymous = client.get(url)
    assert anonymous.status_code == 200
    assert anonymous["Content-Type"] == tiles.MEDIA_TYPE
    assert "public" in anonymous["Cache-Control"]
    assert "Cookie" in anonymous["Vary"]
    assert client.get(url, headers={"If-None-Match": anonymous["ETag"]}).status_code == 304
    client.force_login(make_person())
    assert client.get(url)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path", ["maps.nowhere/1/0/0", "maps.schools/1/9/0", "maps.schools/99/0/0", "maps.schools/1/0/99999999999999999999"]
)
def test_what_is_no_tile_is_not_found(schools, client, path):
    assert client.get(f"/mapa/kafelki/{path}.mvt").status_code == 404
