"""A city with a district, an edition that takes proposals, and those who run it."""

import pytest

from miasto.kernel.accounts.testing import make_staff, make_viewer
from miasto.kernel.places.testing import make_area, make_city_area
from miasto.modules.idea.budget.testing import make_edition


@pytest.fixture
def district(db):
    make_city_area()
    return make_area(code="centrum", name="Centrum")


@pytest.fixture
def edition(district):
    return make_edition()


@pytest.fixture
def author(db):
    return make_viewer(name="Anna Autorka", email="anna.autorka@przyklad.pl")


@pytest.fixture
def manager(edition):
    return make_staff("idea.budget_coordinator", None, name="Karol Koordynator")


@pytest.fixture
def panel(client, manager):
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    return client
