"""The page of an object, the JSON API, the layers, the profile's files and the command."""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.accounts.viewer import SYSTEM
from miasto.kernel.core.city import city
from miasto.kernel.core.registry import registry
from miasto.kernel.places import layers, testing
from miasto.kernel.places.models import Area, ObjectIndex, Place, Street
from miasto.kernel.places.pages import object_page
from miasto.kernel.places.profile import load_profile
from miasto.kernel.places.services import retire_object
from miasto.kernel.spec.maps import Layer

pytestmark = pytest.mark.django_db


def test_an_object_has_a_page_with_its_name_kind_address_and_data(client):
    place = testing.make_place(name="Biblioteka Główna", place_kind="culture", address_text="ul. Długa 1")
    text = client.get(f"/obiekty/{place.pk}/").content.decode()
    assert "<h1" in text
    for words in ("Biblioteka Główna", "ul. Długa 1", "kultura", f"/api/ogc/collections/places.culture/items/{place.pk}"):
        assert words in text


def test_the_map_asks_for_a_part_of_the_page(client):
    place = testing.make_place(name="Biblioteka Główna")
    text = client.get(f"/obiekty/{place.pk}/?fragment=1").content.decode()
    assert "Biblioteka Główna" in text
    assert f"/obiekty/{place.pk}/" in text
    assert "<html" not in text


def test_every_kind_of_object_has_a_page(client):
    street = testing.make_street()
    for obj in (
        street,
        testing.make_area(),
        testing.make_waterway(),
        testing.make_address(street=street),
        testing.make_place(),
    ):
        response = client.get(f"/obiekty/{obj.pk}/")
        assert response.status_code == 200
        assert obj.label in response.content.decode()


def test_a_retired_object_keeps_its_page_which_says_so(client):
    place = retire_object(testing.make_place(), by=SYSTEM)
    assert "już nie ma" in client.get(f"/obiekty/{place.pk}/").content.decode()


def test_an_object_of_a_unit_is_hidden_from_the_public_and_shown_to_its_staff(client):
    unit = make_unit()
    place = testing.make_place(name="Magazyn soli", audience="unit", unit=unit)
    for address in (f"/obiekty/{place.pk}/", f"/obiekty/{place.pk}/?fragment=1", f"/obiekty/{place.pk}/polozenie.geojson"):
        assert client.get(address).status_code == 404
    client.force_login(make_staff("cases.clerk", make_unit()))
    assert client.get(f"/obiekty/{place.pk}/").status_code == 404
    client.force_login(make_staff("cases.clerk", unit))
    assert "Magazyn soli" in client.get(f"/obiekty/{place.pk}/").content.decode()


def test_a_page_without_an_address_names_the_nearest_one_and_the_district(client):
    testing.make_area(name="Śródmieście")
    testing.make_address(street=testing.make_street(name="Długa"), number="3")
    place = testing.make_place(address_text="")
    text = client.get(f"/obiekty/{place.pk}/").content.decode()
    assert "w pobliżu: ul. Długa 3" in text
    assert "Śródmieście" in text


def test_the_geometry_of_an_object_is_drawn_on_its_page(client):
    street = testing.make_street(name="Długa")
    found = client.get(f"/obiekty/{street.pk}/polozenie.geojson").json()
    assert found["features"][0]["geometry"]["type"].endswith("LineString")
    assert found["features"][0]["properties"]["name"] == "ul. Długa"
    assert f"/obiekty/{street.pk}/polozenie.geojson" in client.get(f"/obiekty/{street.pk}/").content.decode()


def test_an_unknown_object_is_not_found(client):
    assert client.get("/obiekty/01890000-0000-7000-8000-000000000000/").status_code == 404


def test_a_page_is_read_in_few_queries(django_assert_max_num_queries):
    place = testing.make_place()
    with django_assert_max_num_queries(5):
        assert object_page(place.pk, SYSTEM)


def test_the_api_finds_addresses_and_says_where_a_point_is(client):
    testing.make_city_area()
    street = testing.make_street(name="Długa")
    address = testing.make_address(street=street, number="12")
    found = client.get("/api/places/geocode", {"q": "dluga 12"}).json()["results"][0]
    assert (found["kind"], found["label"], found["value"]) == ("address", "ul. Długa 12", str(address.pk))
    lon, lat = address.geom.coords
    place = client.get("/api/places/reverse", {"lon": lon, "lat": lat}).json()
    assert (place["address"], place["inside"], place["distance_m"]) == ("ul. Długa 12", True, 0.0)


@pytest.mark.parametrize("query", [{"lon": "x", "lat": 1}, {"lon": 999, "lat": 50}, {"lon": "nan", "lat": "50"}, {}])
def test_the_api_refuses_what_is_no_point(client, query):
    assert client.get("/api/places/reverse", query).status_code == 422


def test_the_api_refuses_an_endless_text_and_too_many_questions(client, settings):
    assert client.get("/api/places/geocode", {"q": "a" * 201}).status_code == 422
    for _time in range(300):
        client.get("/api/places/reverse", {"lon": 0, "lat": 0})
    response = client.get("/api/places/geocode", {"q": "a"})
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_every_layer_reads_columns_that_exist():
    from django.apps import apps

    for layer in layers.LAYERS:
        rows = apps.get_model(layer.model).objects.visible_to(SYSTEM).current().filter(**layer.where)
        list(rows.values(*layer.tile, *layer.properties.values())[:1])


def test_every_kind_of_place_falls_into_exactly_one_layer():
    for kind in (*[layer.key.removeprefix("places.") for layer in layers.PLACES], "rail", "defibrillator"):
        Place.objects.all().delete()
        ObjectIndex.objects.all().delete()
        testing.make_place(place_kind=kind)
        drawn = [layer.key for layer in registry().all(Layer) if layer.model == "places.Place" and holds(layer)]
        expected = {"rail": "places.railways", "defibrillator": "places.other"}.get(kind, f"places.{kind}")
        assert drawn == [expected]


def holds(layer: Layer) -> bool:
    return Place.objects.filter(**layer.where).exists()


def test_the_profiles_files_are_loaded_once_and_again_when_they_change(tmp_path, monkeypatch):
    corner = list(testing.point().coords)
    file = tmp_path / "places.geojson"

    def write(name: str) -> None:
        feature = {
            "type": "Feature",
            "properties": {"id": 1, "name": name},
            "geometry": {"type": "Point", "coordinates": corner},
        }
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")

    monkeypatch.setattr(type(city()), "path", lambda self, name: file if name == file.name else None)
    write("Ratusz")
    assert load_profile() == ["places.geojson"]
    assert load_profile() == []
    write("Urząd")
    assert load_profile() == ["places.geojson"]
    assert Place.objects.get().name == "Urząd"


def test_the_profile_of_this_city_loads_whole_and_lies_inside_it():
    load_profile()
    assert Area.objects.filter(area_kind="city").count() == 1
    assert Street.objects.count() > 100
    outline = Area.objects.get(area_kind="city").geom.buffer(0.02)
    assert all(outline.covers(place.geom) for place in Place.objects.exclude(place_kind="rail"))


def test_the_command_loads_a_file_and_tells_what_it_did(tmp_path):
    path = tmp_path / "miejsca.geojson"
    feature = {
        "type": "Feature",
        "properties": {"nazwa": "Ratusz"},
        "geometry": {"type": "Point", "coordinates": [*testing.point().coords]},
    }
    path.write_text(json.dumps(feature), "utf-8")
    out = StringIO()
    call_command("places", "load", str(path), "--as", "places", "--kind", "office", stdout=out)
    assert re.search(r"nowych: 1", out.getvalue())
    assert Place.objects.get().place_kind == "office"


def test_the_command_refuses_a_bad_file_with_the_faults_and_the_mend(tmp_path):
    path = tmp_path / "zle.geojson"
    path.write_text('{"type": "Feature",\n "properties": {}, "geometry": null}', "utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("places", "load", str(path), "--as", "places")
    text = str(refused.value)
    assert "Niczego nie wczytano" in text
    assert "wiersz 1, obiekt 1: brakuje geometrii" in text
    assert not Place.objects.exists()
