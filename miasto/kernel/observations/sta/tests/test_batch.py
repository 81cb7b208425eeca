"""$batch: the multipart form of the standard and the JSON form; change sets, references, limits."""

import json

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.observations.models import Thing
from miasto.kernel.observations.sta import batch, multipart
from miasto.kernel.observations.sta.tests.conftest import STREAM

pytestmark = pytest.mark.django_db
PATH = "/api/sta/v1.1/$batch"
READ = "--b\r\nContent-Type: application/http\r\n\r\nGET {path} HTTP/1.1\r\nHost: x\r\n\r\n\r\n"
THING = {"name": "Z partii", "description": ""}


@pytest.fixture
def client(db):
    _key, plain = issue_key(name="Program", rights=["observations.manage"], by=SYSTEM)
    return Client(headers={"X-API-Key": plain})


def change(name, method, path, body):
    text = json.dumps(body)
    return (
        f"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {name}\r\n\r\n"
        f"{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}\r\n"
    )


def change_set(*changes):
    return "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n" + "".join(changes) + "--c--\r\n"


def send(client, *parts, kind="multipart/mixed;boundary=b"):
    answer = client.post(PATH, ("".join(parts) + "--b--\r\n").encode(), content_type=kind)
    if answer.status_code != 200:
        return answer
    return multipart.BytesParser(policy=multipart.policy.HTTP).parsebytes(
        b"Content-Type: " + answer["Content-Type"].encode() + b"\r\n\r\n" + answer.content
    )


def told(part):
    head, _empty, body = part.get_payload(decode=True).decode().partition("\r\n\r\n")
    return int(head.split()[1]), json.loads(body) if body.strip() else None


def test_a_multipart_batch_reads_and_changes_with_references(client):
    found = send(
        client,
        READ.format(path="Things?$select=name"),
        change_set(
            change("thing", "POST", "/api/sta/v1.1/Things", THING),
            change("stream", "POST", "$thing/Datastreams", STREAM),
            change("reading", "POST", "Observations", {"result": 7, "Datastream": {"@iot.id": "$stream"}}),
        ),
        READ.format(path="/v1.1/Observations?$select=result"),
        READ.format(path="Things(0)"),
    )
    first, changed, second, missing = found.get_payload()
    assert told(first) == (200, {"value": []})
    assert [told(one)[0] for one in changed.get_payload()] == [201, 201, 201]
    assert [one["Content-ID"] for one in changed.get_payload()] == ["thing", "stream", "reading"]
    assert told(second) == (200, {"value": [{"result": 7}]})
    assert told(missing)[0] == 404


def test_a_change_set_that_fails_is_undone_and_told_once(client):
    found = send(
        client,
        change_set(change("1", "POST", "Things", THING), change("2", "POST", "Things", {})),
        READ.format(path="Things"),
    )
    failed, after = found.get_payload()
    assert (told(failed)[0], failed["Content-ID"]) == (400, "2")
    assert told(after) == (200, {"value": []})
    assert not Thing.objects.exists()


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n",),
        ("--b\r\nContent-Type: application/http\r\n\r\nnonsense\r\n",),
        (change_set(change("1", "GET", "Things", {})),),
        (change_set(change("1", "POST", "Things", THING), change("1", "POST", "Things", THING)),),
    ],
)
def test_a_wrong_batch_is_refused_and_says_why(client, parts):
    answer = send(client, *parts)
    assert (answer.status_code, "$batch" in answer.json()["message"]) == (400, True)
    assert send(client, READ.format(path="Things"), kind="multipart/mixed").status_code == 400


def test_too_many_requests_are_refused(client, monkeypatch):
    monkeypatch.setattr(batch, "MOST", 2)
    requests = [{"id": str(one), "method": "get", "url": "Things"} for one in range(3)]
    answer = client.post(PATH, {"requests": requests}, content_type="application/json")
    assert (answer.status_code, "2" in answer.json()["message"]) == (413, True)
    answer = client.post(PATH, {"requests": [*requests[:1], *requests[:1]]}, content_type="application/json")
    assert answer.status_code == 400


def test_a_property_and_its_value_are_read_in_a_batch(client):
    Thing.objects.create(name="Stacja")
    number = Thing.objects.get().number
    ends = ("", "/$value")
    requests = [{"id": str(place), "method": "get", "url": f"Things({number})/name{end}"} for place, end in enumerate(ends)]
    found = client.post(PATH, {"requests": requests}, content_type="application/json").json()["responses"]
    assert [one["body"] for one in found] == [{"name": "Stacja"}, "Stacja"]
