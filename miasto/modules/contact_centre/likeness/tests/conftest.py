"""A small city whose residents tell of four things in many words."""

import random
from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.testing import give_competence
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.testing import make_area, make_city_area
from miasto.modules.contact_centre.case_type import KEY

WORDS = {
    "latarnia": ("latarnia nie świeci", "lampa zgasła", "ciemno na ulicy", "lampa mruga", "nie działa oświetlenie"),
    "dziura": ("dziura w jezdni", "wyrwa w asfalcie", "koleina na drodze", "asfalt się kruszy", "wyboje na drodze"),
    "smieci": ("śmieci nieodebrane", "pełny kosz", "worki leżą pod blokiem", "śmieciarka nie przyjechała", "kosz się wysypuje"),
    "drzewo": ("drzewo się pochyla", "suchy konar", "gałęzie wiszą nad chodnikiem", "uschnięte drzewo", "złamana gałąź"),
}
EXTRA = (
    "Proszę o pilną naprawę.",
    "Tak jest od tygodnia.",
    "Dzieci tędy chodzą.",
    "Z góry dziękuję.",
    "Zgłaszam po raz drugi.",
)
TREE = [
    {
        "slug": "wszystko",
        "name": "Wszystko",
        "children": [
            {"slug": "latarnia", "name": "Latarnia nie świeci", "keywords": ["latarnia", "lampa"], "competence": "trial.all"},
            {"slug": "dziura", "name": "Dziura w jezdni", "keywords": ["dziura", "asfalt"], "competence": "trial.all"},
            {"slug": "smieci", "name": "Nieodebrane śmieci", "keywords": ["śmieci", "kosz"], "competence": "trial.all"},
            {"slug": "drzewo", "name": "Drzewo zagraża", "keywords": ["drzewo", "konar"], "competence": "trial.all"},
        ],
    }
]


def make_catalogue():
    """Four categories, the unit that answers for them, and the outline of the city."""
    services.sync_categories(case_type=KEY, tree=TREE)
    give_competence(make_unit(), "trial.all")
    give_competence(make_unit(), "other")
    make_city_area()
    make_area(name="Osiedle Próbne")
    return {row.slug: row for row in selectors.leaves(KEY)}


@pytest.fixture
def catalogue(db):
    """``{slug: category}`` of a city without a past."""
    return make_catalogue()


def rows_of(count: int, *, seed: int = 1, wrong: float = 0.0, slugs: tuple[str, ...] = tuple(WORDS), until: int = 0) -> list:
    """``count`` reports over the last days up to ``until`` days ago; a share ``wrong`` of them in a category at random."""
    dice = random.Random(seed)
    now = clock.now() - timedelta(days=until)
    lon, lat = city().centre
    made = []
    for at in range(count):
        slug = dice.choice(slugs)
        text = f"{dice.choice(WORDS[slug])}. {dice.choice(EXTRA)} {dice.choice(EXTRA)}".capitalize()
        told = dice.choice(slugs) if dice.random() < wrong else slug
        made.append(
            services.CaseRow(
                category=told,
                filed_at=now - timedelta(hours=6 * (count - at)),
                description=text,
                point=(lon + dice.uniform(-0.01, 0.01), lat + dice.uniform(-0.01, 0.01)),
                address_text=f"ul. Próbna {at}",
                published=text,
            )
        )
    return made


def make_history(catalogue):
    """Four hundred reports of the past."""
    services.import_cases(case_type=KEY, rows=rows_of(400), by=SYSTEM)
    return catalogue


@pytest.fixture
def history(catalogue):
    return make_history(catalogue)
