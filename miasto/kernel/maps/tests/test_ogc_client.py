"""A client that others wrote reads our service over HTTP."""

import pytest
from owslib.ogcapi.features import Features

from miasto.kernel.places.testing import make_place, point

pytestmark = pytest.mark.django_db(transaction=True)


def test_owslib_reads_collections_pages_and_features(live_server, schools):
    first = make_place(name="Pierwsza")
    for number in range(4):
        make_place(name=f"Dalsza {number}", geom=point(east_m=5000))
    service = Features(f"{live_server.url}/api/ogc/")
    assert any(one.endswith("conf/geojson") for one in service.conformance()["conformsTo"])
    assert "maps.schools" in service.feature_collections()
    assert service.collection("maps.schools")["title"] == "Szkoły na próbę"
    assert service.api()["openapi"].startswith("3.0")
    assert len(service.collection_items("maps.schools", limit=3)["features"]) == 3
    where = point()
    near = service.collection_items("maps.schools", bbox=[where.x - 0.01, where.y - 0.01, where.x + 0.01, where.y + 0.01])
    assert [one["id"] for one in near["features"]] == [str(first.pk)]
    assert service.collection_items("maps.schools", name="Dalsza 2")["numberReturned"] == 1
    assert service.collection_item("maps.schools", str(first.pk))["properties"]["name"] == "Pierwsza"
