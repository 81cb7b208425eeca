"""New observations to whoever subscribes: ``v1.1/Datastreams(5)/Observations`` and ``v1.1/Observations``, QoS 0.

Entities that were made or changed go to ``v1.1/Things(5)`` and ``v1.1/Things``, so with every set; triggers of their tables
tell of them (migration 0014).

They go out after the commit that stored them, whichever process that was: what this one folds by a hook, what others do by
``store.told``. ``MIASTO_MQTT_OUT`` is the prefix under which everybody may hear them; those of streams that are not public go
under ``inside/``, which only the door can read (``rights``). A subscriber who was away reads what it missed from the API.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.mqtt.client import connect
from miasto.kernel.observations.mqtt.rights import INSIDE
from miasto.kernel.observations.sta.answering import Answer
from miasto.kernel.observations.sta.exchange import Problem, json_of, topics_of
from miasto.kernel.observations.sta.output import properties_of
from miasto.kernel.observations.sta.schema import OBSERVATION
from miasto.kernel.observations.store import flags, folding, told
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.store.running import Bell
from miasto.kernel.observations.store.told import Told

CHUNKS_WAITING_MOST = 20  # should the broker be slower than the folder, the newest of a flood is not published
LOOK_EVERY_S = 5.0  # should a notice be lost
ENTITIES = "observations_entities"  # the channel of the triggers

_log = logging.getLogger(__name__)


class Publisher:
    """Publishes each chunk from a thread of its own, so that no subscriber slows the fold."""

    def __init__(self, url: str) -> None:
        self._prefix = os.environ["MIASTO_MQTT_OUT"]
        self._waiting: queue.Queue[list[Told] | None] = queue.Queue(CHUNKS_WAITING_MOST)
        self._client = connect(url, "")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="MQTT publisher", daemon=True)
        self._others = [
            threading.Thread(target=self._listen, args=(told.CHANNEL, self._take), name="MQTT told by others", daemon=True),
            threading.Thread(target=self._listen, args=(ENTITIES, self._entities), name="MQTT entities", daemon=True),
        ]

    def start(self) -> None:
        """Connect and have every folded reading told."""
        self._client.loop_start()
        self._thread.start()
        for one in self._others:
            one.start()
        folding.forget_hook(told.note)
        folding.after_fold(self.tell, every=True)

    def stop(self) -> None:
        """Publish what waits, then leave."""
        folding.forget_hook(self.tell)
        self._stopping.set()
        self._ring()
        for one in self._others:
            one.join(timeout=LOOK_EVERY_S + 5)
        self._waiting.put(None)
        self._thread.join(timeout=5)
        self._client.disconnect()
        self._client.loop_stop()

    def _ring(self) -> None:
        """Who listens notices the end at once, and not only when nobody has rung for a while."""
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, ''), pg_notify(%s, '')", [told.CHANNEL, ENTITIES])

    def tell(self, readings: list[Reading]) -> None:
        """Called inside the fold: publish once it is committed."""
        transaction.on_commit(partial(self._put, [Told(*one) for one in readings]))

    def _put(self, some: list[Told]) -> None:
        try:
            self._waiting.put_nowait(some)
        except queue.Full:
            _log.warning("subscribers are slower than the readings; %s were not published", len(some))

    def _listen(self, channel: str, take: Callable[[list[str]], None]) -> None:
        """Take what others have stored, woken by the database."""
        bell = Bell(channel)
        while not self._stopping.is_set():
            try:
                take(bell.wait(LOOK_EVERY_S))
            except (DatabaseError, InterfaceError):
                bell.close()
                close_old_connections()
                self._stopping.wait(1)
        bell.close()
        connection.close()

    def _take(self, _notices: list[str]) -> None:
        while found := told.take():
            for chunk in found:
                self._put(chunk)

    def _entities(self, paths: list[str]) -> None:
        for path in filter(None, paths):
            for topic, payload in entity_messages(path, self._prefix):
                self._client.publish(topic, payload)

    def _work(self) -> None:
        while (some := self._waiting.get()) is not None:
            try:
                for topic, payload in messages(some, self._prefix):
                    self._client.publish(topic, payload)
            except (DatabaseError, InterfaceError):
                _log.warning("the database is away; %s readings were not published", len(some))
            finally:
                close_old_connections()


def messages(some: Sequence[Told], outside: str) -> list[tuple[str, str]]:
    """(topic, JSON of the Observation): what everybody may see under both of its topics, the rest inside; two queries."""
    series = {one.series for one in some}
    public = set(Datastream.objects.visible_to(ANONYMOUS).filter(pk__in=series).values_list("pk", flat=True))
    found = []
    for one, entity in zip(some, entities(some), strict=True):
        text = json.dumps(entity, ensure_ascii=False)
        topics = topics_of(one.series)
        found += [(outside + name, text) for name in topics] if one.series in public else [(INSIDE + topics[0], text)]
    return found


def entities(some: Sequence[Told]) -> list[dict[str, Any]]:
    """The same as Observations of the standard, in their order; one query where some have more than a number."""
    beside = _beside([one for one in some if one.n or one.flags & flags.EXTRA])
    base = f"{settings.BASE_URL}/api/sta/v1.1/"
    return [_entity(one, beside, base) for one in some]


def entity_messages(path: str, outside: str) -> list[tuple[str, str]]:
    """(topic, JSON) of a changed entity: its own topic, and that of its set where everybody may see it."""
    base = f"{settings.BASE_URL}/api/sta/v1.1/"
    for viewer in (ANONYMOUS, SYSTEM):
        try:
            text = json.dumps(Answer(viewer, base).read(path, []), ensure_ascii=False)
        except Problem:
            continue
        topic, plural = f"v1.1/{path}", f"v1.1/{path.partition('(')[0]}"
        return [(outside + topic, text), (outside + plural, text)] if viewer is ANONYMOUS else [(INSIDE + topic, text)]
    return []


def _entity(one: Told, beside: dict[tuple, dict[str, Any]], base: str) -> dict[str, Any]:
    made = json_of(Reading(one.series, one.time, one.value or 0.0, one.flags), base, one.n)
    extra = beside.get((one.series, one.time, one.n))
    if extra is None:
        return made
    return made | properties_of(OBSERVATION, {**extra, "value": one.value, "flags": one.flags})


def _beside(some: Sequence[Told]) -> dict[tuple, dict[str, Any]]:
    """What observations have beside a number, by (series, time, n)."""
    if not some:
        return {}
    names = ("series", "time", "n", "ends", "result", "result_time", "valid_from", "valid_to", "quality", "parameters")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {", ".join("x." + name for name in names)} FROM observations_extra x
                JOIN unnest(%s::int[], %s::timestamptz[], %s::int2[]) AS asked (series, time, n) USING (series, time, n)""",  # noqa: S608 - constants
            [[one.series for one in some], [one.time for one in some], [one.n for one in some]],
        )
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(row["series"], row["time"], row["n"]): row for row in rows}
