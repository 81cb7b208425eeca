"""For the other ways in and out of the engine: an observation as the standard's JSON, and back (18-088 § 8.2.7 and 14)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.inputs import Observed, observed
from miasto.kernel.observations.sta.output import number
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.store import flags
from miasto.kernel.observations.store.reading import Reading

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

__all__ = ["Observed", "Problem", "json_of", "parse_at", "parse_observation", "topics_of"]
VERSION = "v1.1"


def json_of(reading: Reading, base: str = "", n: int = 0) -> dict[str, Any]:
    """A reading as an Observation entity; ``base`` is the service's address with a slash at its end."""
    key = times.observation_id(reading.series, reading.time, n)
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


def parse_at(path: str, body: Any, *, by: Viewer, now: datetime) -> Observed:
    """The observation of a body sent to a path of the service that ends in Observations.

    It may name or bring its data stream and its feature, which are made under the rights of ``by``; not written itself.
    Raises ``Problem``, ``PermissionDenied``, ``UnknownSeries``.
    """
    from miasto.kernel.observations.sta.inserting import Inserter, model_of
    from miasto.kernel.observations.sta.paths import read_path
    from miasto.kernel.observations.sta.schema import OBSERVATION

    resource = read_path(path)
    if resource.last.entity is not OBSERVATION or not resource.last.is_set or resource.part or resource.ref:
        raise Problem(404, _("Nie ma takiego adresu: %(text)s.") % {"text": path[:100]})
    inserter, owner = Inserter(by, ""), None
    if len(resource.steps) > 1:
        parent, row = inserter.answer.found(resource.steps[:-1])
        owner = (parent.name, model_of(parent, row))
    return inserter.observed(body, owner, now)
