"""Every example of docs/open311.md is run by curl against a running city and does what the page says."""

import hashlib
import json
import os
import re
import subprocess
from xml.etree import ElementTree

import pytest

from miasto.kernel.core.ids import uuid7
from tests.running_city import ROOT

SECRET = "miasto_klucz-z-dokumentacji"
PAGE = (ROOT / "docs" / "open311.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\$ (curl .*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def surroundings(running_city):
    """The variables that the page speaks of."""
    running_city.sql(
        "INSERT INTO accounts_apikey (id, name, digest, start, rights, per_hour, active, created_at) "
        "VALUES (%s, 'Dokumentacja', %s, 'doc', %s, 100, true, now())",
        uuid7(),
        hashlib.sha256(SECRET.encode()).hexdigest(),
        '["contact_centre.open311_file", "contact_centre.open311_update"]',
    )
    ((number,),) = running_city.sql("SELECT number FROM cases_case WHERE public AND stage = 'resolved' ORDER BY number LIMIT 1")
    return {**os.environ, "BASE": running_city.url, "KEY": SECRET, "NUMBER": number}


def run(command, surroundings):
    done = subprocess.run(
        ["bash", "-c", f"{command} -w '\\n%{{http_code}}'"], env=surroundings, capture_output=True, check=True
    )
    body, _line, status = done.stdout.decode().rpartition("\n")
    assert status == "200", f"{command}\n{body}"
    return ElementTree.fromstring(body) if body.startswith("<?xml") else json.loads(body)


def test_the_examples_are_there():
    assert len(EXAMPLES) >= 10


def test_every_example_is_answered(surroundings):
    for command in EXAMPLES:
        found = run(command, surroundings)
        assert len(found), command
        if "address_string" not in command and "requests.json" in command and "-d" in command:
            surroundings["FILED"] = found[0]["service_request_id"]
    assert surroundings["FILED"].startswith("ZG-")
