"""What MQTT and others take from here: a reading as the standard's JSON, and back."""

from datetime import UTC, datetime

import pytest

from miasto.kernel.observations.sta.exchange import Problem, json_of, parse_observation, topics_of
from miasto.kernel.observations.store import flags
from miasto.kernel.observations.store.reading import Reading

NOON = datetime(2026, 3, 1, 12, 0, 0, 500, tzinfo=UTC)


def test_a_reading_becomes_an_observation_and_one_again():
    reading = Reading(7, NOON, 21.0, flags.RESULT_TIME)
    body = json_of(reading, "http://x/")
    assert body["@iot.selfLink"] == f"http://x/Observations('7-{int(NOON.timestamp() * 1e6)}-0')"
    assert (body["result"], body["phenomenonTime"]) == (21, "2026-03-01T12:00:00.000500Z")
    again = parse_observation({"result": body["result"], "phenomenonTime": body["phenomenonTime"]}, 7, NOON)
    assert (again.reading.series, again.reading.time, again.reading.value) == reading[:3]
    assert topics_of(7) == ("v1.1/Datastreams(7)/Observations", "v1.1/Observations")


@pytest.mark.parametrize(
    "body", [[], {}, {"result": 1, "phenomenonTime": "wczoraj"}, {"result": 10**400}, {"result": 1, "x": 1}]
)
def test_what_is_no_observation_is_refused(body):
    with pytest.raises(Problem):
        parse_observation(body, 7, NOON)
