"""Every example of the GeoReport v2 specification is answered as it says, invalid requests with the errors it names."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.services import issue_key, switch_key
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.testing import make_category
from miasto.kernel.core import clock
from miasto.kernel.files.testing import make_upload
from miasto.kernel.places.testing import make_address
from miasto.modules.contact_centre.open311.keys import FILE, UPDATE, viewer_of
from miasto.modules.contact_centre.open311.tests.conftest import BASE

pytestmark = pytest.mark.django_db
REQUEST_FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip


def get(address, **arguments):
    return Client().get(f"{BASE}/{address}", arguments)


def tree(response, root):
    """The XML of a response, checked as the standard wants it: type, encoding, declaration, no namespace."""
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert response.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    found = ElementTree.fromstring(response.content)
    assert found.tag == root
    assert not any("}" in element.tag for element in found.iter())
    return found


def data(response):
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return json.loads(response.content)


def assert_errors(address, wanted, word, *, method="get", **arguments):
    """The same error document in both formats, with the code and a sentence that names what is wrong."""
    for kind in ("xml", "json"):
        response = getattr(Client(), method)(f"{BASE}/{address}.{kind}", arguments)
        assert response.status_code == wanted, response.content.decode()
        if kind == "json":
            rows = data(response)
        else:
            rows = [{child.tag: child.text for child in error} for error in tree(response, "errors").iter("error")]
        assert rows
        assert all(str(row["code"]) == str(wanted) for row in rows)
        assert any(word in row["description"] for row in rows), rows


@pytest.fixture
def filed(program, here):
    """The number of a report filed by the program's post of the specification's example."""
    return sent(program, here)


def sent(program, here, **arguments):
    values = {"service_code": "inne", "description": "A large sinkhole is destroying the street", **here, **arguments}
    response = program.post("requests.json", **values)
    assert response.status_code == 200, response.content.decode()
    return data(response)[0]["service_request_id"]


def approve(number):
    case = selectors.case_for(number, SYSTEM)
    services.decide_text(case=case, publish=True, by=SYSTEM)
    for photo in case.files.all():
        services.decide_file(case_file=photo, publish=True, by=SYSTEM)
    return case


def test_discovery_names_the_endpoint_its_formats_and_how_to_get_a_key(catalogue):
    found = tree(get("discovery.xml"), "discovery")
    assert [child.tag for child in found] == ["changeset", "contact", "key_service", "endpoints"]
    endpoint = found.find("endpoints/endpoint")
    assert endpoint.findtext("specification") == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint.findtext("url") == "http://testserver/api/open311/v2"
    assert endpoint.findtext("type") == "production"
    assert [one.text for one in endpoint.iter("format")] == ["text/xml", "application/json"]
    as_json = data(get("discovery.json"))
    assert as_json["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert set(as_json) == {"changeset", "contact", "key_service", "endpoints"}


def test_services_are_the_categories_with_group_keywords_and_metadata(catalogue):
    rows = data(get("services.json", jurisdiction_id=""))
    assert [row["service_code"] for row in rows] == ["latarnia", "kabel", "inne"]
    assert rows[0] == {
        "service_code": "latarnia",
        "service_name": "Latarnia nie świeci",
        "description": "Jedna lub kilka lamp nie działa.",
        "metadata": True,
        "type": "realtime",
        "keywords": "latarnia, lampa, ciemno",
        "group": "Oświetlenie",
    }
    assert rows[2]["metadata"] is False
    assert "112" in rows[1]["description"]
    first = tree(get("services.xml"), "services").find("service")
    assert [child.tag for child in first] == list(rows[0])
    assert first.findtext("metadata") == "true"


def test_a_definition_lists_the_questions_and_their_values(catalogue):
    found = data(get("services/latarnia.json"))
    assert found["service_code"] == "latarnia"
    assert found["attributes"][0] == {
        "variable": True,
        "code": "lamps",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": None,
        "order": 1,
        "description": "Ile lamp?",
        "values": [{"key": "one", "name": "Jedna"}, {"key": "many", "name": "Kilka"}],
    }
    assert found["attributes"][1]["datatype"] == "text"
    assert [row["order"] for row in found["attributes"]] == [1, 2]
    xml = tree(get("services/latarnia.xml"), "service_definition")
    assert [value.findtext("key") for value in xml.findall("attributes/attribute/values/value")] == ["one", "many"]


NEAR = {
    "key": "near",
    "label": "Co jest obok?",
    "kind": "choices",
    "choices": [["school", "Szkoła"], ["stop", "Przystanek"], ["river", "Rzeka"]],
    "public": True,
}


def test_a_question_with_several_values_takes_them_all(program, here):
    make_category(case_type="contact_centre.report", slug="slupek", competence="other", questions=[NEAR])
    found = data(get("services/slupek.json"))["attributes"][0]
    assert (found["code"], found["datatype"], found["required"]) == ("near", "multivaluelist", False)
    assert [value["key"] for value in found["values"]] == ["school", "stop", "river"]
    number = sent(program, here, **{"service_code": "slupek", "attribute[near][]": ["school", "river"]})
    assert selectors.case_page(number, ANONYMOUS).answers == [("Co jest obok?", "Szkoła, Rzeka")]
    wrong = {"service_code": "slupek", "attribute[near][]": ["school", "moon"], **here}
    assert_errors("requests", 400, "attribute[near]", method="post", api_key=program.key, **wrong)


def test_the_post_of_the_specification_files_a_report(program, here):
    response = Client().post(
        f"{BASE}/requests.xml",
        "api_key=" + program.key + "&jurisdiction_id=&service_code=latarnia&lat=" + here["lat"] + "&long=" + here["long"]
        + "&address_string=1234+5th+street&email=smit333%40sfgov.edu&device_id=tt222111&account_id=123456"
        + "&first_name=john&last_name=smith&phone=111111111&description=A+large+sinkhole+is+destroying+the+street"
        + "&media_url=http%3A%2F%2Ffarm3.static.flickr.com%2F2002%2F2212426634_5ed477a060.jpg"
        + "&attribute[lamps]=many&attribute[pole]=COISL001",
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )  # fmt: skip
    assert response.status_code == 200, response.content.decode()
    made = tree(response, "service_requests").find("request")
    assert [child.tag for child in made] == ["service_request_id", "service_notice", "account_id"]
    assert "14 dni" in made.findtext("service_notice")
    view = selectors.case_page(made.findtext("service_request_id"), SYSTEM)
    assert view.original == "A large sinkhole is destroying the street"
    assert (view.party.name, view.party.email, view.party.phone) == ("john smith", "smit333@sfgov.edu", "111111111")
    assert dict(view.answers) == {"Ile lamp?": "Kilka", "Numer słupa": "COISL001"}
    assert (view.address_text, view.channel) == ("1234 5th street", "api")
    assert [step.actor for step in view.history] == ["Osoba zgłaszająca"]


def test_the_same_post_again_is_the_same_report_and_another_one_is_not(program, here):
    first = sent(program, here)
    assert sent(program, here) == first
    assert sent(program, here, description="Another one") != first


def test_a_report_without_description_is_called_by_its_service(program, here):
    assert selectors.case_page(sent(program, here, description=""), SYSTEM).original == "Coś innego"


def test_photos_sent_with_the_form_wait_for_approval(program, here):
    number = sent(program, here, photo1=make_upload())
    assert get(f"requests/{number}.json").json()[0]["media_url"] is None
    approve(number)
    address = get(f"requests/{number}.json").json()[0]["media_url"]
    assert address.startswith("http://testserver/pliki/")
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200


def test_a_place_may_be_an_address_or_its_identifier(program, here, catalogue):
    row = make_address()
    found = data(program.post("requests.json", service_code="inne", address_id=str(row.pk)))
    view = selectors.case_page(found[0]["service_request_id"], SYSTEM)
    assert (round(view.lon, 6), round(view.lat, 6)) == (round(row.geom.x, 6), round(row.geom.y, 6))
    found = data(program.post("requests.json", service_code="inne", address_string=row.address_text))
    assert selectors.case_page(found[0]["service_request_id"], SYSTEM).lon is not None


def test_a_request_says_what_the_register_says_and_nothing_more(program, here):
    number = sent(program, here, email="ktos@example.org", first_name="Jan", last_name="Tajny")
    row = data(get(f"requests/{number}.json"))[0]
    assert list(row) == REQUEST_FIELDS
    assert (row["status"], row["description"], row["service_code"], row["service_name"]) == ("open", None, "inne", "Coś innego")
    assert row["lat"] == pytest.approx(float(here["lat"]))
    for field in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert row[field][19:] in ("+01:00", "+02:00")
    xml = get(f"requests/{number}.xml")
    assert [child.tag for child in tree(xml, "service_requests").find("request")] == REQUEST_FIELDS
    assert b"Tajny" not in xml.content + get(f"requests/{number}.json", extensions="true").content
    approve(number)
    assert data(get(f"requests/{number}.json"))[0]["description"] == "A large sinkhole is destroying the street"


def test_an_answered_report_is_closed_since_its_answer(program, here):
    number = sent(program, here)
    case = selectors.case_for(number, SYSTEM)
    services.take_step(case=case, transition="resolve", answer="Zasypane.", reason="Bez zdjęcia", by=SYSTEM)
    row = data(get(f"requests/{number}.json"))[0]
    assert (row["status"], row["status_notes"], row["expected_datetime"]) == ("closed", "Zasypane.", None)
    assert [one["service_request_id"] for one in data(get("requests.json", status="closed"))] == [number]
    assert data(get("requests.json", status="open")) == []
    assert [one["service_request_id"] for one in data(get("requests.json", status="open,closed"))] == [number]


def test_a_void_report_is_not_found(program, filed):
    services.take_step(case=selectors.case_for(filed, SYSTEM), transition="void", reason="Pomyłka", by=SYSTEM)
    assert get(f"requests/{filed}.json").status_code == 404
    assert data(get("requests.json")) == []


def test_numbers_override_every_other_argument(program, here):
    first, second = sent(program, here), sent(program, here, description="Two")
    assert len(data(get("requests.json", service_request_id=f"{first},{second}", status="closed", start_date="nonsense"))) == 2
    repeated = Client().get(f"{BASE}/requests.json?service_request_id={first}&service_request_id={second}")
    assert len(data(repeated)) == 2


def test_lists_are_narrowed_by_service_time_place_and_page(program, here):
    numbers = [sent(program, here, description=f"Number {index}") for index in range(3)]
    assert [row["service_request_id"] for row in data(get("requests.json"))] == numbers[::-1]
    assert data(get("requests.json", service_code="kabel")) == []
    assert len(data(get("requests.json", service_code="kabel,inne"))) == 3
    assert [row["service_request_id"] for row in data(get("requests.json", page="2", page_size="2"))] == numbers[:1]
    assert len(data(get("requests.json", radius="500", **here))) == 3
    away = {**here, "lat": str(float(here["lat"]) + 0.01)}
    assert data(get("requests.json", radius="500", **away)) == []
    assert len(data(get("requests.json", radius="2000", **away))) == 3
    day_ago = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(data(get("requests.json", start_date=day_ago))) == 3
    assert data(get("requests.json", end_date=day_ago)) == []
    assert len(data(get("requests.json", updated_after=day_ago))) == 3
    assert data(get("requests.json", updated_before=day_ago)) == []


def test_without_dates_only_the_last_ninety_days_are_told(program, here):
    with clock.at(clock.now() - timedelta(days=91)):
        old = sent(program, here)
    assert data(get("requests.json")) == []
    start = (clock.now() - timedelta(days=100)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [row["service_request_id"] for row in data(get("requests.json", start_date=start))] == [old]


def test_dates_may_have_an_offset_and_fractions(program, filed):
    assert len(data(get("requests.json", start_date="2020-01-01T00:00:00+01:00"))) == 0
    now = (clock.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.1234567-00:00")
    assert len(data(get("requests.json", start_date=now))) == 1


def test_a_token_is_the_number_of_the_report(program, filed):
    made = tree(get(f"tokens/{filed}.xml"), "service_requests").find("request")
    assert (made.findtext("service_request_id"), made.findtext("token")) == (filed, filed)


def test_unknown_things_are_not_found(program, filed):
    assert_errors("services", 404, "jurisdiction_id", jurisdiction_id="city.gov")
    assert_errors("services/NIC", 404, "service_code")
    assert_errors("services/swiatlo", 404, "service_code")
    assert_errors("requests/ZG-1999-000001", 404, "service_request_id")
    assert_errors("tokens/12345", 404, "token")
    assert_errors("requests", 404, "jurisdiction_id", jurisdiction_id="city.gov")
    assert_errors("requests", 404, "service_code", method="post", api_key=program.key, service_code="033", lat="1", long="1")
    assert_errors("nonsense", 404, "adresu")
    assert get("services.yaml").status_code == 404


def test_a_post_needs_a_key_that_is_known_active_and_allowed(program, here, catalogue):
    assert_errors("requests", 403, "api_key", method="post", service_code="inne", **here)
    assert_errors("requests", 403, "api_key", method="post", api_key="xyz", service_code="inne", **here)
    _row, plain = issue_key(name="Tylko dopiski", rights=[UPDATE], by=SYSTEM)
    assert_errors("requests", 403, "api_key", method="post", api_key=plain, service_code="inne", **here)
    switch_key(key_id=program.row.pk, active=False, by=SYSTEM)
    assert_errors("requests", 403, "api_key", method="post", api_key=program.key, service_code="inne", **here)


@pytest.mark.parametrize(
    ("word", "arguments"),
    [
        ("service_code", {"service_code": ""}),
        ("lat", {"lat": ""}),
        ("lat", {"lat": "abc"}),
        ("lat", {"lat": "91"}),
        ("lat, long", {"lat": "1", "long": "1"}),
        ("address_string", {"lat": "", "long": ""}),
        ("address_id", {"lat": "", "long": "", "address_id": "545483"}),
        ("nie znamy adresu", {"lat": "", "long": "", "address_string": "qqqqqqqq 7"}),
        ("description", {"description": "x" * 4001}),
        ("email", {"email": "nonsense"}),
        ("media_url", {"media_url": "file:///etc/passwd"}),
        ("attribute[lamps]", {"service_code": "latarnia"}),
        ("attribute[lamps]", {"service_code": "latarnia", "attribute[lamps]": "seven"}),
        ("attribute[lamps]", {"service_code": "latarnia", "attribute[lamps][]": ["one", "many"]}),
    ],
)
def test_what_is_missing_or_wrong_in_a_post_is_named(program, here, word, arguments):
    assert_errors("requests", 400, word, method="post", **{"api_key": program.key, "service_code": "inne", **here, **arguments})


@pytest.mark.parametrize(
    ("word", "arguments"),
    [
        ("start_date", {"start_date": "2010-05-24"}),
        ("start_date", {"start_date": "2010-05-24T00:00:00"}),
        ("start_date", {"start_date": "2010-13-24T00:00:00Z"}),
        ("90 dni", {"start_date": "2010-01-01T00:00:00Z", "end_date": "2010-04-02T00:00:00Z"}),
        ("end_date", {"start_date": "2010-05-24T00:00:00Z", "end_date": "2010-05-23T00:00:00Z"}),
        ("zakres", {"start_date": "9999-12-01T00:00:00Z"}),
        ("status", {"status": "fixed"}),
        ("page_size", {"page_size": "1001"}),
        ("page", {"page": "0"}),
        ("razem", {"lat": "50"}),
        ("radius", {"lat": "50", "long": "20", "radius": "nan"}),
    ],
)
def test_what_is_wrong_in_a_query_is_named(catalogue, word, arguments):
    assert_errors("requests", 400, word, **arguments)


def test_another_method_is_an_invalid_request(catalogue):
    response = Client().put(f"{BASE}/requests.xml")
    assert response.status_code == 400
    assert tree(response, "errors").findtext("error/code") == "400"


def test_a_key_has_its_own_limit_in_an_hour(catalogue, here):
    _row, plain = issue_key(name="Mały program", rights=[FILE], per_hour=2, by=SYSTEM)
    answers = [
        Client().post(f"{BASE}/requests.json", {"api_key": plain, "service_code": "inne", "description": str(index), **here})
        for index in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert data(answers[2])[0]["code"] == 429


def test_pages_of_other_sites_may_read_but_not_with_the_readers_session(program, filed):
    response = get("requests.json")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response


def test_a_list_of_a_thousand_reports_costs_as_many_queries_as_one(program, here, django_assert_max_num_queries):
    for index in range(3):
        sent(program, here, description=str(index))
    with django_assert_max_num_queries(5):
        assert len(selectors.shared_cases(selectors.Wanted(case_type="contact_centre.report"))) == 3
    with django_assert_max_num_queries(7):
        get("requests.json")


def test_letters_that_xml_cannot_hold_do_not_break_the_document(program, here):
    number = sent(program, here, description="bell \x07 and <tag> & \U0001f573")
    approve(number)
    text = tree(get(f"requests/{number}.xml"), "service_requests").findtext("request/description")
    assert text == "bell  and <tag> & \U0001f573"


def test_nobody_reads_in_the_name_of_a_key(program, filed):
    viewer = viewer_of(program.row)
    assert viewer.is_anonymous
    assert not viewer.is_staff
    assert list(selectors.visible_cases(viewer)) == list(selectors.visible_cases(ANONYMOUS))
