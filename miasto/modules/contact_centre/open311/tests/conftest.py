"""A catalogue with services, a key, and a program that posts with it."""

from types import SimpleNamespace

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.open311.keys import FILE, UPDATE
from miasto.modules.contact_centre.tests.conftest import catalogue

__all__ = ["catalogue"]
BASE = "/api/open311/v2"


@pytest.fixture
def program(catalogue):
    """A program with a key that may file and update: ``program.key``, ``program.post(address, **arguments)``."""
    row, plain = issue_key(name="Moja ulica", rights=[FILE, UPDATE], by=SYSTEM)

    def post(address, **arguments):
        return Client().post(f"{BASE}/{address}", {"api_key": plain, **arguments})

    return SimpleNamespace(key=plain, row=row, post=post)


@pytest.fixture
def here():
    """``lat`` and ``long`` of the middle of the city."""
    lon, lat = city().centre
    return {"lat": str(lat), "long": str(lon)}
