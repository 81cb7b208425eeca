"""What a message is about: the topics of OGC SensorThings (18-088 § 14.1) and a short one for meters.

- ``v1.1/Datastreams(5)/Observations`` and ``v1.1/Observations``, or any other path that ends in Observations: an Observation
  entity as JSON, read as over HTTP (``sta.inputs.observed``).
- ``miasto/<source of the data stream>``: a number; or ``{"value": 21.5, "time": "2026-05-12T10:00:00Z",
  "unit": "°C"}``, where time and unit may be missing; or a list of these.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from miasto.kernel.observations.sta.exchange import Problem
from miasto.kernel.observations.sta.inputs import decode, key_in

_DIRECT = re.compile(r"v1\.[01]/(?:Datastreams\((\d{1,9})\)/)?Observations")
_PATH = re.compile(r"v1\.[01]/(.+/Observations)")
_ZONE = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)\Z")
SHORT = "miasto/"
MOST = 10_000  # readings in one message


class BadMessage(ValueError):
    """What cannot be read; the text says why and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One observation as it was said, its JSON in ``body``.

    Its data stream is known by ``series`` or by ``source``; or else the ``path`` below the service's root is to be asked.
    ``unit`` is the one that the sender names, if any.
    """

    body: Any
    arrived: datetime
    series: int | None = None
    source: str | None = None
    path: str | None = None
    unit: str = ""


def read(topic: str, payload: bytes, arrived: datetime) -> list[Said]:
    """The observations of a message. Raises ``BadMessage``."""
    if found := _DIRECT.fullmatch(topic):
        return [_observation(_json(payload), found[1], topic.partition("/")[2], arrived)]
    if topic.startswith(SHORT) and len(topic) > len(SHORT):
        return [_short(one, topic.removeprefix(SHORT), arrived) for one in _each(_json(payload))]
    if found := _PATH.fullmatch(topic):
        return [Said(_json(payload), arrived, path=found[1])]
    raise BadMessage("unknown topic")


def _json(payload: bytes) -> Any:
    try:
        return decode(payload)
    except Problem as problem:
        raise BadMessage(problem.message) from None


def _each(body: Any) -> Iterator[Any]:
    if isinstance(body, list):
        if len(body) > MOST:
            raise BadMessage("too many readings in one message")
        yield from body
    else:
        yield body


def _observation(body: Any, series: str | None, path: str, arrived: datetime) -> Said:
    """By number where the topic or the body's link says it; what brings entities along is for the path."""
    if not isinstance(body, dict) or "result" not in body:
        raise BadMessage("no result")
    number = int(series) if series else None
    if (link := body.get("Datastream")) is not None:
        key = key_in(link)
        number = int(key) if isinstance(key, int) or (isinstance(key, str) and key.isdecimal()) else None
    if number is None or body.get("FeatureOfInterest") is not None:
        return Said(body, arrived, path=path)
    return Said(body, arrived, series=number)


def _short(said: Any, source: str, arrived: datetime) -> Said:
    """A meter's words as an observation. A number may stand in quotes, and a time must say its zone."""
    when, unit = None, ""
    if isinstance(said, dict):
        if "value" not in said:
            raise BadMessage("no value")
        unit = said.get("unit") or ""
        said, when = said["value"], said.get("time")
        if not isinstance(unit, str):
            raise BadMessage("a unit that is no text")
        if when is not None and not (isinstance(when, str) and _ZONE.search(when)):
            raise BadMessage("no time of ISO 8601 with a zone")
    return Said({"result": _number(said), "phenomenonTime": when}, arrived, source=source, unit=unit[:40])


def _number(value: Any) -> Any:
    """A number of its quoted digits or of a truth value; anything else as it is."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        try:
            found = float(value)
        except ValueError:
            return value
        return found if math.isfinite(found) else value
    return value
