"""What people type, and what is found."""

import pytest

from miasto.kernel.accounts.viewer import SYSTEM
from miasto.kernel.core.city import city
from miasto.kernel.places import testing
from miasto.kernel.places.matching import distance, fit
from miasto.kernel.places.names import number_norm, split_type, street_label, street_norm
from miasto.kernel.places.queries import parse
from miasto.kernel.places.selectors import geocode
from miasto.kernel.places.services import retire_object


@pytest.fixture
def town(db):
    """Streets with numbers, a square, a district, a river and places."""
    long = testing.make_street(name="Sienkiewicza", prefix="ul.", geom=testing.line((-500, 0), (500, 0)))
    for number in ("1", "2", "12", "12a", "14", "120"):
        testing.make_address(street=long, number=number, point=testing.point(int(number.rstrip("a"))))
    maja = testing.make_street(name="1 Maja", prefix="ul.", geom=testing.line((0, 2000), (500, 2000)))
    testing.make_address(street=maja, number="5", point=testing.point(0, 2000))
    jubilee = testing.make_street(name="1000-lecia", prefix="al.", geom=testing.line((0, 3000), (500, 3000)))
    testing.make_address(street=jubilee, number="4A", point=testing.point(0, 3000))
    testing.make_street(name="Żytnia", prefix="ul.", geom=testing.line((0, -500), (0, 500)))
    testing.make_street(name="Źródłowa", prefix="ul.", geom=testing.line((900, -500), (900, 500)))
    testing.make_street(name="Plac Wolności", prefix="pl.", geom=testing.line((600, 600), (700, 700)))
    testing.make_area(name="Bocianek", geom=testing.square(3000, 3000))
    testing.make_place(name="Dworzec autobusowy", place_kind="station", geom=testing.point(-900, 300))
    testing.make_place(name="Szkoła Podstawowa nr 5", place_kind="school", geom=testing.point(-900, 900))
    testing.make_waterway(name="Struga")


def best(text: str, **options) -> tuple[str, str]:
    found = geocode(text, **options)
    return (found[0].kind, found[0].label) if found else ("", "")


@pytest.mark.parametrize(
    ("typed", "kind", "label"),
    [
        ("Sienkiewicza 12", "address", "ul. Sienkiewicza 12"),
        ("ul. sienkiewicza 12/5", "address", "ul. Sienkiewicza 12"),
        ("12 sienkiewicza", "address", "ul. Sienkiewicza 12"),
        ("SIENKIEWICZA 12 A", "address", "ul. Sienkiewicza 12a"),
        ("Sienkiewicza 12 m. 3", "address", "ul. Sienkiewicza 12"),
        ("Sienkiewicza 12, 00-001 " + city().name, "address", "ul. Sienkiewicza 12"),
        (city().name + ", ul. Sienkiewicza 12", "address", "ul. Sienkiewicza 12"),
        ("sienkiewica 12", "address", "ul. Sienkiewicza 12"),
        ("sienkiweicza", "street", "ul. Sienkiewicza"),
        ("na Sienkiewicza", "street", "ul. Sienkiewicza"),
        ("al. 1000-lecia 4a", "address", "al. 1000-lecia 4A"),
        ("1 maja 5", "address", "ul. 1 Maja 5"),
        ("1 maja", "street", "ul. 1 Maja"),
        ("zytnia", "street", "ul. Żytnia"),
        ("na Żytniej", "street", "ul. Żytnia"),
        ("zrodlowa", "street", "ul. Źródłowa"),
        ("sien", "street", "ul. Sienkiewicza"),
        ("plac wolnosci", "street", "Plac Wolności"),
        ("przy Dworcu", "place", "Dworzec autobusowy"),
        ("szkola podstawowa nr 5", "place", "Szkoła Podstawowa nr 5"),
        ("osiedle Bocianek", "area", "Bocianek"),
        ("bocianku", "area", "Bocianek"),
        ("struga", "waterway", "Struga"),
        ("Żytnia / Sienkiewicza", "crossing", "ul. Żytnia / ul. Sienkiewicza"),
        ("róg Żytniej i Sienkiewicza", "crossing", "ul. Żytnia / ul. Sienkiewicza"),
        ("skrzyżowanie Sienkiewicza z Żytnią", "crossing", "ul. Sienkiewicza / ul. Żytnia"),
    ],
)
def test_the_best_answer_to_what_people_type(town, typed, kind, label):
    assert best(typed) == (kind, label)


def test_a_number_that_does_not_exist_gives_the_street(town):
    assert best("Sienkiewicza 99") == ("street", "ul. Sienkiewicza")


def test_an_unfinished_number_offers_those_that_begin_so_the_exact_one_first(town):
    labels = [one.label for one in geocode("Sienkiewicza 1") if one.kind == "address"]
    assert labels[0] == "ul. Sienkiewicza 1"
    assert set(labels) >= {"ul. Sienkiewicza 12", "ul. Sienkiewicza 14"}


def test_a_crossing_lies_on_both_streets(town):
    found = geocode("Żytnia / Sienkiewicza")[0]
    middle = testing.point()
    assert (found.lon, found.lat) == pytest.approx((middle.x, middle.y), abs=1e-4)


def test_streets_that_never_meet_are_offered_each(town):
    labels = {one.label for one in geocode("Źródłowa i 1 Maja") if one.kind == "street"}
    assert labels == {"ul. Źródłowa", "ul. 1 Maja"}


def test_of_two_equal_names_the_nearer_comes_first(db):
    west, east = testing.point(-6000), testing.point(6000)
    first = testing.make_place(name="Apteka Zdrowie", geom=west)
    second = testing.make_place(name="Apteka Zdrowie", geom=east, address_text="ul. Inna 1")
    assert geocode("apteka zdrowie", near=west.coords)[0].id == first.pk
    assert geocode("apteka zdrowie", near=east.coords)[0].id == second.pk


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_%\\", "'; DROP TABLE places_street; --", "/", "i", "ul.", "ą" * 500, "1" * 300, "\x00a"]
)
def test_odd_input_finds_nothing_or_something_but_never_fails(town, typed):
    assert isinstance(geocode(typed), list)


def test_what_is_not_public_or_no_longer_valid_is_not_found(town):
    place = testing.make_place(name="Ukryta Przystań", audience="unit")
    retired = testing.make_place(name="Dawna Przystań")
    retire_object(retired, by=SYSTEM)
    assert not {place.pk, retired.pk} & {one.id for one in geocode("przystań")}


def test_a_query_takes_few_statements(town, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        geocode("Sienkiewicza 12")
    with django_assert_max_num_queries(5):
        geocode("Żytnia / Sienkiewicza", near=testing.point().coords)


def test_an_answer_says_its_point_box_and_detail(town):
    testing.make_area(name="Śródmieście", geom=testing.square(side_m=800))
    found = geocode("sienkiewicza")[0]
    west, south, east, north = found.bbox
    assert west <= found.lon <= east
    assert south <= found.lat <= north
    assert found.detail == "ulica, Śródmieście"
    assert geocode("szkoła podstawowa")[0].detail == "szkoła"


def test_house_numbers_are_brought_to_one_form():
    assert {number_norm(text) for text in ("12A", "12 a", " 12 A ")} == {"12a"}
    assert number_norm("12 m. 5") == number_norm("12/5") == number_norm("12 / 5") == "12/5"
    assert number_norm("12-14") == "12-14"


def test_the_kind_of_a_street_is_split_from_its_name():
    assert split_type("ulica Długa") == ("ul.", "Długa")
    assert split_type("ul.Długa") == ("ul.", "Długa")
    assert split_type("Al. Niepodległości") == ("al.", "Niepodległości")
    assert split_type("Rondo") == ("", "Rondo")
    assert street_norm("Plac Wolności") == street_norm("pl. Wolności") == "wolnosci"
    assert street_label("pl.", "Plac Wolności") == "Plac Wolności"
    assert street_label("rondo", "Rondo Herberta") == "Rondo Herberta"
    assert street_label("ul.", "Długa") == "ul. Długa"


def test_edits_are_counted_with_swapped_neighbours_as_one():
    assert distance("zytnia", "zytnia") == 0
    assert distance("zytnia", "zytina") == 1
    assert distance("kot", "kat") == 1
    assert distance("", "abc") == 3


def test_a_whole_name_fits_better_than_its_part_and_a_part_better_than_a_stranger():
    assert fit(["dluga"], ["dluga"]) > fit(["dluga"], ["dluga", "boczna"]) > fit(["dluga"], ["kwiatowa"])
    assert fit(["1", "maja"], ["1", "maja"]) > fit(["maja"], ["1", "maja"])


def test_a_text_is_read_as_a_name_with_a_number_and_as_a_whole_name():
    readings = {(one.text, one.number) for one in parse("1 maja 5").readings}
    assert ("1 maja", "5") in readings
    assert parse("Długa 12").readings[0].number == "12"
    assert parse("Długa i Krótka").crossing is not None
    assert parse("Długa 12/5").crossing is None
