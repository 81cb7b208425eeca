"""An operator, and the small catalogue of reports."""

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import make_staff
from miasto.modules.contact_centre.tests.conftest import catalogue

__all__ = ["catalogue"]


@pytest.fixture
def operator(db):
    """A person of the contact centre."""
    return make_staff("contact_centre.operator", name="Olga Operatorska")


@pytest.fixture
def viewer(operator):
    """The viewer that the operator is."""
    return viewer_for_person(operator.pk)


@pytest.fixture
def desk(operator):
    """The operator's browser, without scripts."""
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return client
