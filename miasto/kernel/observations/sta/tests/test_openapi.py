"""The description of the API is about what there is: every address, property and reference in it."""

import json
import re

import pytest
from django.test import Client
from openapi_spec_validator import validate

from miasto.kernel.accounts.selectors import ANONYMOUS

pytestmark = pytest.mark.django_db


def test_everything_described_is_there(world, get):
    found = Client().get("/api/sta/openapi.json").json()
    validate(found)
    for reference in set(re.findall(r'"#/([^"]+)"', json.dumps(found))):
        here = found
        for step in reference.split("/"):
            here = here[step]
    names = [one["operationId"] for path in found["paths"].values() for key, one in path.items() if key != "parameters"]
    assert len(names) == len(set(names))
    for plural in ("Things", "Observations", "Locations", "Datastreams", "Sensors", "HistoricalLocations"):
        page = found["paths"][f"/api/sta/v1.1/{plural}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = found["components"]["schemas"][page["properties"]["value"]["items"]["$ref"].rsplit("/", 1)[1]]
        (row,) = get(ANONYMOUS, plural, top=1)["value"]
        assert set(row) <= set(schema["properties"]), plural
    for path, methods in found["paths"].items():
        in_path = set(re.findall(r"\{(\w+)\}", path))
        for key, one in methods.items():
            own = [] if key == "parameters" else one.get("parameters", [])
            told = {part["name"] for part in [*methods.get("parameters", []), *own] if part.get("in") == "path"}
            assert key == "parameters" or told == in_path, path


def test_the_page_of_interfaces_leads_to_it():
    page = Client().get("/api/docs").content.decode()
    assert "/api/sta/openapi.json" in page
    assert "/api/sta/v1.1" in page
