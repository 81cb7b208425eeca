"""A city's outline, a unit with its staff, and an open consultation."""

import pytest

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.participation.testing import make_process
from miasto.kernel.places.testing import make_city_area
from miasto.modules.idea.naming import KIND


@pytest.fixture
def unit(db):
    make_city_area()
    return make_unit()


@pytest.fixture
def staff(unit):
    return make_staff("participation.coordinator", unit)


@pytest.fixture
def process(unit):
    return make_process(kind=KIND, unit_id=unit.pk)


@pytest.fixture
def panel(client, staff):
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client
