"""The change of what "forwarded" means, on the demo city put back to the version before it."""

import os

import pytest

from tests.running_city import RunningCity, cluster_of_tests, database

BEFORE, CHANGE = "0005_letters", "0006_forwarded_reports_end"
HISTORY = "SELECT from_stage, to_stage, transition, actor_kind FROM cases_casestep WHERE case_id = %s ORDER BY at DESC, id DESC"


@pytest.fixture(scope="module")
def taken_back(demo_template, tmp_path_factory):
    """Reports were forwarded for good: the stage "forwarded" ended a case. One that waits is told apart by its progress."""
    with database(f"city_back_{os.getpid()}", cluster_of_tests(), template=demo_template[0]) as name:
        city = RunningCity(name, cluster_of_tests(), tmp_path_factory.mktemp("back"))
        city.command("migrate", "contact_centre", BEFORE)
        city.sql("UPDATE cases_case SET stage = 'forwarded' WHERE stage = 'handed_over'")
        yield name


@pytest.fixture
def city_of_before(taken_back, assets, tmp_path):
    with database(f"city_before_{os.getpid()}", cluster_of_tests(), template=taken_back) as name:
        (tmp_path / "static").symlink_to(assets)
        yield RunningCity(name, cluster_of_tests(), tmp_path)


def stages(city) -> dict[str, tuple[str, str, int]]:
    return {str(row[0]): row[1:] for row in city.sql("SELECT id, stage, progress, version FROM cases_case")}


def test_ended_forwarded_reports_are_handed_over_and_nothing_else_changes(city_of_before):
    city = city_of_before
    before = stages(city)
    ended = {key for key, (stage, progress, _version) in before.items() if (stage, progress) == ("forwarded", "closed")}
    waiting = {key for key, (stage, progress, _version) in before.items() if stage == "forwarded"} - ended
    # A letter's stage of the same name is another one and ends there as before.
    letters = {str(pk) for (pk,) in city.sql("SELECT id FROM cases_case WHERE case_type <> 'contact_centre.report'")}
    reports, letters = ended - letters, ended & letters
    assert len(reports) > 10
    assert waiting
    assert letters

    city.command("migrate", "contact_centre", CHANGE)

    after = stages(city)
    assert {after[key][:2] for key in reports} == {("handed_over", "closed")}
    assert all(after[key][2] == before[key][2] + 1 for key in reports)
    assert {key: row for key, row in after.items() if key not in reports} == {
        key: row for key, row in before.items() if key not in reports
    }
    for key in reports:
        assert city.sql(HISTORY, key)[0] == ("forwarded", "handed_over", "hand_over", "system")


def test_after_the_whole_way_up_the_pages_of_handed_over_reports_answer(city_of_before):
    city = city_of_before
    city.command("migrate")
    number = city.sql("SELECT number FROM cases_case WHERE stage = 'handed_over' AND public ORDER BY number LIMIT 1")[0][0]
    asked = f"from django.test import Client; print(Client(SERVER_NAME='127.0.0.1').get('/sprawy/{number}/').content.decode())"
    assert "Przekazane i zakończone" in city.command("shell", "-c", asked)
