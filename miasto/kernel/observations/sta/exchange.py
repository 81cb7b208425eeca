"""For the other ways in and out of the engine: an observation as the standard's JSON, and back (18-088 § 8.2.7 and 14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.inputs import Observed, observed
from miasto.kernel.observations.sta.output import number
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.store import flags
from miasto.kernel.observations.store.reading import Reading

__all__ = ["Observed", "Problem", "json_of", "parse_observation", "topics_of"]
VERSION = "v1.1"


def json_of(reading: Reading, base: str = "") -> dict[str, Any]:
    """A reading as an Observation entity; ``base`` is the service's address with a slash at its end."""
    key = times.observation_id(reading.series, reading.time, 0)
    link = f"{base}Observations('{key}')"
    moment = times.text_of(reading.time)
    return {
        "@iot.id": key,
        "@iot.selfLink": link,
        "phenomenonTime": moment,
        "result": number(float(reading.value)),
        "resultTime": moment if reading.flags & flags.RESULT_TIME else None,
        "Datastream@iot.navigationLink": f"{base}Datastreams({reading.series})",
        "FeatureOfInterest@iot.navigationLink": f"{link}/FeatureOfInterest",
    }


def topics_of(series: int) -> tuple[str, str]:
    """The topics under which an observation of a data stream is told (§ 14.2)."""
    return f"{VERSION}/Datastreams({series})/Observations", f"{VERSION}/Observations"


def parse_observation(body: Any, series: int, now: datetime) -> Observed:
    """The observation of a body for a known data stream; ``now`` where it says no time. Raises ``Problem``."""
    return observed(body, series, now)
