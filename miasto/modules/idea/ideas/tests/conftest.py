"""A city's outline, the unit that leads ideas with its staff, and an idea that needs three supporters."""

import pytest

from miasto.kernel.accounts.selectors import viewer_for_person
from miasto.kernel.accounts.testing import give_competence, make_person, make_staff, make_unit
from miasto.kernel.places.testing import make_city_area
from miasto.modules.idea.ideas import rules, services

TEXT = "Przy szkole nie ma gdzie usiąść w cieniu. Proponuję posadzić dziesięć lip i postawić pod nimi ławki z oparciem."
PROFILE = {
    "competence": "participation.lead",
    "petition": "contact_centre.petition",
    "thresholds": {name: {"supports": 3, "days": 30} for name in rules.REACHES},
    "topics": [{"key": "greenery", "name": "Zieleń", "icon": "trees"}, {"key": "other", "name": "Inne"}],
}


@pytest.fixture
def unit(db, monkeypatch):
    monkeypatch.setattr(rules, "_profile", lambda: PROFILE)
    make_city_area()
    made = make_unit(name="Wydział Dialogu")
    for key in ("participation.lead", "letters.petitions"):
        give_competence(made, key)
    return made


@pytest.fixture
def lead(unit):
    return viewer_for_person(make_staff("participation.coordinator", unit).pk)


@pytest.fixture
def experts(unit):
    """A unit that is asked for opinions, and somebody who answers its cases."""
    made = make_unit(name="Zarząd Zieleni")
    return made, viewer_for_person(make_staff("cases.clerk", made).pk)


@pytest.fixture
def resident(unit):
    """``resident()`` is somebody with an account."""
    return lambda **fields: viewer_for_person(make_person(**fields).pk)


@pytest.fixture
def author(resident):
    return resident(email="autorka@example.org")


@pytest.fixture
def published(author):
    """``published(title=…)`` is a published idea, of the same author unless another is named."""

    def make(title="Lipy i ławki przy szkole", *, by=author, **fields):
        row = services.IdeaRow(title=title, text=fields.pop("text", TEXT), topic="greenery", name="Sąsiadka", **fields)
        return services.publish_idea(idea=services.keep_draft(row=row, by=by), by=by)

    return make


@pytest.fixture
def idea(published):
    return published()
