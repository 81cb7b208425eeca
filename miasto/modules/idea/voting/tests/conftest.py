"""A city with one address, text messages in a folder, and an election with a pool of each kind."""

from datetime import timedelta

import pytest

from miasto.kernel.core import clock
from miasto.kernel.participation.services import voting
from miasto.kernel.participation.testing import make_open_election
from miasto.kernel.places.testing import make_address, make_city_area, make_street

PHONE = "600 700 800"
OPTION = voting.NewOption


def options(pool, cost=100_00):
    return tuple(
        OPTION(number=one, name=f"Pomysł {pool}/{one}", cost=cost * one, summary=f"Opis {one}", url="/idea/")
        for one in range(1, 6)
    )


POOLS = (
    voting.NewPool(number=1, name="Zgoda", options=options(1), kind=voting.Kind.APPROVAL, most=2),
    voting.NewPool(number=2, name="Plecak", options=options(2), kind=voting.Kind.KNAPSACK, budget=600_00),
    voting.NewPool(number=3, name="Punkty", options=options(3), kind=voting.Kind.POINTS, points=10, most_points=6),
    voting.NewPool(number=4, name="Kolejność", options=options(4), kind=voting.Kind.ORDINAL, most=3),
)


@pytest.fixture
def place(db, settings, tmp_path):
    """The address of everybody here, and the folder of text messages."""
    settings.RATE_LIMIT_FACTOR = 1000
    settings.MAILBOX = str(tmp_path)
    make_city_area()
    street = make_street(name="Polna")
    make_address(street=street, number="4")
    make_address(street=street, number="4A")
    return tmp_path


@pytest.fixture
def box(place):
    """``(election, shares)``: all four kinds, a family's number, guardians under 13."""
    return make_open_election(
        pools=POOLS,
        limits=(),
        called=voting.OptionKind.PROPOSAL,
        voters=voting.VoterRules(least_age=6, guardian_under=13, most_per_phone=2),
    )


def person(**fields):
    """What a voter types."""
    born = fields.pop("born", (3, 2, 1980))
    return {
        "given_name": "Anna",
        "family_name": "Kowalska",
        "born_0": born[0],
        "born_1": born[1],
        "born_2": born[2],
        "address": "Polna 4",
        "flat": "7",
        "resident": "on",
        "phone": PHONE,
        **fields,
    }


def years_ago(years):
    day = clock.today() - timedelta(days=round(365.25 * years) + 2)
    return day.day, day.month, day.year


def newest_code(folder):
    """The code of the last text message."""
    text = max(folder.glob("*.sms"), key=lambda one: one.stat().st_mtime_ns).read_text("utf-8").splitlines()[1]
    return "".join(letter for letter in text if letter.isdigit())[:6]
