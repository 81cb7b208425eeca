"""A unit with its coordinator, and a survey of two pages with questions on the map."""

from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.places.testing import make_city_area
from miasto.modules.idea.surveys import services


def words(text):
    return {"pl": text}


def choices(*texts):
    return [[f"o{n}", words(text)] for n, text in enumerate(texts, start=1)]


MARKS = {
    "kind": "marks",
    "label": words("Gdzie jest gorąco?"),
    "shapes": ["point", "line", "area"],
    "least": 1,
    "most": 2,
}
PART = {"kind": "choice", "label": words("Co pomoże?"), "required": True, "choices": choices("drzewo", "dach")}
NOTE = {"kind": "text", "label": words("Opisz miejsce")}
HOW = {
    "kind": "choice",
    "label": {"pl": "Jak się poruszasz?", "en": "How do you get around?"},
    "required": True,
    "other": True,
    "choices": choices("pieszo", "autobusem"),
}
WAIT = {"kind": "scale", "label": words("Jak długo czekasz?"), "required": True, "most": 5}
RATE = {"kind": "matrix", "label": words("Oceń"), "rows": [["r1", words("ławki")]], "choices": choices("dobrze", "źle")}
ORDER = {"kind": "ranking", "label": words("Co najpierw?"), "choices": choices("drzewa", "przystanki")}
MORE = {"kind": "long_text", "label": words("Co jeszcze?")}


def make_survey(unit, published=True, **rules):
    """A survey: page 1 with places (q2, of each q3 and q4), page 2 with q6 to q10; open since yesterday."""
    today = clock.today()
    dates = {"starts_on": today - timedelta(days=1), "ends_on": today + timedelta(days=5)}
    row = services.SurveyRow(title="Gdzie brakuje cienia?", unit_id=unit.pk, **{**dates, **rules})
    made = services.create_survey(row=row, by=SYSTEM)
    marks = services.save_question(survey=made, page="s1", row=MARKS, by=SYSTEM)
    for part in (PART, NOTE):
        services.save_question(survey=made, page="s1", parent=marks, row=part, by=SYSTEM)
    second = services.save_page(survey=made, key="", title=words("O Tobie"), text={}, by=SYSTEM)
    how = services.save_question(survey=made, page=second, row=HOW, by=SYSTEM)
    services.save_question(survey=made, page=second, row={**WAIT, "when": [how, ["o2"]]}, by=SYSTEM)
    for one in (RATE, ORDER, MORE):
        services.save_question(survey=made, page=second, row=one, by=SYSTEM)
    made.refresh_from_db()
    return services.publish_survey(survey=made, by=SYSTEM) if published else made


@pytest.fixture
def unit(db):
    make_city_area()
    return make_unit()


@pytest.fixture
def staff(unit):
    return make_staff("participation.coordinator", unit)


@pytest.fixture
def survey(unit):
    return make_survey(unit)


@pytest.fixture
def panel(client, staff):
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client
