"""The examples with curl in docs/observations.md are answered as they stand there."""

import re
import shlex
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.observations import ngsi
from miasto.kernel.observations.testing import make_datastream, put

pytestmark = pytest.mark.django_db
TEXT = (Path(__file__).resolve().parents[5] / "docs/observations.md").read_text()
EXAMPLES = re.findall(r"^\$ (curl .*)$", TEXT, re.MULTILINE)


def asked(line):
    """``(method, path, pairs of the query, headers, body)`` of a command line."""
    words = iter(shlex.split(line.replace("\\$", "$"))[1:])
    url, headers, data, get = "", {}, [], False
    for word in words:
        if word in ("-d", "--data-urlencode"):
            data.append(next(words))
        elif word == "-H":
            name, _colon, text = next(words).partition(": ")
            headers[name] = text
        elif word.startswith("-"):
            get = "G" in word
        else:
            url = word
    parts = urlsplit(url.replace("$BASE", ""))
    pairs = parse_qsl(parts.query) + ([tuple(one.split("=", 1)) for one in data] if get else [])
    return ("GET" if get or not data else "POST"), parts.path, pairs, headers, "" if get or not data else data[0]


@pytest.mark.parametrize("line", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_are_answered(line, monkeypatch):
    monkeypatch.setattr(ngsi, "models", lambda: {"AirQualityObserved": {"pm10": "pm10"}})
    stream = make_datastream(code="pm10")
    put(stream, [1, 2])
    _key, plain = issue_key(name="Program", rights=["observations.manage"], by=SYSTEM)
    line = line.replace("Datastreams(1)", f"Datastreams({stream.pk})").replace('"@iot.id": 1}', f'"@iot.id": {stream.pk}}}')
    method, path, pairs, headers, body = asked(line.replace("$KEY", plain))
    client = Client(headers=headers)
    answer = client.get(path, dict(pairs)) if method == "GET" else client.post(path, body, content_type="application/json")
    assert answer.status_code in (200, 201), answer.content
    found = answer.json()
    assert found
    assert not isinstance(found, list) or "error" not in found
    assert all(one["status"] < 300 for one in found.get("responses", ())) if isinstance(found, dict) else True


def test_there_are_examples():
    assert len(EXAMPLES) >= 10
