"""Updates of reports, both ways, as FixMyStreet's extension of GeoReport v2 has them."""

from datetime import timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.cases import selectors, services
from miasto.kernel.core import clock
from miasto.kernel.files.testing import make_upload
from miasto.modules.contact_centre.open311.keys import UPDATE
from miasto.modules.contact_centre.open311.tests.test_georeport import assert_errors, data, get, sent, tree

pytestmark = pytest.mark.django_db
STEP = {"answer": "Naprawione.", "reason": "Bez zdjęcia"}


@pytest.fixture
def number(program, here):
    return sent(program, here)


def step(number, transition, **values):
    return services.take_step(case=selectors.case_for(number, SYSTEM), transition=transition, by=SYSTEM, **values)


def update(program, number, **arguments):
    values = {
        "service_request_id": number,
        "update_id": "77",
        "status": "OPEN",
        "updated_datetime": "2026-05-12T10:00:00Z",
        "description": "Dziura rośnie",
    }
    return program.post("servicerequestupdates.json", **{**values, **arguments})


def test_updates_tell_steps_and_public_words_oldest_first(program, number):
    step(number, "start")
    case = selectors.case_for(number, SYSTEM)
    services.comment(case=case, body="Przyjedziemy jutro.", audience="public", by=SYSTEM)
    services.comment(case=case, body="Tajna notatka", audience="internal", by=SYSTEM)
    step(number, "resolve", **STEP)
    rows = data(get("servicerequestupdates.json"))
    assert [(row["status"], row["description"]) for row in rows] == [
        ("open", "W toku"),
        ("open", "Przyjedziemy jutro."),
        ("closed", "Naprawione."),
    ]
    assert {row["service_request_id"] for row in rows} == {number}
    assert [row["external_status_code"] for row in rows] == ["in_progress", "in_progress", "resolved"]
    extended = data(get("servicerequestupdates.json", extended="true"))
    assert [row["status"] for row in extended] == ["in_progress", "in_progress", "fixed"]
    first = tree(get("servicerequestupdates.xml"), "service_request_updates").find("request_update")
    assert [child.tag for child in first][:6] == [
        "update_id", "service_request_id", "status", "updated_datetime", "description", "media_url",
    ]  # fmt: skip


def test_updates_are_narrowed_by_time_and_report(program, here, number):
    other = sent(program, here, description="Inna")
    step(number, "start")
    step(other, "start")
    assert len(data(get("servicerequestupdates.json"))) == 2
    assert len(data(get("servicerequestupdates.json", service_request_id=other))) == 1
    later = (clock.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert data(get("servicerequestupdates.json", start_date=later)) == []
    assert_errors("servicerequestupdates", 400, "90 dni", start_date="2026-01-01T00:00:00Z", end_date="2026-12-01T00:00:00Z")


def test_a_program_adds_words_and_photos_to_its_report_once(program, number):
    for _time in range(2):
        assert data(update(program, number, media=make_upload()))[0]["update_id"] == "77"
    view = selectors.case_page(number, SYSTEM)
    assert [made.body for made in view.comments] == ["Dziura rośnie"]
    assert [made.state for made in view.comments] == ["waiting"]
    assert [photo.phase for photo in view.photos] == ["added"]
    assert data(get("servicerequestupdates.json")) == []


def test_closed_confirms_and_reopen_disputes_where_the_report_waits_for_that(program, here, number):
    step(number, "resolve", **STEP)
    assert update(program, number, status="CLOSED").status_code == 200
    assert selectors.case_for(number, SYSTEM).stage == "closed"
    other = sent(program, here, description="Inna")
    step(other, "resolve", **STEP)
    assert update(program, other, status="REOPEN", description="Nadal jest").status_code == 200
    case = selectors.case_for(other, SYSTEM)
    assert (case.stage, case.disputed) == ("disputed", 1)


def test_an_answer_to_a_question_starts_the_clock_again(program, number):
    step(number, "ask", answer="Przy którym numerze?")
    assert update(program, number, description="Przy piątym").status_code == 200
    assert selectors.case_for(number, SYSTEM).stage == "in_progress"


def test_a_program_cannot_touch_reports_that_it_did_not_file(program, number):
    _row, plain = issue_key(name="Inny program", rights=[UPDATE], by=SYSTEM)
    wanted = {"service_request_id": number, "update_id": "1", "status": "OPEN", "updated_datetime": "2026-05-12T10:00:00Z"}
    assert_errors("servicerequestupdates", 404, number, method="post", api_key=plain, description="x", **wanted)
    assert selectors.case_page(number, SYSTEM).comments == []


def test_what_is_missing_in_an_update_is_named(program, number):
    post = {"method": "post", "api_key": program.key}
    for name in ("service_request_id", "update_id", "status", "updated_datetime", "description"):
        values = {"service_request_id": number, "update_id": "1", "status": "OPEN", "description": "x"}
        values["updated_datetime"] = "2026-05-12T10:00:00Z"
        assert_errors("servicerequestupdates", 400, name, **post, **{**values, name: ""})
    assert_errors("servicerequestupdates", 403, "api_key", method="post", service_request_id=number)


def test_a_closed_report_takes_no_more_words(program, number):
    step(number, "reject", answer="Nie nasze.")
    assert update(program, number).status_code == 400


def test_only_what_a_clerk_left_in_a_residents_words_is_told(program, number):
    assert update(program, number, description="Dzwońcie: 600 700 800").status_code == 200
    case = selectors.case_for(number, SYSTEM)
    (made,) = selectors.case_page(number, SYSTEM).comments
    services.decide_comment(case=case, comment_id=made.id, publish=True, edited="Dzwońcie: [telefon]", by=SYSTEM)
    assert [row["description"] for row in data(get("servicerequestupdates.json"))] == ["Dzwońcie: [telefon]"]
