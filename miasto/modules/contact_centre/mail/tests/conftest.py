"""A city with somebody who answers for reports and letters, and an operator of the contact centre."""

from __future__ import annotations

import pytest

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import give_competence, make_staff, make_unit
from miasto.kernel.cases.testing import make_category
from miasto.modules.contact_centre.case_type import KEY


@pytest.fixture
def unit(db):
    """One unit that answers for everything here."""
    made = make_unit(name="Drogi")
    for key in ("other", "letters.complaints", "letters.petitions", "letters.information"):
        give_competence(made, key)
    return made


@pytest.fixture
def pothole(unit):
    """A category of reports."""
    return make_category(case_type=KEY, slug="dziura-probna", name="Dziura w jezdni", keywords=["dziura"])


@pytest.fixture
def operator(db):
    """An operator of the contact centre."""
    return make_staff("contact_centre.operator")


@pytest.fixture
def by(operator):
    """The operator as a viewer."""
    return viewer_for_person(operator.id)


@pytest.fixture(autouse=True)
def _inbox(settings):
    settings.INBOX = "kontakt@miasto.invalid"
