"""Cases forwarded to authorities that speak GeoReport v2: a stand-in server in its own words, its faults, and kills."""

from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.testing import make_body
from miasto.kernel.core.city import city
from miasto.kernel.core.testing import listening
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.open311 import forwarding
from miasto.modules.contact_centre.open311.client import GeoReport
from miasto.modules.contact_centre.open311.models import Outgoing

pytestmark = pytest.mark.django_db
SERVICES = """<services>
<service><service_code>GAS-1</service_code><service_name>Ulatnianie gazu</service_name><metadata>false</metadata>
<keywords>gaz, zapach</keywords><group>sieć</group></service>
<service><service_code>LAMP</service_code><service_name>Lampa przy stacji</service_name><metadata>true</metadata>
<keywords>latarnia, lampa</keywords></service>
<service><service_code>OTHER</service_code><service_name>Inne sprawy</service_name><metadata>false</metadata></service>
</services>"""
QUESTIONS = """<service_definition><service_code>LAMP</service_code><attributes><attribute><variable>true</variable>
<code>station</code><datatype>string</datatype><required>true</required></attribute></attributes></service_definition>"""


class Authority:
    """A stand-in that speaks GeoReport v2. ``filed`` are the posts, ``fails`` statuses to give first, ``told`` of a request.

    ``lost`` answers never come, ``shows`` whether requests are listed, ``token`` is given instead of a number.
    """

    def __init__(self):
        self.filed, self.fails, self.told, self.updates = [], [], {}, []
        self.token, self.extension, self.lost, self.shows = "", True, 0, True

    def answer(self, asked):
        path = urlsplit(asked.path).path
        if asked.method == "POST":
            return self.post(parse_qsl(asked.body.decode()))
        if "/services" in path:
            return xml(SERVICES if path.endswith("/services.xml") else QUESTIONS)
        if path.endswith("/servicerequestupdates.xml"):
            rows = "".join(f"<request_update>{row}</request_update>" for row in self.updates)
            told = xml(f"<service_request_updates>{rows}</service_request_updates>")
            return told if self.extension else error(404, "no such address")
        return xml(f"<service_requests>{self.requests(path)}</service_requests>")

    def requests(self, path):
        if "/tokens/" in path:
            return "" if self.token else f"<request><service_request_id>{len(self.filed)}</service_request_id></request>"
        if path.endswith("/requests.xml"):
            shown = self.filed if self.shows else []
            return "".join(request(number, dict(row)["description"]) for number, row in enumerate(shown, 1))
        return request(path.split("/")[-1].removesuffix(".xml"), "", **self.told)

    def post(self, arguments):
        if self.fails:
            return error(self.fails.pop(0), "Invalid api_key received")
        self.filed.append(arguments)
        if self.lost:
            self.lost -= 1
            return 500, {}, b"gateway timeout"
        number = f"<service_request_id>{len(self.filed)}</service_request_id>"
        named = f"<token>{self.token}</token>" if self.token else number
        return xml(f"<service_requests><request>{named}</request></service_requests>")


@pytest.fixture
def authority(monkeypatch):
    """The stand-in as a real server at ``authority.url``."""
    made = Authority()
    monkeypatch.setenv("GAZ_KEY", "klucz-gazowni")
    with listening(made.answer) as url:
        made.url = f"{url}/open311/v2"
        yield made


def xml(body, status=200):
    return status, {"Content-Type": "text/xml"}, f'<?xml version="1.0" encoding="utf-8"?>{body}'.encode()


def error(status, words):
    return xml(f"<errors><error><code>{status}</code><description>{words}</description></error></errors>", status)


def request(number, description, status="open", notes=""):
    return (
        f"<request><service_request_id>{number}</service_request_id><status>{status}</status>"
        f"<status_notes>{escape(notes)}</status_notes><description>{escape(description)}</description></request>"
    )


def update(pk, status, words, number="1"):
    return (
        f"<update_id>{pk}</update_id><service_request_id>{number}</service_request_id><status>{status}</status>"
        f"<updated_datetime>2026-05-12T10:00:00Z</updated_datetime><description>{escape(words)}</description>"
    )


@pytest.fixture
def body(catalogue, authority):
    return make_body(
        name="Gazownia", open311_endpoint=authority.url, open311_key_env="GAZ_KEY", open311_jurisdiction="gazownia.example"
    )


@pytest.fixture
def case(catalogue):
    return services.file_case(
        case_type=KEY,
        category=catalogue["inne"],
        description="Czuć gaz przy szkole, dzwonić: 600 700 800",
        point=city().centre,
        address_text="Szkolna 1",
        contact=services.Contact(name="Jan Tajny", email="jan@example.org"),
        by=SYSTEM,
    ).case


def forward(case, body, run_jobs):
    services.forward(case=case, to=body, words="Proszę sprawdzić sieć.", by=SYSTEM)
    run_jobs(only="core.deliver")
    return Outgoing.objects.get()


def state(row):
    row.refresh_from_db()
    return row.state


def view(case):
    return selectors.case_page(case.number, SYSTEM)


def told(case):
    return [made.body for made in view(case).comments if made.audience != "internal"]


def test_a_forwarded_case_is_filed_there_with_what_is_public_and_no_contact(case, body, authority, run_jobs):
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    sent = dict(authority.filed[0])
    assert sent["api_key"] == "klucz-gazowni"
    assert sent["jurisdiction_id"] == "gazownia.example"
    assert sent["service_code"] == "OTHER"
    assert case.number in sent["description"]
    assert "Proszę sprawdzić sieć." in sent["description"]
    assert not {"Tajny", "600 700 800", "jan@example.org"} & set(" ".join(sent.values()).split())
    assert sent["address_string"] == "Szkolna 1"
    assert float(sent["lat"]) == pytest.approx(city().centre[1])
    assert (state(row), row.number, row.payload) == ("sent", "1", [])
    found = selectors.forwarding(row.pk)
    assert (found.state, found.reference) == ("accepted", "1")


def test_the_approved_description_goes_along(case, body, authority, run_jobs):
    services.decide_text(case=case, publish=True, edited="Czuć gaz przy szkole", by=SYSTEM)
    forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    assert "Czuć gaz przy szkole" in dict(authority.filed[0])["description"]


def test_the_service_is_chosen_by_what_fits_and_can_be_answered(catalogue, body, authority, run_jobs):
    lamp = services.file_case(
        case_type=KEY, category=catalogue["latarnia"], description="Ciemno", point=city().centre, answers={"lamps": "one"},
        by=SYSTEM,
    ).case  # fmt: skip
    forward(lamp, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    assert dict(authority.filed[0])["service_code"] == "OTHER"  # LAMP asks for a station that nobody knows


def test_updates_are_written_back_once_and_the_last_one_ends_the_waiting(case, body, authority, run_jobs):
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    authority.updates = [update("u1", "OPEN", "Ekipa jedzie.")]
    assert forwarding.poll(str(row.pk)) == 1
    assert forwarding.poll(str(row.pk)) == 0
    assert told(case)[-1] == "Ekipa jedzie."
    authority.updates.append(update("u2", "FIXED", "Uszczelniliśmy zawór."))
    authority.updates.append(update("u9", "FIXED", "Cudza sprawa", number="77"))
    assert forwarding.poll(str(row.pk)) == 1
    assert (state(row), told(case)[-1]) == ("ended", "Uszczelniliśmy zawór.")
    assert view(case).stage.key == "resolved"
    assert selectors.forwarding(row.pk).state == "done"
    assert forwarding.poll(str(row.pk)) == 0


def test_a_server_without_updates_is_followed_by_its_status_and_notes(case, body, authority, run_jobs):
    authority.extension = False
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    authority.told = {"notes": "Przyjęto do realizacji."}
    assert forwarding.poll(str(row.pk)) == 1
    assert forwarding.poll(str(row.pk)) == 0
    authority.told = {"status": "closed", "notes": "Wymieniono."}
    assert forwarding.poll(str(row.pk)) == 1
    assert (state(row), told(case)[-1]) == ("ended", "Wymieniono.")


def test_a_refusal_brings_the_case_back(case, body, authority, run_jobs):
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    authority.updates = [update("u1", "NOT_COUNCILS_RESPONSIBILITY", "To nie nasza sieć.")]
    forwarding.poll(str(row.pk))
    assert selectors.forwarding(row.pk).state == "refused"
    assert view(case).stage.key == "in_progress"


def test_a_token_becomes_a_number_later(case, body, authority, run_jobs):
    authority.token = "t-1"
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    assert (state(row), row.token) == ("token", "t-1")
    assert forwarding.poll(str(row.pk)) == 0
    authority.token = ""
    forwarding.poll(str(row.pk))
    assert (state(row), row.number) == ("sent", "1")
    assert selectors.forwarding(row.pk).reference == "1"


def test_a_refused_request_is_not_repeated_and_the_staff_read_why(case, body, authority, run_jobs):
    authority.fails = [403]
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    assert (state(row), authority.filed) == ("failed", [])
    notes = [made.body for made in view(case).comments if made.audience == "internal"]
    assert "Invalid api_key received" in notes[-1]
    assert not forwarding.send(str(row.pk))


def test_a_server_in_trouble_is_tried_again(case, body, authority, run_jobs):
    authority.fails = [503, 429]
    row = forward(case, body, run_jobs)
    for _attempt in range(2):
        with pytest.raises(forwarding.Later):
            forwarding.send(str(row.pk))
    assert forwarding.send(str(row.pk))
    assert len(authority.filed) == 1


def test_a_lost_answer_does_not_make_two_requests_where_the_other_side_shows_the_first(case, body, authority, run_jobs):
    authority.lost = 1
    row = forward(case, body, run_jobs)
    with pytest.raises(forwarding.Later):
        forwarding.send(str(row.pk))
    assert state(row) == "sending"
    assert forwarding.send(str(row.pk))
    assert (len(authority.filed), state(row), row.number) == (1, "sent", "1")


def test_where_the_first_is_not_shown_the_very_same_request_is_sent_again(case, body, authority, run_jobs):
    authority.lost, authority.shows = 1, False
    row = forward(case, body, run_jobs)
    with pytest.raises(forwarding.Later):
        forwarding.send(str(row.pk))
    assert forwarding.send(str(row.pk))
    assert authority.filed[0] == authority.filed[1]


def test_a_kill_between_the_answer_and_the_commit_is_taken_up(case, body, authority, run_jobs, monkeypatch):
    row = forward(case, body, run_jobs)
    with monkeypatch.context() as broken:
        broken.setattr(forwarding, "_taken", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forwarding.send(str(row.pk))
    assert state(row) == "sending"
    assert forwarding.send(str(row.pk))
    assert (len(authority.filed), state(row)) == (1, "sent")


def test_what_was_answered_by_another_way_is_not_followed_any_more(case, body, authority, run_jobs):
    row = forward(case, body, run_jobs)
    run_jobs(only="contact_centre.open311_send")
    services.answer_from_body(forwarding=selectors.forwarding(row.pk), outcome="done", words="Telefonicznie.", by=SYSTEM)
    authority.updates = [update("u1", "FIXED", "Później")]
    assert forwarding.poll(str(row.pk)) == 0
    assert state(row) == "ended"
    assert told(case)[-1] == "Telefonicznie."


def test_an_erased_case_leaves_nothing_to_send(case, body, authority, run_jobs):
    row = forward(case, body, run_jobs)
    authority.fails = [503]
    with pytest.raises(forwarding.Later):
        forwarding.send(str(row.pk))
    services.erase_personal(case=case, by=SYSTEM)
    run_jobs(only="core.deliver")
    assert (state(row), row.payload) == ("failed", [])


def test_a_body_without_an_endpoint_is_left_to_its_e_mail(case, catalogue, run_jobs):
    services.forward(case=case, to=make_body(name="Kolej"), words="Proszę sprawdzić.", by=SYSTEM)
    run_jobs(only="core.deliver")
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(
    "document",
    [
        "<html>It works!</html>",
        "not xml",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><services>&b;</services>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><services>&a;</services>',
    ],
)
def test_what_is_no_georeport_hurts_nobody(case, catalogue, run_jobs, document):
    with listening(lambda asked: (200, {"Content-Type": "text/xml"}, document.encode())) as url:
        row = forward(case, make_body(open311_endpoint=url), run_jobs)
        with pytest.raises(forwarding.Later):
            forwarding.send(str(row.pk))
    assert state(row) == "queued"


def test_the_namespace_that_the_standard_allows_is_understood():
    document = (
        '<services xmlns="http://wiki.open311.org/GeoReport_v2"><service><service_code>7</service_code></service></services>'
    )
    with listening(lambda asked: (200, {}, document.encode())) as url:
        assert [one.code for one in GeoReport(url).services()] == ["7"]
