"""Two platforms as two authorities: ours files with the other by GeoReport v2, and the other's answers come back.

The other one is a real process with a database of its own; nothing between the two is a stand-in.
"""

import hashlib

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.testing import make_body
from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.module import Setup
from miasto.kernel.core.registry import registry
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.open311 import forwarding
from miasto.modules.contact_centre.open311.models import Outgoing

SECRET = "miasto_klucz-drugiego-urzedu"


@pytest.fixture
def road_authority(running_city, monkeypatch):
    """The other authority, with a key for us."""
    running_city.sql(
        "INSERT INTO accounts_apikey (id, name, digest, start, rights, per_hour, active, created_at) "
        "VALUES (%s, 'Miasto obok', %s, 'klucz', %s, 100, true, now())",
        uuid7(),
        hashlib.sha256(SECRET.encode()).hexdigest(),
        '["contact_centre.open311_file", "contact_centre.open311_update"]',
    )
    monkeypatch.setenv("OTHER_KEY", SECRET)
    monkeypatch.setenv("MIASTO_OUTBOUND_HOSTS", running_city.url.removeprefix("http://"))
    yield running_city
    running_city.sql("UPDATE accounts_apikey SET active = false WHERE start = 'klucz'")


@pytest.fixture
def case(db):
    for setup in registry().all(Setup):
        setup.run()
    return services.file_case(
        case_type=KEY,
        category=next(row for row in selectors.leaves(KEY) if row.slug == "dziura-w-jezdni"),
        description="Dziura na drodze krajowej, dzwonić: 600 700 800",
        point=city().centre,
        address_text="Droga krajowa",
        answers={"size": "large"},
        by=SYSTEM,
    ).case


def test_a_case_goes_to_the_other_authority_and_its_answer_comes_back(case, road_authority, run_jobs):
    body = make_body(name="Zarząd dróg", open311_endpoint=f"{road_authority.url}/api/open311/v2", open311_key_env="OTHER_KEY")
    services.forward(case=case, to=body, words="To droga krajowa.", by=SYSTEM)
    run_jobs(only="core.deliver")
    run_jobs(only="contact_centre.open311_send")
    row = Outgoing.objects.get()
    assert row.state == "sent", row.error
    ((there, description, channel, slug),) = road_authority.sql(
        "SELECT c.id, t.description, c.channel, k.slug FROM cases_case c JOIN cases_casetext t ON t.case_id = c.id "
        "JOIN cases_category k ON k.id = c.category_id WHERE c.number = %s",
        row.number,
    )
    assert case.number in description
    assert "600 700 800" not in description
    assert (channel, slug) == ("api", "dziura-w-jezdni")
    answered_there(road_authority, row.number)
    forwarding.poll(str(row.pk))
    view = selectors.case_page(case.number, SYSTEM)
    assert view.comments[-1].body == "Załatane masą na zimno."
    assert selectors.forwarding(row.pk).state == "done"
    assert forwarding.poll(str(row.pk)) == 0
    assert there is not None


def answered_there(other, number):
    """The clerk of the other authority resolves the request."""
    other.command(
        "shell",
        "-c",
        "from miasto.kernel.accounts.selectors import SYSTEM\n"
        "from miasto.kernel.cases import selectors, services\n"
        f"case = selectors.case_for('{number}', SYSTEM)\n"
        "answer, reason = 'Załatane masą na zimno.', 'Bez zdjęcia'\n"
        "services.take_step(case=case, transition='resolve', answer=answer, reason=reason, by=SYSTEM)",
    )
