"""New readings to partners' servers: batches of CloudEvents 1.0 (HTTP binding, § 3.3), one event for a data stream.

At least once, the readings of a stream in the order in which they came, signed as alerts are. A batch that is not acknowledged
is sent again, ever more rarely; what came meanwhile follows it. ``noting`` keeps what waits and says what was lost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import F

from miasto.kernel.core import clock
from miasto.kernel.core.jobs import job, periodic
from miasto.kernel.observations.alerts import noting
from miasto.kernel.observations.alerts.telling import Patience, Refused, send_signed
from miasto.kernel.observations.models import AlertHook, Datastream, HookReadings
from miasto.kernel.observations.mqtt.publishing import entities
from miasto.kernel.observations.sta.times import text_of
from miasto.kernel.observations.store.told import Told

MEDIA = "application/cloudevents-batch+json; charset=utf-8"
READINGS, LOST = "city.readings.v1", "city.readings.lost.v1"
POST_MOST = 1000  # readings
POSTS_MOST, RUN_S = 20, 10.0  # in one run of the job: who takes them slowly makes room for others
SAID = ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters", "@iot.selfLink")


@periodic(name="observations.wake_readings", cron="* * * * *", queue="readings_out")
def wake_readings() -> None:
    """Ask for what waits and was not asked for: a process died between its fold and that."""
    noting.wake(noting.waiting())


@job(name="observations.post_readings", queue="readings_out", retry=False)
def post_readings(*, hook_id: str) -> None:
    """Send one partner what waits for it. Where it does not take it, the next run is asked for here.

    Not by a retry: the fold asks for the next run while this one works, and of one name only one may wait.
    """
    hook = AlertHook.objects.filter(pk=hook_id, active=True, readings=True).first()
    if hook is None:
        noting.forget(UUID(hook_id))
        return
    if hook.readings_next_at is not None and hook.readings_next_at > clock.now():
        noting.wake([hook.pk], at=hook.readings_next_at)
        return
    until = time.monotonic() + RUN_S
    for _post in range(POSTS_MOST):
        rows, more = _batch(hook)
        try:
            _send(hook, rows)
        except Refused:
            _put_off(hook)
            return
        noting.forget(hook.pk, [row.pk for row in rows])
        if not more:
            return
        if time.monotonic() > until:
            break
    noting.wake([hook.pk])


def _batch(hook: AlertHook) -> tuple[list[HookReadings], bool]:
    """The oldest rows with at most ``POST_MOST`` readings, and whether others wait behind them."""
    found = HookReadings.objects.filter(hook=hook).order_by("id")
    taken, readings = [], 0
    sizes = list(found.values_list("id", "n")[: POST_MOST + 1])
    for row_id, n in sizes[:POST_MOST]:
        readings += n
        if readings > POST_MOST:
            break
        taken.append(row_id)
    return list(found.filter(pk__in=taken)), len(sizes) > len(taken)


def _send(hook: AlertHook, rows: Sequence[HookReadings]) -> None:
    """Raises ``Refused``. Nothing is sent of what the partner may no longer see."""
    events = events_of(hook, rows)
    if not events:
        return
    send_signed(hook, json.dumps(events, ensure_ascii=False).encode(), MEDIA)
    AlertHook.objects.filter(pk=hook.pk).update(readings_failures=0, readings_next_at=None, last_ok_at=clock.now())


def _put_off(hook: AlertHook) -> None:
    pause = timedelta(seconds=min(3 ** (min(hook.readings_failures, 10) + 1), Patience.REST_S))
    at = clock.now() + pause
    AlertHook.objects.filter(pk=hook.pk).update(readings_failures=F("readings_failures") + 1, readings_next_at=at)
    noting.wake([hook.pk], at=at)


def events_of(hook: AlertHook, rows: Sequence[HookReadings]) -> list[dict[str, Any]]:
    """What was lost, then the readings of rows in their order. An event has the same ``id`` at every repetition."""
    wanted = {one for row in rows for one in row.series}
    found = noting.streams_for(hook).filter(pk__in=wanted).select_related("observed_property")
    streams = {one.pk: one for one in found}
    told = [
        (row.pk, Told(*one))
        for row in rows
        for one in zip(row.series, row.time, row.value, row.flags, strict=True)
        if one[0] in streams
    ]
    made = zip(told, entities([one for _row, one in told]), strict=True)
    groups = groupby(made, key=lambda pair: (pair[0][0], pair[0][1].series))
    lost = [_lost(row) for row in rows if row.gone]
    return lost + [_event(row, streams[series], [entity for _one, entity in pairs]) for (row, series), pairs in groups]


def _event(row: int, stream: Datastream, observations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    data = {
        "@iot.selfLink": f"{_base()}Datastreams({stream.pk})",
        "name": stream.name,
        "property": stream.observed_property.code or stream.observed_property.name,
        "unit": stream.unit_symbol,
        "readings": [{name: one[name] for name in SAID if one.get(name) is not None} for one in observations],
    }
    return {
        **_head(READINGS, f"readings-{row}-{stream.pk}"),
        "subject": f"v1.1/Datastreams({stream.pk})",
        "time": text_of(clock.now()),
        "data": data,
    }


def _lost(row: HookReadings) -> dict[str, Any]:
    since, until = text_of(row.since), text_of(row.until)
    asked = quote(f"phenomenonTime ge {since} and phenomenonTime le {until}")
    data = {
        "readings": row.gone,
        "from": since,
        "to": until,
        "read": f"{_base()}Observations?$filter={asked}",
    }
    return {
        **_head(LOST, f"readings-lost-{row.pk}"),
        "subject": "v1.1/Observations",
        "time": text_of(clock.now()),
        "data": data,
    }


def _head(kind: str, identifier: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": f"{settings.BASE_URL}/",
        "type": kind,
        "datacontenttype": "application/json",
    }


def _base() -> str:
    return f"{settings.BASE_URL}/api/sta/v1.1/"
