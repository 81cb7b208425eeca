"""From a point to its address, district and city."""

import pytest

from miasto.kernel.places import testing
from miasto.kernel.places.selectors import districts, inside_city, reverse, reverse_many

pytestmark = pytest.mark.django_db


def test_the_nearest_address_within_150_metres_names_the_point():
    street = testing.make_street(name="Długa")
    testing.make_address(street=street, number="10", point=testing.point(0, 20))
    near = testing.make_address(street=street, number="12", point=testing.point(40, 20))
    found = reverse(*testing.point(45).coords)
    assert found.address_text == "ul. Długa 12"
    assert found.address_id == near.pk
    assert found.street_id == street.pk
    assert found.distance_m == pytest.approx(21, abs=4)


def test_the_nearest_is_the_nearest_in_metres_and_not_in_degrees():
    street = testing.make_street(name="Długa")
    east = testing.make_address(street=street, number="1", point=testing.point(100, 0))
    testing.make_address(street=street, number="2", point=testing.point(0, 120))
    assert reverse(*testing.point().coords).address_id == east.pk


def test_without_an_address_the_street_within_300_metres_is_named():
    street = testing.make_street(name="Długa")
    found = reverse(*testing.point(0, 200).coords)
    assert (found.address_text, found.address_id, found.street_id) == ("ul. Długa", None, street.pk)
    far = reverse(*testing.point(0, 400).coords)
    assert (far.address_text, far.street_id, far.distance_m) == ("", None, None)


def test_the_smallest_district_that_contains_the_point_is_named():
    testing.make_area(name="Duże", geom=testing.square(side_m=4000))
    small = testing.make_area(name="Małe", geom=testing.square(side_m=500))
    assert reverse(*testing.point().coords).district_id == small.pk
    assert reverse(*testing.point(1000).coords).district_name == "Duże"
    assert reverse(*testing.point(9000).coords).district_id is None


def test_the_city_ends_at_its_outline_or_else_at_the_box_of_the_profile():
    west = testing.point(-2500).coords
    assert inside_city(*west)
    testing.make_city_area(geom=testing.square(side_m=4000))
    assert not inside_city(*west)
    assert inside_city(*testing.point().coords)
    assert not inside_city(0.0, 0.0)


def test_a_point_outside_the_city_is_in_the_commune_whose_outline_is_loaded():
    assert reverse(*testing.point(2500).coords).commune_name == ""
    testing.make_city_area(geom=testing.square(side_m=4000))
    testing.make_area(name="Sąsiednia", area_kind="commune", geom=testing.square(3500, side_m=2000))
    assert reverse(*testing.point(3500).coords).commune_name == "Sąsiednia"
    assert reverse(*testing.point().coords).commune_name == ""


def test_many_points_take_one_query_and_keep_their_order(django_assert_num_queries):
    street = testing.make_street(name="Długa", geom=testing.line((-2000, 0), (2000, 0)))
    for number in range(1, 6):
        testing.make_address(street=street, number=str(number), point=testing.point(number * 300))
    points = [testing.point(number * 300).coords for number in (3, 1, 5)]
    with django_assert_num_queries(1):
        found = reverse_many(points)
    assert [one.address_text for one in found] == ["ul. Długa 3", "ul. Długa 1", "ul. Długa 5"]
    assert found == [reverse(*one) for one in points]
    assert reverse_many([]) == []


@pytest.mark.parametrize("point", [(200, 50), (20, 95), (float("nan"), 50), (20, float("inf"))])
def test_what_is_no_point_of_the_map_is_refused(point):
    with pytest.raises(ValueError, match="longitude"):
        reverse(*point)


def test_what_is_not_public_names_no_point():
    testing.make_address(street=testing.make_street(audience="unit"), audience="private")
    testing.make_area(audience="unit")
    found = reverse(*testing.point().coords)
    assert (found.address_text, found.district_id) == ("", None)


def test_districts_are_listed_by_name():
    for name in ("Źródła", "Bocianek", "Łazy"):
        testing.make_area(name=name)
    testing.make_area(name="Powiat", area_kind="county")
    assert [area.name for area in districts()] == ["Bocianek", "Łazy", "Źródła"]
