"""A thread that makes what arrives durable, many messages at once, and says when it is."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections

from miasto.kernel.observations.ingest import Busy
from miasto.kernel.observations.mqtt.sharing import Shares
from miasto.kernel.observations.mqtt.taking import Message, Taken, Verdict, take, urgent

AT_ONCE, ROOM = 2000, 512 * 1024  # messages and bytes of a transaction
LITTLE = 20  # messages of one sender
GATHER_S = 0.02
FULL_S = 0.5  # between two looks whether there is room again

Waiting = tuple[Any, Message]

_log = logging.getLogger(__name__)


def _little_first(some: list[Waiting]) -> list[list[Waiting]]:
    """Two transactions instead of one where somebody sends much: who sends little does not wait for that."""
    counts = Counter(message.by for _token, message in some)
    little = [one for one in some if counts[one[1].by] <= LITTLE]
    much = [one for one in some if counts[one[1].by] > LITTLE]
    return [part for part in (little, much) if part]


class Taker:
    """``done(token, verdict)`` is called from its thread for each message once it is committed, or will never be.

    Each sender has its turn, and where too much waits to be folded, readings of dangers to life are taken before the rest.
    """

    def __init__(self, done: Callable[[Any, Verdict], None]) -> None:
        self._done = done
        self._stopping = threading.Event()
        self._arrived: Shares[Waiting] = Shares()
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
        self._arrived.put(message.by, (token, message), len(message.payload))

    def _work(self) -> None:
        while not self._stopping.is_set():
            for some in _little_first(self._some()):
                self._take(some)

    def _take(self, some: list[Waiting]) -> None:
        """Take messages and say so, however long the database is away; one that is refused is found by halving."""
        while not self._stopping.is_set():
            try:
                taken = take([message for _token, message in some])
            except Busy:
                self._full(some)
                return
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

    def _full(self, some: list[Waiting]) -> None:
        """There is room for dangers to life only; the rest waits at its place, and who sent it unanswered."""
        try:
            grave = urgent([message for _token, message in some])
        except (OperationalError, InterfaceError):
            close_old_connections()
            grave = set()
        rest = [one for place, one in enumerate(some) if place not in grave]
        self._arrived.back((one[1].by, one, len(one[1].payload)) for one in rest)
        if grave and rest:
            self._take([some[place] for place in sorted(grave)])
        elif grave:
            self._arrived.back((one[1].by, one, len(one[1].payload)) for one in some)
        self._stopping.wait(FULL_S)

    def _tell(self, some: list[Waiting], taken: Taken) -> None:
        self.counts += taken.counts
        for (token, _message), verdict in zip(some, taken.verdicts, strict=True):
            self._done(token, verdict)

    def _some(self) -> list[Waiting]:
        """What has arrived, gathered for a moment; nothing after a second of silence."""
        if not self._arrived.wait(1):
            return []
        self._stopping.wait(GATHER_S)
        return [one for _sender, one, _size in self._arrived.take(AT_ONCE, ROOM)]
