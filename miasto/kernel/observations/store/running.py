"""The folder as a process: woken by the database when something was staged, it folds until nothing is left."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, close_old_connections, connections

from miasto.kernel.observations.store import folding, partitions, rolling
from miasto.kernel.observations.store.staging import CHANNEL

LOOK_EVERY_S = 1.0  # should a notice be lost, this is how late a reading may be
GATHER_S = 0.03  # what comes close together is folded together
PARTITIONS_EVERY_S = 600.0
AGAIN_AFTER_S = 1.0
LATE_MOST = 2_000  # hours at once
LATE_WAITS_S = 1.0  # for the archive's bytes, since meanwhile nothing is folded
AWAY_S = 60.0  # until an archive that did not give a single hour is asked again

_log = logging.getLogger(__name__)


class Bell:
    """A connection of its own that hears when readings were staged, or what another channel says."""

    def __init__(self, channel: str = CHANNEL) -> None:
        self._channel, self._wrapper = channel, None

    def wait(self, seconds: float) -> list[str]:
        """What it says when it rings; nothing after so many seconds, or when it has only begun to listen.

        Raises Django's ``DatabaseError`` when the database is away.
        """
        if self._wrapper is None:
            self._wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
            with self._wrapper.cursor() as cursor:
                cursor.execute(f"LISTEN {self._channel}")
            return []  # what was staged before it listened
        with self._wrapper.wrap_database_errors:  # else a database that leaves raises what nobody here waits for
            return [notice.payload for notice in self._wrapper.connection.notifies(timeout=seconds, stop_after=1)]

    def close(self) -> None:
        """Forget the connection; the next wait makes another."""
        wrapper, self._wrapper = self._wrapper, None
        if wrapper is not None:
            wrapper.close()


def run(
    stop: threading.Event, *, shards: Sequence[int] = range(folding.SHARDS), ready: Callable[[], None] = lambda: None
) -> None:
    """Fold until ``stop`` is set. A database that goes away is waited for; nothing of what it had acknowledged is lost."""
    bell, pace, made = Bell(), Pace(), -PARTITIONS_EVERY_S
    while not stop.is_set():
        try:
            if time.monotonic() - made > PARTITIONS_EVERY_S:
                partitions.ahead()
                made = time.monotonic()
                ready()
                ready = lambda: None  # noqa: E731  said once
            if not turn(shards, pace):
                bell.wait(LOOK_EVERY_S)
                stop.wait(GATHER_S)
        except (DatabaseError, InterfaceError) as error:
            _log.warning("the database is away or busy (%s); folding again in %s s", type(error).__name__, AGAIN_AFTER_S)
            bell.close()
            close_old_connections()
            stop.wait(AGAIN_AFTER_S)
    bell.close()


class Pace:
    """How many readings make a chunk: what is folded in a third of a second, for so long an alert may wait behind it.

    Each lane has its own: where every reading raises or ends an alert, one costs as much as hundreds that no rule reads.
    ``late`` is how many hours of late readings are made at once, ``late_at`` from when on (the archive may be away).
    """

    LEAST, MOST, ENOUGH_S = 1_000, 50_000, 0.35
    LEAST_WATCHED, BEGIN_WATCHED = 20, 1_000

    def __init__(self) -> None:
        self.chunks = {lane: self.BEGIN_WATCHED if lane else 10_000 for lane in folding.LANES}
        self.late, self.late_at = LATE_MOST, 0.0  # hours of late readings at once, and when again

    def learn(self, lane: int, folded: int, seconds: float) -> None:
        """Take a chunk's time into account; after one that was much too long the next is as much smaller."""
        chunk = self.chunks[lane]
        if seconds > 2 * self.ENOUGH_S:
            fitting = int(min(folded, chunk) * self.ENOUGH_S / seconds)
            self.chunks[lane] = max(self.LEAST_WATCHED if lane else self.LEAST, min(chunk // 2, fitting))
        elif folded >= chunk and seconds < self.ENOUGH_S:
            self.chunks[lane] = min(self.MOST, chunk * 3 // 2)


def turn(shards: Sequence[int], pace: Pace) -> int:
    """A chunk of each lane, that of dangers to life again after each other one; returns how many readings were folded.

    Where nothing waits, late roll-ups are made.
    """
    life, *others = folding.LANES
    done = 0
    for lane in others:
        done += _chunk(shards, life, pace) + _chunk(shards, lane, pace)
    return done or _late(shards, pace)


def _late(shards: Sequence[int], pace: Pace) -> int:
    """Roll-ups of late readings need the archive: where it is slow or away, readings are folded all the same."""
    from miasto.kernel.observations.archive import place

    if time.monotonic() < pace.late_at:
        return 0
    try:
        with place.waiting(LATE_WAITS_S):
            done = rolling.roll_late(shards=shards, most=pace.late)
    except place.Unreachable as error:
        pace.late_at = time.monotonic() + (AWAY_S if pace.late == 1 else AGAIN_AFTER_S)
        pace.late = max(1, pace.late // 8)
        _log.warning("late hours wait for the archive: %s", error)
        return 0
    pace.late = min(LATE_MOST, pace.late * 2)
    return done


def _chunk(shards: Sequence[int], lane: int, pace: Pace) -> int:
    start = time.monotonic()
    done = folding.fold(shards=shards, most=pace.chunks[lane], lanes=(lane,))
    if done:
        pace.learn(lane, done, time.monotonic() - start)
    return done
