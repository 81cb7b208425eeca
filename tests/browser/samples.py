"""What the demo city holds for the parameters in the addresses of ``addresses.py``."""

from miasto.kernel.core import clock
from tests.browser.addresses import CLERK

STATION = "SELECT slug FROM observations_thing WHERE thing_kind ="


def sample_of(running_city) -> dict:
    """What the demo city holds for the parameters in addresses."""

    def first(statement: str) -> object:
        return running_city.sql(statement)[0][0]

    person = f"SELECT id FROM accounts_person WHERE email = '{CLERK}'"
    units = f"SELECT unit_id FROM accounts_rolegrant WHERE person_id = ({person})"
    whole = "id NOT IN (SELECT main_id FROM cases_relation UNION SELECT case_id FROM cases_relation)"
    in_progress = f"SELECT number FROM cases_case WHERE stage = 'in_progress' AND unit_id IN ({units}) AND {whole}"
    return {
        "number": first(f"{in_progress} ORDER BY number DESC"),
        "case_id": first("SELECT id FROM cases_case WHERE public AND stage = 'closed' ORDER BY number DESC"),
        "street_id": first("SELECT id FROM places_street ORDER BY name"),
        "unit_id": first(units),
        "person_id": first(person),
        "letter": first("SELECT number FROM contact_centre_letter WHERE state = 'waiting' ORDER BY number DESC"),
        "call_id": first("SELECT id FROM contact_centre_call WHERE outcome = 'report' ORDER BY began_at DESC"),
        "body_id": first("SELECT id FROM cases_externalbody ORDER BY name"),
        "rule_id": first(
            "SELECT r.id FROM cases_routingrule r JOIN cases_routingplan p ON p.id = r.plan_id WHERE p.state = 'draft' LIMIT 1"
        ),
        "template_id": first("SELECT id FROM cases_answertemplate ORDER BY id"),
        "petition": first(
            "SELECT c.number FROM cases_case c JOIN contact_centre_opinion o ON o.case_id = c.id"
            " GROUP BY c.number ORDER BY count(*) DESC, c.number"
        ),
        "petition_joint": first("SELECT id FROM contact_centre_multiple WHERE settled_at IS NULL ORDER BY id"),
        "series": first("SELECT id FROM observations_datastream ORDER BY id"),
        "retention": first("SELECT id FROM observations_retention ORDER BY id"),
        "report_period": first("SELECT period FROM environment_environmentreport WHERE state = 'public'"),
        "report_id": first("SELECT id FROM environment_environmentreport ORDER BY asked_at"),
        "last_year": clock.today().year - 1,
        "month": first("SELECT to_char(max(month), 'YYYY-MM') FROM contact_centre_monthlyreport"),
        **consultation(first),
        **citizen_panel(first),
        **consultation_request(first),
        "issue_id": first("SELECT id FROM idea_issue WHERE state = 'draft' ORDER BY id"),
        "sent_issue_id": first("SELECT id FROM idea_issue WHERE number = 2"),
        **live_meeting(first),
        **vote(first),
        **surveys(first),
        **budget(first),
        **ideas(first),
        "air_station": first(f"{STATION} 'environment.air' ORDER BY source"),
        "gauge": first(f"{STATION} 'environment.river' ORDER BY source"),
        "conversation_id": first("SELECT id FROM contact_centre_conversation WHERE state = 'waiting' ORDER BY id"),
    }


def consultation(first) -> dict:
    """An open consultation of the demo with everything in it, an ended one, one with a statutory form."""
    one = "SELECT id FROM participation_process WHERE closed_at IS NULL AND last_number >= 8 ORDER BY created_at LIMIT 1"
    of_one = f"FROM participation_document d WHERE process_id = ({one}) AND role = 'subject'"
    return {
        "process_id": first(one),
        "slug": first(f"SELECT slug FROM participation_process WHERE id = ({one})"),
        "ended_slug": first("SELECT slug FROM participation_process WHERE closed_at IS NOT NULL ORDER BY created_at"),
        "planning_slug": first("SELECT slug FROM participation_process WHERE basis = 'planning' ORDER BY created_at"),
        "document_id": first(f"SELECT id {of_one}"),
        "version_id": first(f"SELECT id FROM participation_documentversion WHERE document_id = (SELECT id {of_one} LIMIT 1)"),
        "meeting_id": first(
            f"SELECT id FROM participation_meeting WHERE process_id = ({one}) AND capacity > 0 ORDER BY starts_at DESC"
        ),
    }


def citizen_panel(first) -> dict:
    """An ended panel of the demo with sessions and recommendations, and one that recruits."""
    one = "SELECT id FROM idea_panel WHERE finished_at IS NOT NULL ORDER BY id LIMIT 1"
    return {
        "panel_id": first(one),
        "panel_slug": first(f"SELECT slug FROM idea_panel WHERE id = ({one})"),
        "panel_open": first("SELECT slug FROM idea_panel WHERE closed_at IS NULL AND published_at IS NOT NULL"),
        "session_id": first(f"SELECT id FROM idea_session WHERE panel_id = ({one}) ORDER BY starts_at"),
    }


def consultation_request(first) -> dict:
    """A request of the demo that collects signatures, one that was answered, and one that waits for its reader."""
    return {
        "request_open": first("SELECT slug FROM idea_consultationrequest WHERE fate = 'collecting'"),
        "request_answered": first("SELECT slug FROM idea_consultationrequest WHERE fate = 'accepted'"),
        "request_id": first("SELECT id FROM idea_consultationrequest WHERE fate = 'checked'"),
    }


def live_meeting(first) -> dict:
    """The demo's meeting in progress with its planned question and its cloud, and the one whose results are public."""
    one = "SELECT id FROM idea_livemeeting WHERE started_at IS NOT NULL AND ended_at IS NULL ORDER BY id LIMIT 1"
    asked = f"SELECT id FROM idea_livequestion WHERE meeting_id = ({one})"
    return {
        "live_id": first(one),
        "live_code": first(f"SELECT code FROM idea_livemeeting WHERE id = ({one})"),
        "live_ended": first("SELECT code FROM idea_livemeeting WHERE published_at IS NOT NULL ORDER BY id LIMIT 1"),
        "live_question_id": first(f"{asked} AND state = 'planned' ORDER BY position LIMIT 1"),
        "live_words_id": first(f"{asked} AND kind = 'words' AND state = 'closed' LIMIT 1"),
    }


def vote(first) -> dict:
    """The vote of the demo that goes on, its voting point, and the draft."""
    one = "SELECT id FROM participation_election WHERE state = 'open' AND 'paper' = ANY(channels) ORDER BY id LIMIT 1"
    return {
        "election_id": first(one),
        "point_id": first(f"SELECT id FROM participation_votingpoint WHERE election_id = ({one})"),
        "draft_id": first("SELECT id FROM participation_election WHERE state = 'draft' ORDER BY id LIMIT 1"),
    }


def surveys(first) -> dict:
    """The survey of the demo that goes on, with its map, and one that ended."""
    return {
        "survey_id": first("SELECT id FROM idea_survey WHERE closed_at IS NULL AND published_at IS NOT NULL"),
        "file_import": first("SELECT id FROM observations_fileimport ORDER BY started_at LIMIT 1"),
        "alert_id": first("SELECT id FROM observations_alert ORDER BY raised_at LIMIT 1"),
        "alert_rule": first("SELECT id FROM observations_alertrule ORDER BY name LIMIT 1"),
        "survey_slug": first("SELECT slug FROM idea_survey WHERE closed_at IS NULL AND published_at IS NOT NULL"),
        "survey_ended": first("SELECT slug FROM idea_survey WHERE results_at IS NOT NULL"),
        "survey_page": "s1",
        "survey_question": "q1",
    }


def budget(first) -> dict:
    """The edition of the demo that lives with a project in verification, and the one whose ballot is drawn."""
    one = "SELECT id FROM idea_edition WHERE election_id IS NULL ORDER BY year DESC LIMIT 1"
    project = f"FROM idea_project WHERE edition_id = ({one}) AND state = 'opinions' AND NOT whole_city ORDER BY number LIMIT 1"
    return {
        "edition_id": first(one),
        "edition": first(f"SELECT slug FROM idea_edition WHERE id = ({one})"),
        "edition_past_id": first("SELECT id FROM idea_edition WHERE election_id IS NOT NULL ORDER BY year"),
        "edition_past": first("SELECT slug FROM idea_edition WHERE election_id IS NOT NULL ORDER BY year"),
        "project_id": first(f"SELECT id {project}"),
        "project_number": first(f"SELECT number {project}"),
    }


def ideas(first) -> dict:
    """Ideas of the demo: one that gathers support, one that the city examines, one that is done, one with two versions."""
    one = "SELECT number FROM idea_idea WHERE hidden_at IS NULL AND state = '{}' ORDER BY number"
    return {
        "idea_gathering": first(one.format("gathering")),
        "idea_examined": first(one.format("examined")),
        "idea_done": first(one.format("done")),
        "idea_revised": first("SELECT number FROM idea_idea WHERE version > 1 ORDER BY number"),
    }
