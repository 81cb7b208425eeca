"""Every entity of the standard's own examples (templates with the keys left open) is taken unchanged, or refused for cause."""

import json
import os
import re
from pathlib import Path

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.observations.sta.serving import serve
from miasto.kernel.observations.sta.tests.conftest import BASE
from miasto.kernel.observations.sta.values import Asked

FOLDER = Path(os.environ.get("MIASTO_DATA", Path(__file__).resolve().parents[5].parent / "shared" / "data")) / "sensorthings"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json"))
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FILES, reason="no examples here")]
LINKS = ("Sensor: brakuje tego połączenia", "ObservedProperty: brakuje tego połączenia")
# A data stream has a sensor and an observed property, a unit its three parts, a feature its encoding; Location has no Thing.
REFUSED = {
    "datastreams/1.json": LINKS[0],
    "datastreams/2.json": LINKS[0],
    "datastreams/4.json": LINKS[0],
    "datastreams/linkedObservedProperty.json": LINKS[0],
    "datastreams/linkedSensor.json": LINKS[1],
    "datastreams/linkedThing.json": LINKS[0],
    "foi/missingEncodingType.json": "encodingType: brakuje tej własności",
    "locations/2.json": "Location nie ma własności „Thing”.",
    "thing/2.json": LINKS[0],
    "thing/3.json": LINKS[0],
    **{
        f"unitsOfMeasurement/{name}.json": "unitOfMeasurement: potrzebny jest obiekt z własnościami name, symbol i definition "
        "(tekst albo null)"
        for name in ("noDefinition", "noName", "noSymbol")
    },
}


@pytest.fixture
def api(db):
    def call(method, path, body=None):
        return serve(Asked(method, path, (), body), viewer=SYSTEM, base=BASE)

    return call


@pytest.fixture
def keys(api):
    """What the templates leave open, made of other templates."""
    made = {}

    def key(path, body):
        told = api("POST", path, body)
        assert told.status == 201, told.body
        return told.body["@iot.id"]

    made["THING"] = key("Things", load("thing/embeddedLocation.json", {}))
    made["SENSOR"] = key("Sensors", load("sensors/sensor.json", {}))
    made["OBSERVEDPROPERTY"] = made["OBSPROP"] = key("ObservedProperties", load("observedproperties/2.json", {}))
    made["FOI"] = key("FeaturesOfInterest", load("foi/foi.json", {}))
    made["DATASTREAM"] = key("Datastreams", load("datastreams/5.json", made))
    return made


def load(name, keys):
    """The template with its keys filled in."""
    text = (FOLDER / name).read_text("utf-8")
    return json.loads(re.sub(r"\$([A-Z]+)[-_]ID", lambda found: str(keys[found[1]]), text))


def sent(api, keys, name):
    """The answer to a template at the place it is meant for."""
    kind = name.partition("/")[0]
    body = load(name, keys)
    if name == "observations/dataArray.json":
        return api("POST", "CreateObservations", body)
    if kind == "unitsOfMeasurement":
        whole = load("datastreams/datastream.json", keys)
        return api("POST", "Datastreams", {**whole, "unitOfMeasurement": body})
    if kind == "datastreams" and "Thing" not in body:
        return api("POST", f"Things({keys['THING']})/Datastreams", body)
    if kind == "observations" and "Datastream" not in body:
        return api("POST", f"Datastreams({keys['DATASTREAM']})/Observations", body)
    sets = {
        "thing": "Things",
        "locations": "Locations",
        "sensors": "Sensors",
        "observedproperties": "ObservedProperties",
        "foi": "FeaturesOfInterest",
        "datastreams": "Datastreams",
        "observations": "Observations",
    }
    return api("POST", sets[kind], body)


def test_every_example_is_taken_or_refused_for_cause(api, keys):
    refused = {}
    for name in FILES:
        told = sent(api, keys, name)
        if told.status != 201:
            refused[name] = (told.status, told.body["message"])
        elif name == "observations/dataArray.json":
            assert [api("GET", place.removeprefix(BASE)).body["result"] for place in told.body] == [65, 60]
        else:
            again = api("GET", told.headers["Location"].removeprefix(BASE))
            assert again.status == 200
            body = load(name, keys)
            for part in ("description", "metadata", "definition", "properties", "location", "feature", "result"):
                if part in body and name.partition("/")[0] != "unitsOfMeasurement":
                    assert again.body[part] == body[part], name
    assert refused == {name: (400, why) for name, why in REFUSED.items()}
