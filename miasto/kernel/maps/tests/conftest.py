"""A throw-away layer of schools, which is all that a module would have to write."""

import pytest

from miasto.kernel.maps.testing import declared
from miasto.kernel.spec.maps import Layer

SCHOOLS = Layer(
    key="maps.schools",
    name="Szkoły na próbę",
    summary="Warstwa na czas testu",
    model="places.Place",
    geometry="point",
    where={"place_kind": "school"},
    tile=("place_kind",),
    properties={"name": "name", "kind": "place_kind", "valid_from": "valid_from"},
    datetime="valid_from",
    group="Próba",
)
AREAS = Layer(key="maps.areas", name="Obszary na próbę", model="places.Area", geometry="polygon", properties={"name": "name"})


@pytest.fixture
def schools():
    with declared(SCHOOLS):
        yield SCHOOLS


@pytest.fixture
def areas():
    with declared(AREAS):
        yield AREAS
