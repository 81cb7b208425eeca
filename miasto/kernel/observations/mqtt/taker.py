"""A thread that makes what arrives durable, many messages at once, and says when it is."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections

from miasto.kernel.observations.ingest import Busy
from miasto.kernel.observations.mqtt.taking import Message, Taken, Verdict, take

AT_ONCE = 2000
GATHER_S = 0.02

_log = logging.getLogger(__name__)


class Taker:
    """``done(token, verdict)`` is called from its thread for each message once it is committed, or will never be."""

    def __init__(self, done: Callable[[Any, Verdict], None]) -> None:
        self._done = done
        self._stopping = threading.Event()
        self._arrived: queue.SimpleQueue[tuple[Any, Message]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="MQTT readings", daemon=True)
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to take."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being taken; the rest is sent again by who was not answered."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def put(self, token: Any, message: Message) -> None:
        """Have a message taken."""
        self._arrived.put((token, message))

    def _work(self) -> None:
        while not self._stopping.is_set():
            if some := self._some():
                self._take(some)

    def _take(self, some: list[tuple[Any, Message]]) -> None:
        """Take messages and say so, however long the database is away; one that is refused is found by halving."""
        while not self._stopping.is_set():
            try:
                taken = take([message for _token, message in some])
            except Busy as busy:
                self._stopping.wait(min(busy.retry_after, 5))
            except (OperationalError, InterfaceError) as error:
                _log.warning("the database is away (%s); messages wait unanswered", type(error).__name__)
                close_old_connections()
                self._stopping.wait(1)
            except Exception as error:
                if len(some) > 1:
                    self._take(some[: len(some) // 2])
                    self._take(some[len(some) // 2 :])
                    return
                _log.error("a message at %.80r was refused: %s", some[0][1].topic, type(error).__name__)
                self._tell(some, Taken([Verdict.BAD], Counter(bad=1)))
                return
            else:
                self._tell(some, taken)
                return

    def _tell(self, some: list[tuple[Any, Message]], taken: Taken) -> None:
        self.counts += taken.counts
        for (token, _message), verdict in zip(some, taken.verdicts, strict=True):
            self._done(token, verdict)

    def _some(self) -> list[tuple[Any, Message]]:
        """What has arrived, gathered for a moment; nothing after a second of silence."""
        try:
            found = [self._arrived.get(timeout=1)]
        except queue.Empty:
            return []
        end = time.monotonic() + GATHER_S
        while len(found) < AT_ONCE and (left := end - time.monotonic()) > 0:
            try:
                found.append(self._arrived.get(timeout=left))
            except queue.Empty:
                break
        return found
