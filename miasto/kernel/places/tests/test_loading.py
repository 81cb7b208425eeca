"""Files of objects: all or nothing, each fault with its line and feature, a second load updates."""

import json
import zipfile
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.viewer import SYSTEM
from miasto.kernel.core.city import city
from miasto.kernel.core.models import Change
from miasto.kernel.places import testing
from miasto.kernel.places.geojson import FeatureReader
from miasto.kernel.places.geometry import Reading
from miasto.kernel.places.models import Address, Area, ObjectIndex, Place, Street, Waterway
from miasto.kernel.places.problems import Fault
from miasto.kernel.places.services import ImportOptions, ImportRefused, import_features
from miasto.kernel.places.targets import TARGETS

pytestmark = pytest.mark.django_db


def at(east: float = 0, north: float = 0) -> list[float]:
    return list(testing.point(east, north).coords)


def ring(east: float = 0, north: float = 0, side: float = 100) -> list[list[float]]:
    return [at(east, north), at(east + side, north), at(east + side, north + side), at(east, north + side), at(east, north)]


def point_feature(name: str | None = "Szkoła", east: float = 0, **properties) -> dict:
    named = {"name": name} if name is not None else {}
    return {"type": "Feature", "properties": {**named, **properties}, "geometry": {"type": "Point", "coordinates": at(east)}}


def area_feature(name: str = "Osiedle", coordinates=None, **properties) -> dict:
    geometry = {"type": "Polygon", "coordinates": coordinates or [ring()]}
    return {"type": "Feature", "properties": {"name": name, **properties}, "geometry": geometry}


def collection(*features: dict, **members) -> str:
    head = {"type": "FeatureCollection", **members}
    rows = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return json.dumps(head)[:-1] + ', "features": [\n' + rows + "\n]}"


@pytest.fixture
def load(tmp_path):
    def load_text(text: str | bytes, target: str = "places", key: str = "", name: str = "dane.geojson", **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_features(source=path, target=target, by=SYSTEM, key=key, options=ImportOptions(**options))

    return load_text


def refused(load, text, target="places", **options) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        load(text, target, **options)
    assert not ObjectIndex.objects.exists(), "nothing may be half-loaded"
    assert not Change.objects.exists()
    return caught.value


def test_a_collection_becomes_places_with_index_and_one_change(load):
    report = load(collection(point_feature("Szkoła nr 1", kind="school"), point_feature("Przystanek", 50, kind="stop")))
    assert (report.read, report.created, report.changed, report.unchanged) == (2, 2, 0, 0)
    assert {place.place_kind for place in Place.objects.all()} == {"school", "stop"}
    assert ObjectIndex.objects.count() == 2
    change = Change.objects.get()
    assert (change.action, change.kind, change.data["created"]) == ("places.imported", "places.place", 2)


def test_a_second_load_of_the_same_file_changes_nothing_and_a_corrected_one_only_what_differs(load):
    first, second = point_feature("Szkoła nr 1", id="a"), point_feature("Szkoła nr 2", 50, id="b")
    load(collection(first, second))
    keys = set(Place.objects.values_list("pk", flat=True))
    report = load(collection(first, second))
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)
    report = load(collection(first, point_feature("Szkoła nr 3", 50, id="b")))
    assert (report.created, report.changed, report.unchanged) == (0, 1, 1)
    assert set(Place.objects.values_list("pk", flat=True)) == keys
    assert set(ObjectIndex.objects.values_list("label", flat=True)) == {"Szkoła nr 1", "Szkoła nr 3"}


def test_a_load_keeps_the_audience_and_unit_that_people_gave_a_known_object(load):
    load(collection(point_feature("Magazyn", id="m")))
    Place.objects.update(audience="unit")
    load(collection(point_feature("Magazyn nowy", id="m")))
    assert Place.objects.get().audience == "unit"
    assert ObjectIndex.objects.get().audience == "unit"


def test_replace_retires_what_the_file_lacks_of_the_same_kind_only(load):
    load(collection(point_feature("A", id="a"), point_feature("B", 50, id="b")), kind="stop")
    load(collection(point_feature("Szkoła", id="a")), kind="school")
    report = load(collection(point_feature("A", id="a")), kind="stop", replace=True)
    assert report.retired == 1
    assert set(Place.objects.current().values_list("name", flat=True)) == {"A", "Szkoła"}
    report = load(collection(point_feature("A", id="a"), point_feature("B", 50, id="b")), kind="stop")
    assert set(Place.objects.current().values_list("name", flat=True)) == {"A", "B", "Szkoła"}


def test_two_sources_with_the_same_keys_stand_side_by_side(load):
    load(collection(point_feature("A", id="1")), kind="stop", source="mpk")
    load(collection(point_feature("B", 50, id="1")), kind="stop", source="pks")
    assert Place.objects.count() == 2


def test_every_fault_is_told_with_its_line_and_feature_and_nothing_is_loaded(load):
    text = collection(
        point_feature("Dobra"),
        point_feature(None, stary_kod="x"),
        {"type": "Feature", "properties": {"name": "Bez geometrii"}, "geometry": None},
        {"type": "Feature", "properties": {"name": "Pusta"}, "geometry": {"type": "Point", "coordinates": []}},
        {"type": "Feature", "properties": {"name": "Tekst"}, "geometry": {"type": "Point", "coordinates": ["20", 50]}},
        {"type": "Osoba"},
    )
    problems = refused(load, text).problems
    assert [(problem.line, problem.feature) for problem in problems] == [(3, 2), (4, 3), (5, 4), (6, 5), (7, 6)]
    assert "brakuje nazwy" in problems[0].text
    assert "stary_kod" in problems[0].mend
    assert "brakuje geometrii" in problems[1].text
    assert "pusta" in problems[2].text
    assert "nie jest liczbą" in problems[3].text
    assert "Feature" in problems[4].text


def test_lines_are_counted_right_however_the_file_is_cut_into_pieces(load, monkeypatch):
    text = collection(
        point_feature("A"), point_feature("B", 50), point_feature(None), point_feature("C", 90), point_feature(None)
    )
    for size in (1, 7, 64, 500):
        monkeypatch.setattr("miasto.kernel.places.geojson.CHUNK", size)
        problems = refused(load, text).problems
        assert [(problem.line, problem.feature) for problem in problems] == [(4, 3), (6, 5)]
        broken = refused(load, text.replace('"B"', '"B" 5')).problems[0]
        assert (broken.line, broken.column) == (3, text.split("\n")[2].index('"B"') + 5)


def test_at_most_twenty_faults_are_listed_and_the_rest_counted(load):
    error = refused(load, collection(*[point_feature(None) for _ in range(700)]))
    assert error.total == 700
    lines = error.lines()
    assert sum("obiekt" in line and line.startswith("wiersz") for line in lines) == 20
    assert any("680" in line for line in lines)


def test_broken_json_names_its_line_and_column(load):
    good = json.dumps(point_feature("A"))
    error = refused(load, '{"type": "FeatureCollection", "features": [\n' + good + ",\n" + good[:30] + " 12 13}\n]}")
    assert error.problems[0].line == 3
    assert error.problems[0].column is not None


def test_a_file_cut_off_says_that_it_is_incomplete(load):
    whole = collection(point_feature("A"), point_feature("B", 50))
    for length in (len(whole) - 3, len(whole) - 40, len(whole) // 2, 30):
        text = str(refused(load, whole[:length]).problems[0])
        assert "urywa się" in text or "brakuje" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "pusty"),
        ("   \n", "pusty"),
        ("<gml></gml>", "XML"),
        ("[1, 2]", "lista"),
        ('{"type": "Topology"}', "TopoJSON"),
        ('{"geometryType": "esriGeometryPoint", "features2": 1}', "Esri"),
        ('{"a": 1}', "type"),
        ('{"type": "FeatureCollection", "features": []}', "żadnego obiektu"),
        ("id;nazwa\n1;A\n", "GeoJSON"),
    ],
)
def test_what_is_no_geojson_is_named(load, text, said):
    assert said in str(refused(load, text).problems[0])


def test_not_a_number_is_no_coordinate(load):
    text = collection(point_feature("A")).replace(str(at()[0]), "NaN")
    assert "NaN" in str(refused(load, text).problems[0])
    text = collection(point_feature("A")).replace(str(at()[0]), "1e999")
    assert refused(load, text).problems[0].feature == 1


def test_deeply_nested_json_is_refused_and_not_a_crash(load):
    text = '{"type": "FeatureCollection", "features": [' + "[" * 200_000 + "]" * 200_000 + "]}"
    assert "zagnieżdżony" in str(refused(load, text).problems[0])


def test_a_byte_order_mark_and_utf_16_are_read(load):
    text = collection(point_feature("Żłobek"))
    load(b"\xef\xbb\xbf" + text.encode())
    load(text.encode("utf-16"))
    assert Place.objects.get().name == "Żłobek"


def test_another_encoding_is_named_with_its_line_and_can_be_given(load):
    text = collection(point_feature("Szkola"), point_feature("Żłobek", 50)).encode("cp1250")
    problem = refused(load, text).problems[0]
    assert problem.line == 3
    assert "--encoding" in problem.mend
    load(text, encoding="cp1250")
    assert Place.objects.filter(name="Żłobek").exists()


def test_one_feature_a_line_is_read(load):
    rows = "\n".join(json.dumps(point_feature(f"P{n}", n * 20)) for n in range(5))
    assert load(rows).created == 5
    assert load("\x1e" + rows.replace("\n", "\n\x1e")).unchanged == 5


def test_a_single_feature_and_a_bare_geometry_are_read(load):
    assert load(json.dumps(point_feature("A"))).created == 1
    error = refused_keeping(load, json.dumps(point_feature("A")["geometry"]))
    assert "nazwy" in error.problems[0].text


def refused_keeping(load, text) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        load(text)
    return caught.value


def test_wgs84_named_in_a_crs_member_is_accepted_wherever_it_stands(load):
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        load(collection(point_feature("A"), crs={"type": "name", "properties": {"name": name}}))
    late = collection(point_feature("A"))[:-1] + ', "crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}'
    load(late)
    assert Place.objects.count() == 1


def test_another_crs_is_refused_with_the_mend_wherever_it_stands(load):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2180"}}
    assert "--srid 2180" in refused(load, collection(point_feature("A"), crs=crs)).problems[0].mend
    late = collection(point_feature("A"))[:-1] + f', "crs": {json.dumps(crs)}}}'
    assert "--srid 2180" in refused(load, late).problems[0].mend
    unknown = {"type": "name", "properties": {"name": "mój układ"}}
    assert "nieznany układ" in refused(load, collection(point_feature("A"), crs=unknown)).problems[0].text


def test_metres_are_recognised_and_transformed_when_the_system_is_given(load):
    middle = testing.point()
    for srid in (2180, 3857):
        flat = middle.transform(srid, clone=True)
        feature = point_feature("A")
        feature["geometry"]["coordinates"] = [flat.x, flat.y]
        assert "--srid" in refused_keeping(load, collection(feature)).problems[0].mend
        load(collection(feature), srid=srid)
        placed = Place.objects.get().geom
        assert (placed.x, placed.y) == pytest.approx((middle.x, middle.y), abs=1e-6)


def test_an_unknown_system_is_refused(load):
    assert "999999" in refused(load, collection(point_feature("A")), srid=999999).problems[0].text


def test_swapped_axes_are_recognised_and_can_be_turned(load):
    feature = point_feature("A")
    feature["geometry"]["coordinates"].reverse()
    assert "--swap-axes" in refused(load, collection(feature)).problems[0].mend
    load(collection(feature), swap_axes=True)
    assert Place.objects.get().geom.coords == pytest.approx(at())


def test_what_lies_far_from_the_city_is_refused_skipped_or_taken(load):
    far = point_feature("Daleko")
    far["geometry"]["coordinates"] = [city().bbox[0] - 5, city().bbox[1]]
    text = collection(point_feature("Blisko"), far)
    assert "daleko" in refused(load, text).problems[0].text
    report = load(text, skip_outside=True)
    assert (report.created, report.skipped) == (1, 1)
    assert load(text, anywhere=True).created == 1


def test_a_polygon_that_crosses_itself_is_refused_or_repaired(load):
    bow = [[at(0, 0), at(100, 100), at(100, 0), at(0, 100), at(0, 0)]]
    problem = refused(load, collection(area_feature("Motyl", bow)), "areas").problems[0]
    assert "przecina sam siebie" in problem.text
    assert "--repair" in problem.mend
    load(collection(area_feature("Motyl", bow)), "areas", repair=True)
    area = Area.objects.get()
    assert area.geom.valid
    assert area.geom.geom_type == "MultiPolygon"


def test_an_open_ring_is_refused_or_closed(load):
    text = collection(area_feature("Otwarty", [ring()[:-1]]))
    assert "nie jest zamknięty" in refused(load, text, "areas").problems[0].text
    load(text, "areas", repair=True)
    assert Area.objects.get().geom.valid


def test_a_geometry_that_does_not_suit_the_target_is_refused(load):
    assert "Polygon" in refused(load, collection(point_feature("A")), "areas").problems[0].text
    assert "LineString" in refused(load, collection(area_feature()), "streets").problems[0].text
    many = {"type": "Feature", "properties": {"name": "A"}, "geometry": {"type": "GeometryCollection", "geometries": []}}
    assert "GeometryCollection" in refused(load, collection(many)).problems[0].text


def test_a_key_that_is_there_twice_names_both_features(load):
    text = collection(point_feature("A", id="7"), point_feature("B", 50, id="7"))
    problem = refused(load, text).problems[0]
    assert problem.feature == 2
    assert "obiekcie 1" in problem.text


def test_a_field_for_the_key_can_be_named_and_must_be_filled(load):
    text = collection(point_feature("A", id="7", nr="1"), point_feature("B", 50, id="7", nr="2"))
    assert load(text, key="nr").created == 2
    with pytest.raises(ImportRefused):
        load(collection(point_feature("A", id="7")), key="nr")


def test_an_unknown_kind_of_area_is_refused(load):
    assert "--kind" in refused(load, collection(area_feature(kind="galaxy")), "areas").problems[0].mend


def test_a_fault_in_a_late_batch_takes_back_the_earlier_ones(load, monkeypatch):
    monkeypatch.setattr("miasto.kernel.places.loading.BATCH", 3)
    rows = [point_feature(f"P{n}", n * 20) for n in range(10)] + [point_feature(None)]
    assert refused(load, collection(*rows)).problems[0].feature == 11


def test_progress_is_told(load, monkeypatch):
    monkeypatch.setattr("miasto.kernel.places.loading.BATCH", 2)
    told = []
    load(collection(*[point_feature(f"P{n}", n * 20) for n in range(5)]), progress=told.append)
    assert told == [2, 4]


def street_feature(name: str, *offsets, **properties) -> dict:
    geometry = {"type": "LineString", "coordinates": [at(*offset) for offset in offsets or [(-300, 0), (300, 0)]]}
    return {"type": "Feature", "properties": {"name": name, **properties}, "geometry": geometry}


def address_feature(street: str, number: str, east: float = 0, **properties) -> dict:
    return point_feature(None, east, street=street, number=number, **properties)


def test_streets_are_read_with_and_without_a_word_for_their_kind(load):
    load(
        collection(
            street_feature("ulica Długa"),
            street_feature("Krótka", prefix="ul."),
            street_feature("Plac Zamkowy", prefix="pl."),
            street_feature("Rynek", prefix=""),
        ),
        "streets",
    )
    labels = set(ObjectIndex.objects.values_list("label", flat=True))
    assert labels == {"ul. Długa", "ul. Krótka", "Plac Zamkowy", "Rynek"}
    assert set(Street.objects.values_list("norm", flat=True)) == {"dluga", "krotka", "zamkowy", "rynek"}


def test_addresses_find_their_street_and_district(load):
    testing.make_area(name="Śródmieście", geom=testing.square(side_m=2000))
    load(collection(street_feature("Długa", prefix="ul.")), "streets")
    load(collection(address_feature("ul. Długa", "12 A", postcode="00-001"), address_feature("DŁUGA", "14", 30)), "addresses")
    address = Address.objects.get(number_norm="12a")
    assert address.address_text == "ul. Długa 12 A"
    assert address.street.name == "Długa"
    assert address.district.name == "Śródmieście"
    again = load(collection(address_feature("Długa", "12a"), address_feature("Długa", "14", 30)), "addresses")
    assert again.created == 0


def test_an_address_on_an_unknown_street_or_without_a_number_is_refused(load):
    text = collection(address_feature("Nieznana", "1"), address_feature("", "1"), address_feature("Nieznana", ""))
    problems = refused(load, text, "addresses").problems
    assert "nie ma ulicy" in problems[0].text
    assert "--as streets" in problems[0].mend
    assert "ulicy albo miejscowości" in problems[1].text
    assert "numeru domu" in problems[2].text


def test_a_street_name_that_two_streets_bear_needs_its_kind(load):
    load(collection(street_feature("ul. Polna", id="1"), street_feature("al. Polna", id="2")), "streets")
    with pytest.raises(ImportRefused, match="więcej niż jedna"):
        load(collection(address_feature("Polna", "1")), "addresses")
    load(collection(address_feature("al. Polna", "1")), "addresses")
    assert Address.objects.get().address_text == "al. Polna 1"


def test_districts_loaded_after_the_addresses_take_them_over(load):
    load(collection(street_feature("Długa")), "streets")
    load(collection(address_feature("Długa", "1")), "addresses")
    assert Address.objects.get().district is None
    load(collection(area_feature("Stare Miasto", [ring(-500, -500, 1000)])), "areas")
    assert Address.objects.get().district.name == "Stare Miasto"


def test_waters_may_have_no_name(load):
    load(collection(street_feature("")), "waterways")
    assert Waterway.objects.get().name == ""
    assert ObjectIndex.objects.get().norm == ""


STOPS = "\ufeffstop_id,stop_code,stop_name,stop_lat,stop_lon,location_type\n"


def stops(*rows: str) -> str:
    return STOPS + "\n".join(rows) + "\n"


def stop(number: int, name: str, kind: str = "") -> str:
    lon, lat = at(number * 30)
    return f'{number},{100 + number},"{name}",{lat},{lon},{kind}'


def test_stops_of_a_timetable_become_places(load, tmp_path):
    text = stops(stop(1, "Dworzec, peron 1"), stop(2, "Rynek", "0"), stop(3, "Wejście", "2"), stop(4, "Dworzec", "1"))
    report = load(text, kind="stop", name="stops.txt")
    assert report.created == 3
    assert set(Place.objects.values_list("name", "place_kind")) == {
        ("Dworzec, peron 1", "stop"),
        ("Rynek", "stop"),
        ("Dworzec", "station"),
    }
    assert Place.objects.get(name="Rynek").attributes["stop_code"] == "102"
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as feed:
        feed.writestr("stops.txt", text)
    options = ImportOptions(kind="stop")
    assert import_features(source=path, target="places", by=SYSTEM, options=options).unchanged == 3


def test_a_stop_without_coordinates_and_a_feed_without_stops_are_named(load, tmp_path):
    problem = refused(load, stops(stop(1, "A"), "2,102,B,,,"), name="stops.txt").problems[0]
    assert (problem.line, problem.feature) == (3, 2)
    assert "stop_lon" in refused(load, "stop_id,stop_lat\n1,2\n", name="stops.txt").problems[0].text
    path = tmp_path / "shape.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("granica.shp", "x")
    with pytest.raises(ImportRefused, match="Shapefile"):
        import_features(source=path, target="places", by=SYSTEM)


def test_a_damaged_zip_is_refused(load):
    assert "archiw" in refused(load, b"PK\x03\x04nonsense", name="feed.zip").problems[0].text


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImportRefused, match="nie ma pliku"):
        import_features(source=Path(tmp_path / "brak.geojson"), target="places", by=SYSTEM)


def test_features_in_memory_are_loaded_like_a_file():
    report = import_features(source=[point_feature("A"), point_feature("B", 50)], target="places", by=SYSTEM)
    assert report.created == 2
    with pytest.raises(ImportRefused):
        import_features(source=[point_feature("C", 80), {"type": "x"}], target="places", by=SYSTEM)
    assert Place.objects.count() == 2


def test_defaults_are_given_to_every_object():
    import_features(source=[point_feature("A")], target="places", by=SYSTEM, defaults={"place_kind": "bin", "audience": "unit"})
    place = Place.objects.get()
    assert (place.place_kind, place.audience) == ("bin", "unit")


def test_signs_and_numbers_that_a_database_cannot_hold_do_no_harm(load):
    text = collection(point_feature("Zły\x00 \ud800znak", wysokosc=1, kod="\x00")).replace('"wysokosc": 1', '"wysokosc": 1e999')
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    load(text.replace("Zły", "\\ud800Zły"))
    place = Place.objects.get()
    assert "Zły" in place.name
    assert "wysokosc" not in place.attributes
    assert "długa" in refused_keeping(load, collection(point_feature("A")).replace(str(at()[0]), "9" * 5000)).problems[0].text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_file_spoiled_anywhere_is_read_or_refused_but_never_fails_otherwise(data):
    text = collection(point_feature("A"), area_feature("B"), crs={"type": "name", "properties": {"name": "EPSG:4326"}})
    for _time in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        put = data.draw(
            st.sampled_from(["", "[", "]", "{", "}", '"', ",", ":", "0", "-", "null", "1e400", "\\", "\n", "ł", "\x1e"])
        )
        text = text[:place] + put + text[place + data.draw(st.integers(0, 4)) :]
    reading = Reading(anywhere=True)
    with suppress(ImportRefused, Fault):
        for feature in FeatureReader(StringIO(text)):
            if isinstance(feature.value, dict):
                reading.read(feature.value.get("geometry"), accept=TARGETS["places"].accept)
