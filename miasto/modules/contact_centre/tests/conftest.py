"""A small catalogue of reports and units that answer for it."""

import pytest

from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.testing import give_competence
from miasto.kernel.places.testing import make_area, make_city_area
from miasto.modules.contact_centre.case_type import KEY

TREE = [
    {
        "slug": "swiatlo",
        "name": "Oświetlenie",
        "children": [
            {
                "slug": "latarnia",
                "name": "Latarnia nie świeci",
                "hint": "Jedna lub kilka lamp nie działa.",
                "keywords": ["latarnia", "lampa", "ciemno"],
                "competence": "trial.lights",
                "questions": [
                    {
                        "key": "lamps",
                        "label": "Ile lamp?",
                        "kind": "choice",
                        "choices": [["one", "Jedna"], ["many", "Kilka"]],
                        "required": True,
                    },
                    {"key": "pole", "label": "Numer słupa", "kind": "text"},
                ],
            },
            {
                "slug": "kabel",
                "name": "Wiszący przewód",
                "keywords": ["kabel", "przewód"],
                "competence": "trial.lights",
                "danger": True,
            },
        ],
    },
    {"slug": "inne", "name": "Coś innego", "keywords": ["inne"], "competence": "other"},
]


@pytest.fixture
def catalogue(db):
    """Categories, the units that answer for them, and the outline of the city with one district."""
    services.sync_categories(case_type=KEY, tree=TREE)
    for competence in ("trial.lights", "other"):
        give_competence(make_unit(), competence)
    make_city_area()
    make_area(name="Osiedle Próbne")
    return {row.slug: row for row in selectors.leaves(KEY)}
