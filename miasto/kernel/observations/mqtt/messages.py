"""What a message says: the topics of OGC SensorThings (18-088 § 14) and a short one for meters.

- ``v1.1/Datastreams(5)/Observations``: an Observation entity as JSON: ``result``, and ``phenomenonTime`` (an instant, or an
  interval, of which the beginning counts); without a time the moment of arrival.
- ``miasto/<source of the data stream>``: a number; or ``{"value": 21.5, "time": "2026-05-12T10:00:00Z"}``; or a list of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

_STANDARD = re.compile(r"v1\.[01]/Datastreams\((\d{1,9})\)/Observations")
SHORT = "miasto/"
MOST = 10_000  # readings in one message


class BadMessage(ValueError):
    """What cannot be read; the text says why and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One reading as it was said: by ``series`` or by ``source``; ``value`` None where ``raw`` is no number."""

    time: datetime
    value: float | None
    raw: str = ""
    series: int | None = None
    source: str | None = None


def read(topic: str, payload: bytes, arrived: datetime) -> list[Said]:
    """The readings of a message. Raises ``BadMessage``."""
    if found := _STANDARD.fullmatch(topic):
        return [_observation(_json(payload), int(found[1]), arrived)]
    if topic.startswith(SHORT) and len(topic) > len(SHORT):
        return [_short(one, topic.removeprefix(SHORT), arrived) for one in _each(_json(payload))]
    raise BadMessage("unknown topic")


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise BadMessage("no JSON") from None


def _each(body: Any) -> Iterator[Any]:
    if isinstance(body, list):
        if len(body) > MOST:
            raise BadMessage("too many readings in one message")
        yield from body
    else:
        yield body


def _observation(body: Any, series: int, arrived: datetime) -> Said:
    if not isinstance(body, dict) or "result" not in body:
        raise BadMessage("no result")
    when = body.get("phenomenonTime")
    value, raw = _number(body["result"])
    return Said(_time(when.split("/")[0] if isinstance(when, str) else when, arrived), value, raw, series=series)


def _short(body: Any, source: str, arrived: datetime) -> Said:
    if isinstance(body, dict):
        if "value" not in body:
            raise BadMessage("no value")
        value, raw = _number(body["value"])
        return Said(_time(body.get("time"), arrived), value, raw, source=source)
    value, raw = _number(body)
    return Said(arrived, value, raw, source=source)


def _number(value: Any) -> tuple[float | None, str]:
    if isinstance(value, bool):
        return float(value), ""
    try:
        return float(value), ""
    except (TypeError, ValueError, OverflowError):
        return None, json.dumps(value, ensure_ascii=False)[:200]


def _time(value: Any, arrived: datetime) -> datetime:
    if value is None:
        return arrived
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise BadMessage("no time of ISO 8601")
    if found.tzinfo is None:
        raise BadMessage("a time without a zone")
    return found
