"""OGC API – Features – Part 1: Core (OGC 17-069r4), its documents, parameters and answers to wrong questions."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from django.contrib.gis.geos import Point
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core.city import REPOSITORY
from miasto.kernel.maps.testing import declared
from miasto.kernel.places.testing import make_place, point
from miasto.kernel.spec.maps import Layer

pytestmark = pytest.mark.django_db
BASE = "/api/ogc/"
SCHEMAS = Path(os.environ.get("MIASTO_DATA") or REPOSITORY.parent / "shared" / "data") / "ogcapi-features/core/openapi/schemas"


def get(client, path="", **query):
    return client.get(BASE + path, query or None)


def items(client, spec, **query):
    answer = get(client, f"collections/{spec.key}/items", **query)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/geo+json"
    return answer.json()


def names(found):
    return {one["properties"]["name"] for one in found["features"]}


def test_every_link_of_the_landing_page_leads_somewhere_of_the_told_type(client, schools):
    for one in get(client).json()["links"]:
        parts = urlsplit(one["href"])
        answer = client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200
        assert answer["Content-Type"].split(";")[0] == one["type"].split(";")[0]


def test_the_landing_page_has_the_links_of_the_standard(client):
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= {
        one["rel"] for one in get(client).json()["links"]
    }


def test_it_claims_core_geojson_html_and_openapi(client):
    claimed = {one.rsplit("/", 1)[-1] for one in get(client, "conformance").json()["conformsTo"]}
    assert claimed == {"core", "oas30", "html", "geojson"}


def test_its_openapi_document_is_valid_and_names_every_collection(client, schools):
    answer = get(client, "api")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    validate(document)
    path = document["paths"]["/collections/maps.schools/items"]["get"]
    assert "kind" in {one.get("name") for one in path["parameters"]}


def test_a_declared_layer_is_a_collection(client, schools):
    found = get(client, "collections").json()["collections"]
    assert "maps.schools" in {one["id"] for one in found}
    one = get(client, "collections/maps.schools").json()
    assert one["title"] == "Szkoły na próbę"
    assert {"items", "self"} <= {link["rel"] for link in one["links"]}


def test_a_layer_may_stay_out_of_the_collections(client):
    hidden = Layer(key="maps.hidden", name="Ukryta", model="places.Place", geometry="point", collection=False)
    with declared(hidden):
        assert get(client, "collections/maps.hidden").status_code == 404
        assert get(client, "collections/maps.hidden/items").status_code == 404


def test_a_feature_carries_the_declared_properties_and_its_place(client, schools):
    place = make_place(name="Szkoła nad rzeką", valid_from="2020-09-01")
    found = items(client, schools)
    (feature,) = found["features"]
    assert feature["id"] == str(place.pk)
    assert feature["properties"] == {"name": "Szkoła nad rzeką", "kind": "school", "valid_from": "2020-09-01"}
    assert feature["geometry"]["type"] == "Point"
    assert feature["geometry"]["coordinates"] == pytest.approx([place.geom.x, place.geom.y], abs=1e-6)
    assert found["numberReturned"] == 1
    assert found["timeStamp"].endswith("Z")


def test_pages_follow_each_other_without_gap_or_repetition(client, schools):
    made = {str(make_place().pk) for _ in range(25)}
    seen, url = [], f"{BASE}collections/{schools.key}/items?limit=10&kind=school"
    while url:
        found = client.get(url).json()
        seen += [one["id"] for one in found["features"]]
        url = next((one["href"].replace("http://testserver", "") for one in found["links"] if one["rel"] == "next"), None)
    assert len(seen) == 25
    assert set(seen) == made


def test_ten_features_are_the_default_and_a_thousand_the_most(client, schools):
    for _ in range(12):
        make_place()
    assert items(client, schools)["numberReturned"] == 10
    assert items(client, schools, limit="99999")["numberReturned"] == 12


def test_a_box_chooses_what_touches_it(client, schools):
    make_place(name="bliska")
    make_place(name="daleka", geom=point(east_m=3000))
    where = point()
    box = f"{where.x - 0.001},{where.y - 0.001},{where.x + 0.001},{where.y + 0.001}"
    assert names(items(client, schools, bbox=box)) == {"bliska"}
    west, south, east, north = box.split(",")
    assert names(items(client, schools, bbox=f"{west},{south},-10,{east},{north},900")) == {"bliska"}
    assert names(items(client, schools, bbox="-180,-90,180,90")) == {"bliska", "daleka"}


def test_a_box_may_cross_the_antimeridian(client, schools):
    make_place(name="na wschód", geom=Point(179.5, 0.5, srid=4326))
    make_place(name="w mieście")
    assert names(items(client, schools, bbox="179,0,-179,1")) == {"na wschód"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2020-09-01T00:00:00Z", {"nowa", "bez daty"}),
        ("2020-01-01T00:00:00Z/2020-12-31T23:59:59Z", {"nowa", "bez daty"}),
        ("../2015-01-01T00:00:00Z", {"stara", "bez daty"}),
        ("2015-01-01/..", {"nowa", "bez daty"}),
        ("/2015-01-01", {"stara", "bez daty"}),
        ("../..", {"stara", "nowa", "bez daty"}),
        ("2019-06-01T12:00:00+02:00", {"bez daty"}),
    ],
)
def test_time_chooses_what_it_meets_and_what_has_no_time(client, schools, asked, expected):
    make_place(name="stara", valid_from="2010-09-01")
    make_place(name="nowa", valid_from="2020-09-01")
    make_place(name="bez daty")
    assert names(items(client, schools, datetime=asked)) == expected


def test_a_property_filters_by_equality(client, schools):
    make_place(name="Jedynka")
    make_place(name="Dwójka")
    assert names(items(client, schools, name="Dwójka")) == {"Dwójka"}
    assert names(items(client, schools, name="Dwój")) == set()


@pytest.mark.parametrize(
    "query",
    [
        {"unknown": "1"},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"limit": "1.5"},
        {"limit": ""},
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "0,50,1,40"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "0,0,1,91"},
        {"bbox": ""},
        {"datetime": "yesterday"},
        {"datetime": "2020-01-01T00:00:00"},
        {"datetime": "a/b/c"},
        {"datetime": "2021-01-01/2020-01-01"},
        {"datetime": ""},
        {"cursor": "x"},
        {"f": "xml"},
        {"valid_from": "never"},
        {"bbox-crs": "x"},
        {"limit": ["1", "2"]},
        {"name": "a\x00b"},
    ],
)
def test_a_wrong_question_is_a_problem_that_names_the_parameter(client, schools, query):
    answer = get(client, "collections/maps.schools/items", **query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert next(iter(query)) in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["collections/nowhere", "collections/maps.schools/items/nothing", "nowhere", "collections/maps.schools/x"]
)
def test_what_does_not_exist_is_a_problem_404(client, schools, path):
    answer = get(client, path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["", "conformance", "api", "collections", "collections/maps.schools"])
def test_unknown_parameters_are_refused_everywhere(client, schools, path):
    assert get(client, path, foo="1").status_code == 400


def test_the_same_address_is_a_page_for_a_browser(client, schools):
    place = make_place(name="Szkoła <b>nad</b> rzeką")
    for path in ("", "conformance", "api", "collections", "collections/maps.schools", "collections/maps.schools/items"):
        assert client.get(BASE + path, headers={"Accept": "text/html,*/*;q=0.5"})["Content-Type"].startswith("text/html")
        assert client.get(f"{BASE}{path}?f=html")["Content-Type"].startswith("text/html")
        assert "json" in client.get(f"{BASE}{path}?f=json", headers={"Accept": "text/html"})["Content-Type"]
        assert "json" in client.get(BASE + path, headers={"Accept": "*/*"})["Content-Type"]
    page = get(client, f"collections/maps.schools/items/{place.pk}", f="html").content.decode()
    assert "Szkoła &lt;b&gt;nad&lt;/b&gt; rzeką" in page
    assert client.get(BASE, headers={"Accept": "image/png"}).status_code == 406


def test_one_feature_has_links_to_its_collection_and_its_page(client, schools):
    place = make_place()
    answer = get(client, f"collections/maps.schools/items/{place.pk}")
    assert answer["Content-Type"] == "application/geo+json"
    links = {one["rel"]: one["href"] for one in answer.json()["links"]}
    assert links["collection"].endswith("/collections/maps.schools")
    assert links["about"].endswith(f"/obiekty/{place.pk}/")


def test_reading_is_open_to_other_origins_and_writing_to_nobody(client, schools):
    assert get(client)["Access-Control-Allow-Origin"] == "*"
    assert client.options(BASE)["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert client.post(BASE).status_code == 405


def test_staff_see_their_unit_and_others_do_not(client, schools):
    unit = make_unit()
    internal = make_place(name="wewnętrzna", audience="unit", unit=unit)
    path = f"collections/maps.schools/items/{internal.pk}"
    assert get(client, path).status_code == 404
    assert names(items(client, schools)) == set()
    client.force_login(make_person())
    assert get(client, path).status_code == 404
    client.force_login(make_staff("cases.clerk", unit))
    assert get(client, path)["Cache-Control"] == "private, no-store"
    assert names(items(client, schools)) == {"wewnętrzna"}


def test_a_page_of_features_is_one_query(client, schools, django_assert_num_queries):
    for _ in range(5):
        make_place()
    with django_assert_num_queries(3):  # the query within a savepoint
        items(client, schools)


@pytest.mark.skipif(not SCHEMAS.exists(), reason="the OGC's schemas are not beside the repository")
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("", "landingPage"),
        ("conformance", "confClasses"),
        ("collections", "collections"),
        ("collections/maps.schools", "collection"),
        ("collections/maps.schools/items", "featureCollectionGeoJSON"),
    ],
)
def test_documents_fulfil_the_schemas_of_the_standard(client, schools, path, schema):
    make_place()
    ogc_schema(schema).validate(get(client, path).json())


@pytest.mark.skipif(not SCHEMAS.exists(), reason="the OGC's schemas are not beside the repository")
def test_a_feature_fulfils_the_schema_of_the_standard(client, schools):
    place = make_place()
    ogc_schema("featureGeoJSON").validate(get(client, f"collections/maps.schools/items/{place.pk}").json())


def ogc_schema(name):
    """A validator for one of the standard's schemas, whose references are file names."""

    def read(uri):
        text = (SCHEMAS / uri.rsplit("/", 1)[-1]).read_text("utf-8").replace("type: null", "type: 'null'")
        return Resource(contents=yaml.safe_load(text), specification=DRAFT202012)

    return Draft202012Validator({"$ref": f"{name}.yaml"}, registry=Registry(retrieve=read))


_NAMES = st.sampled_from(["limit", "bbox", "datetime", "cursor", "f", "name", "kind", "valid_from", "x", "limit "])
_VALUES = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"[-+0-9eE.,/:TZ]{0,40}", fullmatch=True),
    st.sampled_from(
        [
            "1e400",
            "-0",
            "٣",
            "9" * 30,
            "2020-13-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-12:00",
            "inf,0,1,1",
            "00000000-0000-0000-0000-000000000000",
            "../..",
            "%00",
            "'; --",
        ]
    ),
)


@settings(max_examples=150)
@given(query=st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_no_query_string_breaks_the_service(client, schools, query):
    answer = client.get(f"{BASE}collections/maps.schools/items", query)
    assert answer.status_code in (200, 400)
    if answer["Content-Type"] != "text/html; charset=utf-8":
        json.loads(answer.content)


@settings(max_examples=60)
@given(key=st.text(min_size=1, max_size=40), query=st.dictionaries(_NAMES, _VALUES, max_size=1))
def test_no_identifier_breaks_the_service(client, schools, key, query):
    from urllib.parse import quote

    answer = client.get(f"{BASE}collections/maps.schools/items/{quote(key, safe='')}", query)
    assert answer.status_code in (400, 404)


def test_the_table_of_a_collection_shows_instants_on_the_citys_clock(client):
    changed = Layer(key="maps.changed", name="Zmiany", model="places.Place", geometry="point", properties={"at": "created_at"})
    make_place(created_at="2026-05-12T10:00:30.123Z")
    with declared(changed):
        assert "2026-05-12 12:00" in get(client, "collections/maps.changed/items", f="html").content.decode()
