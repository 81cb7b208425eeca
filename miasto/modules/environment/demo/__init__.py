"""The environment of the demo city: stations with a year of history that go on measuring while the city runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock, marks
from miasto.kernel.observations.selectors import Datastream, Grade, Reading, Sensor
from miasto.kernel.observations.services import (
    ask_for_forecasts,
    import_datastreams,
    import_history,
    ingest,
    judge_sensors,
)
from miasto.modules.environment.reports import services as reports
from miasto.modules.environment.reports.models import EnvironmentReport

UNTIL = "environment.demo_until"
HOUR = timedelta(hours=1)
YEAR_DAYS, DAYS = 365, 30
MOST_GAP = timedelta(days=14)
CHUNK = 100_000


def load(*, seed: int) -> None:
    """Stations of the profile, a year or a month of hours for each of their streams."""
    from miasto.modules.environment import jobs
    from miasto.modules.environment.demo import files, heating, rules, sites, troubles

    sensors: dict[str, Sensor] = {}
    planned = [(row, sites.make(row, sensors)) for row in sites.rows()]
    import_datastreams(code_of=[one for _row, streams in planned for one in streams], by=SYSTEM)
    made = [(row, {code: stream for stream, code in streams}) for row, streams in planned]
    now = clock.now()
    troubles.begin(now)
    last = now.replace(minute=0, second=0, microsecond=0)
    found: list[Reading] = []
    for days in (YEAR_DAYS, DAYS):
        held = [one for one in made if bool(one[0].get("year")) == (days == YEAR_DAYS) and not one[0].get("lab")]
        found += _readings(held, [last - HOUR * step for step in range(24 * days, 0, -1)])
    found += _readings([one for one in made if one[0]["kind"] == "noise"][:2], _last_night(now))
    found += _readings([one for one in made if one[0].get("lab")], [last - timedelta(days=7 * week + 3) for week in range(20)])
    import_history(found, by=SYSTEM)
    troubles.watch(made)
    rules.load()
    heating.load(seed)
    files.load(seed=seed)
    judge_sensors()
    ask_for_forecasts()
    marks.put(UNTIL, now.isoformat())
    jobs.make_air_maps.defer(once="environment.air_maps")
    jobs.measure_noise.defer(once="environment.noise")
    jobs.keep_classes_now.defer(once="environment.classes")
    jobs.keep_warm.defer(once="environment.kept")
    jobs.keep_years.defer(once="environment.years")
    jobs.demo_report.defer(once="environment.demo_report")


def _last_night(now: datetime) -> list[datetime]:
    """The minutes between whole hours of the last night that is over: two places have its loud events from the start."""
    six = clock.local(now).replace(hour=6, minute=0, second=0, microsecond=0)
    end = (six if six <= now else six - timedelta(days=1)).astimezone(UTC)
    return [end - timedelta(minutes=step) for step in range(8 * 60 - 1, 0, -1) if step % 60]


def publish_report() -> None:
    """The report of last month is there to be read, as if a clerk had published it. A second call finds it published."""
    reports.ask_last_month()
    for one in EnvironmentReport.objects.filter(asked_by_id=None).exclude(state=EnvironmentReport.State.PUBLISHED).only("pk"):
        reports.make(one.pk)
        reports.publish(report_id=one.pk, by=SYSTEM)


def go_on(*, wait: bool = False) -> int:
    """Store what the stations have measured since the last time; returns how many. ``devices`` sends it by MQTT instead."""
    until, found = due(clock.now())
    for start in range(0, len(found), CHUNK):
        ingest(found[start : start + CHUNK], by=SYSTEM, wait=wait)
    if found:
        marks.put(UNTIL, until.isoformat())
    return len(found)


def due(moment: datetime) -> tuple[datetime, list[Reading]]:
    """What was measured since the last time, and until when: each minute, whole hours at the reference stations.

    Nothing in a city without the demo.
    """
    from miasto.modules.environment.demo import sites

    now = moment.replace(second=0, microsecond=0)
    kept = marks.get(UNTIL)
    if not kept:
        return now, []
    since = max(datetime.fromisoformat(kept), now - MOST_GAP)
    streams = {one.source: one for one in Datastream.objects.filter(source__startswith="demo:")}
    found: list[Reading] = []
    for row in sites.rows():
        if row.get("lab"):
            continue
        held = {code: one for code in row["codes"] if (one := streams.get(f"demo:{row['slug']}:{code}"))}
        hourly = row.get("grade", Grade.INDICATIVE) != Grade.INDICATIVE
        found += _readings([(row, held)], _moments(since, now, hourly=hourly))
    return now, found


def _moments(since: datetime, now: datetime, *, hourly: bool) -> list[datetime]:
    """The beginnings of the hours that ended in ``since`` < end <= ``now``; or each minute, and hours where it slept long."""
    whole = now.replace(minute=0)
    if hourly or now - since > 2 * HOUR:
        hours = int((whole - since) / HOUR) + 1 if whole > since else 0
        found = [whole - HOUR * step for step in range(hours, 0, -1)]
        return found if hourly else [*found, now]
    minutes = int((now - since) / timedelta(minutes=1))
    return [now - timedelta(minutes=step) for step in range(minutes - 1, -1, -1)]


def _readings(held: list[tuple[dict[str, Any], dict[str, Datastream]]], moments: list[datetime]) -> list[Reading]:
    import numpy as np

    from miasto.modules.environment.demo import signals, sites, troubles

    if not moments or not held:
        return []
    hours = np.array([(moment - datetime(1970, 1, 1, tzinfo=UTC)) / HOUR for moment in moments])
    now = signals.sky(hours, held[0][0]["city"])
    found: list[Reading] = []
    start = troubles.began() if any(row.get("trouble") for row, _streams in held) else None
    for row, streams in held:
        for code, stream in streams.items():
            made = sites.seen(code, row, signals.values(code, now, row, row["city"]))
            if start is not None and row.get("trouble"):
                made = troubles.spoiled(row["trouble"], code, hours, made, start)
            found += [
                Reading(stream.pk, moment, value)
                for moment, value in zip(moments, made.tolist(), strict=True)
                if value == value
            ]
    return found
