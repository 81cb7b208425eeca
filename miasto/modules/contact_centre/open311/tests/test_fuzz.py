"""Whatever is asked, the answer is a document of the standard: never a failure of the server."""

import json
from xml.etree import ElementTree

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.modules.contact_centre.open311.tests.conftest import BASE

pytestmark = pytest.mark.django_db
NAMES = [
    "service_request_id", "service_code", "start_date", "end_date", "status", "lat", "long", "radius", "page", "page_size",
    "updated_after", "updated_before", "jurisdiction_id", "address_string", "address_id", "email", "description", "media_url",
    "attribute[lamps]", "attribute[lamps][]", "attribute[", "update_id", "updated_datetime", "first_name", "extensions",
]  # fmt: skip
WORDS = st.sampled_from(
    ["inne", "latarnia", "open", "closed", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1e400",
     "nan", "-0", "50.87", "20.63", "90", "ZG-2026-000001", "\x00", "%", "_", "'", "\\", "<a>&", "ż" * 300, ",,,", "[]"]
)  # fmt: skip
VALUES = st.one_of(
    WORDS, st.text(max_size=40), st.floats().map(str), st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
)
ADDRESSES = st.sampled_from(
    ["services", "requests", "servicerequestupdates", "discovery", "tokens/1", "requests/1", "services/1"]
)
SETTINGS = settings(max_examples=150)


def readable(response, kind):
    assert response.status_code in (200, 400, 403, 404, 429), response.content
    if kind == "json":
        json.loads(response.content)
    else:
        ElementTree.fromstring(response.content)


@SETTINGS
@given(address=ADDRESSES, kind=st.sampled_from(["xml", "json"]), arguments=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_query_breaks_the_server(program, address, kind, arguments):
    readable(Client(raise_request_exception=True).get(f"{BASE}/{address}.{kind}", arguments), kind)


@SETTINGS
@given(
    address=st.sampled_from(["requests", "servicerequestupdates"]),
    kind=st.sampled_from(["xml", "json"]),
    arguments=st.dictionaries(st.sampled_from(NAMES), VALUES),
)
def test_no_post_breaks_the_server(program, here, settings, address, kind, arguments):
    settings.RATE_LIMIT_FACTOR = 1000
    arguments = {"service_code": "inne", **here, **arguments}
    readable(program.post(f"{address}.{kind}", **arguments), kind)


@SETTINGS
@given(body=st.binary(max_size=200), media_type=st.sampled_from(
    ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=nonsense", "multipart/form-data",
     "multipart/form-data; boundary=x", "application/json", "text/xml"]))  # fmt: skip
def test_no_body_breaks_the_server(program, body, media_type):
    readable(Client().generic("POST", f"{BASE}/requests.xml", body, content_type=media_type), "xml")


@SETTINGS
@given(rest=st.text(max_size=40))
def test_no_address_breaks_the_server(program, rest):
    response = Client().get(f"{BASE}/{rest}".split("?")[0].split("#")[0])
    assert response.status_code < 500
