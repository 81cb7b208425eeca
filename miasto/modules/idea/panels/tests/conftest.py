"""A unit with its coordinator and a panel that recruits."""

from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.modules.idea.panels import services

FEATURES = [
    {
        "name": "Płeć",
        "values": [
            {"name": "kobieta", "population": 520, "least": 2, "most": 3},
            {"name": "mężczyzna", "population": 480, "least": 2, "most": 3},
        ],
    },
    {
        "name": "Wiek",
        "values": [
            {"name": "16–39", "population": 400, "least": 2, "most": 2},
            {"name": "40+", "population": 600, "least": 3, "most": 3},
        ],
    },
]


@pytest.fixture
def unit(db):
    return make_unit()


@pytest.fixture
def staff(unit):
    return make_staff("participation.coordinator", unit)


@pytest.fixture
def panel(unit):
    today = clock.today()
    row = services.PanelRow(
        title="Panel o zieleni",
        question="Gdzie sadzić drzewa?",
        unit_id=unit.pk,
        size=5,
        recruit_until=today + timedelta(days=3),
        draw_on=today + timedelta(days=7),
        public_source="liczby Lotto z dnia losowania",
        features=FEATURES,
    )
    made = services.create_panel(row=row, by=SYSTEM)
    return services.publish_panel(panel=made, by=SYSTEM)


@pytest.fixture
def volunteers(panel):
    """Sixteen people, four of each kind, more than the panel needs."""
    people = []
    for place in range(16):
        person = make_person()
        values = {"Płeć": ("kobieta", "mężczyzna")[place % 2], "Wiek": ("16–39", "40+")[place // 2 % 2]}
        services.apply(panel=panel, values=values, by=viewer_for_person(person.pk))
        people.append(person)
    return people


@pytest.fixture
def later():
    """The clock so many days on."""
    return lambda days: clock.at(clock.now() + timedelta(days=days))


@pytest.fixture
def drawn(panel, volunteers, later):
    """The panel after the draw."""
    with later(4):
        services.close_recruitment(panel=panel, by=SYSTEM)
        services.publish_list(panel_id=panel.pk, by=SYSTEM, seed="ab" * 32)
    with later(7):
        return services.draw(panel=panel, public_value="1 2 3 4 5 6", by=SYSTEM)
