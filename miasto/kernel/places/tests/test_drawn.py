"""Shapes drawn by people: what is taken, what is refused and in which words; shapes told in words."""

import json
import math

import pytest
from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.places.drawn import DrawnRules, checked_shape, size_of
from miasto.kernel.places.named import shapes_named, street_part
from miasto.kernel.places.testing import line, make_address, make_area, make_city_area, make_street, point, square

pytestmark = pytest.mark.django_db
ALL = ("point", "line", "area")


def at(*offset):
    return list(point(*offset).coords)


def ring(*offsets):
    return {"type": "Polygon", "coordinates": [[at(*one) for one in (*offsets, offsets[0])]]}


def refused(value, shapes=ALL, **rules):
    with pytest.raises(ValidationError) as caught:
        checked_shape(value, shapes=shapes, rules=DrawnRules(**rules))
    return caught.value.code


def test_a_point_a_line_and_an_area_of_the_city_are_taken_as_they_were_drawn():
    make_city_area()
    assert checked_shape({"type": "Point", "coordinates": at()}, shapes=ALL).coords == point().coords
    path = json.dumps({"type": "LineString", "coordinates": [at(), at(100, 0)]})
    assert 90 < size_of(checked_shape(path, shapes=("line",))) < 110
    made = checked_shape(ring((0, 0), (100, 0), (100, 100), (0, 100)), shapes=("area",))
    assert (made.geom_type, made.srid) == ("Polygon", 4326)


def test_what_is_wrong_is_said_by_its_kind():
    make_city_area()
    assert refused({"type": "Point", "coordinates": at()}, shapes=("line",)) == "shape"
    assert refused(ring((0, 0), (100, 100), (100, 0), (0, 100))) == "crosses"
    assert refused(ring((0, 0), (2, 0), (2, 2))) == "small"
    assert refused({"type": "LineString", "coordinates": [at(), at()]}) == "small"
    assert refused({"type": "LineString", "coordinates": [at(), at(3000, 0)]}, most_length_m=2000) == "big"
    assert refused({"type": "LineString", "coordinates": [at(n, 0) for n in range(40)]}, most_vertices=39) == "vertices"
    assert refused({"type": "Point", "coordinates": [0.0, 0.0]}) == "outside"
    assert refused({"type": "Point", "coordinates": [1000.0, 0.0]}) == "outside"
    for broken in ("", "{", "[]", '{"type": "Point"}', '{"type": "Point", "coordinates": [NaN, 1]}', "[" * 50_000):
        assert refused(broken) == "broken"
    assert refused("x" * 70_000) == "vertices"
    assert refused({"type": "Polygon", "coordinates": [[at(), at(9, 0), at(9, 9), at(0, 9)]]}) == "broken"


def test_the_margin_around_the_city_counts_and_no_more():
    make_city_area()
    beyond = {"type": "Point", "coordinates": at(10_300, 0)}
    assert checked_shape(beyond, shapes=ALL)
    assert refused(beyond, margin_m=100) == "outside"


def crosses(corners):
    """Whether two sides of an outline without common ends meet; by orientation, on whole numbers."""

    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def on(a, b, c):
        return side(a, b, c) == 0 and min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])

    n = len(corners)
    for i in range(n):
        a, b = corners[i], corners[(i + 1) % n]
        if on(a, b, corners[(i + 2) % n]) or on(b, corners[(i + 2) % n], a):
            return True
        for j in range(i + 2, n - (i == 0)):
            c, d = corners[j], corners[(j + 1) % n]
            if any((on(a, b, c), on(a, b, d), on(c, d, a), on(c, d, b))):
                return True
            if (side(a, b, c) > 0) != (side(a, b, d) > 0) and (side(c, d, a) > 0) != (side(c, d, b) > 0):
                return True
    return False


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=7, unique=True))
def test_an_outline_is_refused_exactly_where_its_sides_meet_or_it_is_too_small(db, corners):
    # one unit is 1/1024 of a degree, so that the orientation of corners is exact in floating point too
    lon, lat = round(point().x * 1024) / 1024, round(point().y * 1024) / 1024
    outline = [[lon + x / 1024, lat + y / 1024] for x, y in [*corners, corners[0]]]
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))
    value = {"type": "Polygon", "coordinates": [outline]}
    if crosses(corners):
        assert refused(value) == "crosses"
        return
    made = checked_shape(value, shapes=("area",))
    unit_m2 = (math.pi / 180 / 1024 * 6_371_000) ** 2 * math.cos(math.radians(lat))
    assert math.isclose(size_of(made), abs(twice) / 2 * unit_m2, rel_tol=0.02)


def test_a_street_is_told_from_crossing_to_crossing_and_the_line_is_the_part_between():
    long = make_street(name="Długa", geom=line((-500, 0), (0, 0), (500, 0)))
    make_street(name="Lipowa", geom=line((-300, -100), (-300, 100)))
    make_street(name="Polna", geom=line((200, -100), (200, 100)))
    (found,) = shapes_named("line", "Długa", start="Lipowa", end="Polna")
    assert "Długa" in found.label
    assert 480 < size_of(found.geom) < 540
    make_address(street=long, number="7", point=point(400, 10))
    (found,) = shapes_named("line", "Długa", start="Polna", end="7")
    assert 170 < size_of(found.geom) < 230
    (whole,) = shapes_named("line", "Długa")
    assert 950 < size_of(whole.geom) < 1050
    assert shapes_named("line", "Długa", start="Nieznana Nigdzie", end="Polna") == []


def test_the_way_along_a_street_jumps_small_gaps_and_no_great_ones():
    broken = line((-500, 0), (0, 0))
    broken.extend(line((30, 0), (500, 0)))
    part = street_part(broken, tuple(at(-400, 5)), tuple(at(300, 5)))
    assert 680 < size_of(part) < 720
    broken = line((-500, 0), (0, 0))
    broken.extend(line((200, 0), (500, 0)))
    assert street_part(broken, tuple(at(-400, 5)), tuple(at(300, 5))) is None
    assert street_part(broken, tuple(at(-400, 900)), tuple(at(-300, 5))) is None


def test_a_district_and_an_address_are_areas_and_points_too():
    make_area(name="Zalesie", geom=square(side_m=400))
    street = make_street(name="Krucza")
    make_address(street=street, number="3", point=point(2000, 0))
    area = shapes_named("area", "Zalesie")[0]
    assert isinstance(area.geom, Polygon)
    assert 140_000 < size_of(area.geom) < 180_000
    around = shapes_named("area", "Krucza 3")[0]
    assert 7000 < size_of(around.geom) < 8000
    assert shapes_named("point", "Krucza 3")[0].geom.coords == point(2000, 0).coords
    assert shapes_named("point", "  ") == []
