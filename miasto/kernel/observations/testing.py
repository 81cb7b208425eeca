"""Things, data streams and readings for tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.analysis.models import Anomaly
from miasto.kernel.observations.forecasting.models import ForecastSkill, Foretold
from miasto.kernel.observations.models import Alert, AlertRule, Datastream, ObservedProperty, Sensor, Thing
from miasto.kernel.observations.services import import_history, ingest, save_thing
from miasto.kernel.observations.store import partitions
from miasto.kernel.observations.store.reading import Reading

_numbers: Iterator[int] = count(1)
TABLES = "staging, reading, extra, latest, hour, day, late, dirty, told, listened"


def make_thing(name: str = "", **values: Any) -> Thing:
    """A saved thing; without a place unless ``geom`` is given."""
    return save_thing(Thing(name=name or f"Punkt {next(_numbers)}", **values), by=SYSTEM)


def make_datastream(thing: Thing | None = None, **values: Any) -> Datastream:
    """A data stream of a thing (a new one by default). ``values`` are its columns; ``code`` ties it to a declared property."""
    number = next(_numbers)
    code = values.pop("code", None)
    known = {"name": code or "temperature", "definition": "http://example.org/property"}
    observed, _made = ObservedProperty.objects.get_or_create(code=code, defaults=known) if code else (None, False)
    values.setdefault("observed_property", observed or ObservedProperty.objects.create(**known))
    if "sensor" not in values:
        values["sensor"] = Sensor.objects.create(name=f"Czujnik {number}", metadata="http://example.org/sensor")
    values.setdefault("name", f"Seria {number}")
    return Datastream.objects.create(thing=thing or make_thing(), **values)


def put(
    stream: Datastream,
    values: Sequence[float | Reading],
    *,
    end: datetime | None = None,
    step: timedelta = timedelta(minutes=10),
    history: bool = False,
) -> list[Reading]:
    """Readings of a stream, folded: the last at ``end`` (now), the others ``step`` apart before it; or ready ``Reading``s.

    With ``history`` they are imported as old ones, which no alert rule is told.
    """
    last = end or clock.now()
    readings = [
        one if isinstance(one, Reading) else Reading(stream.pk, last - step * (len(values) - 1 - place), float(one))
        for place, one in enumerate(values)
    ]
    if history:
        import_history(readings, by=SYSTEM)
    else:
        ingest(readings, by=SYSTEM, wait=True)
    return readings


def put_forecast(
    stream: Datastream, values: Sequence[float], *, half: float, error: float = 1.0, method: str = "model"
) -> None:
    """The newest forecast of a stream, hour by hour from the present one on, and how good its method was in the last trial."""
    now = clock.now()
    start = now.replace(minute=0, second=0, microsecond=0)
    Foretold.objects.update_or_create(
        datastream=stream,
        defaults={
            "made_at": now, "method": method, "start": start, "first_at": start, "values": list(values),
            "halves": [half] * len(values), "floor": None,
        },
    )  # fmt: skip
    ForecastSkill.objects.update_or_create(
        datastream=stream, at=now,
        defaults={
            "method": method, "baseline": "still", "model_error": error, "baseline_error": 2 * error, "covered": 0.8,
            "hours": 480, "ahead": len(values), "model_by_band": [error] * 4, "baseline_by_band": [2 * error] * 4,
        },
    )  # fmt: skip


def put_anomaly(stream: Datastream, start: datetime, *, value: float, usual: float | None, hours: int = 1) -> Anomaly:
    """A stretch of unusual hours as the analysis keeps it."""
    end = start + timedelta(hours=hours - 1)
    kind = Anomaly.Kind.SHAPE if usual is None else Anomaly.Kind.VALUE
    return Anomaly.objects.create(
        datastream=stream, kind=kind, start=start, end=end, value=value, usual=usual, score=9.0, hours=hours
    )


def put_alert(thing: Thing, name: str, raised_at: datetime, *, public: bool = True) -> Alert:
    """An alert that a rule of this name raised for a thing and that was cleared two hours later; nobody is told."""
    rule = AlertRule.objects.create(name=name, condition={}, public=public)
    over = raised_at + timedelta(hours=2)
    values = {"severity": rule.severity, "raised_at": raised_at, "seen_at": raised_at, "last_at": over, "cleared_at": over}
    return Alert.objects.create(rule=rule, thing=thing, state=Alert.State.CLEARED, code="pm10", **values)


def empty_store() -> None:
    """Empty the tables of the store, which no model owns, and forget its days: after a test with real transactions."""
    with connection.cursor() as cursor:
        for day in partitions.existing():
            cursor.execute(f"DROP TABLE observations_reading_{day:%Y%m%d}")
        cursor.execute("TRUNCATE " + ", ".join(f"observations_{name}" for name in TABLES.split(", ")))
        cursor.execute("UPDATE observations_store SET border = NULL, hot_days = 3")
