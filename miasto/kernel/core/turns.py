"""Turns: at most so many things at once for one, and for all, in this process; who gets none does not wait here.

Who is told to come again takes no place of others meanwhile. Two relatives count what this cannot:
``observations.alerts.turns`` keeps turns apart for dangers to life and for receivers that fail; ``observations.mqtt.sharing``
counts nothing: it is a queue that takes from each sender in turn, because a message that has come may not be refused.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Turns:
    """Safe for several threads. ``everybody``: how many at once for all together; None for any number."""

    def __init__(self, everybody: int | None = None) -> None:
        self.everybody = everybody
        self._taken: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    @property
    def crowded(self) -> bool:
        """Whether all turns are taken."""
        return self.everybody is not None and self._taken.total() >= self.everybody

    def free(self, who: Hashable, each: int) -> bool:
        """Whether there is a turn for somebody who may have ``each``; a moment later there may be none."""
        return self._taken[who] < each and not self.crowded

    @contextmanager
    def take(self, who: Hashable, each: int) -> Iterator[bool]:
        """Whether a turn was free; it is held as long as the block lasts."""
        with self._lock:
            given = self.free(who, each)
            if given:
                self._taken[who] += 1
        try:
            yield given
        finally:
            if given:
                with self._lock:
                    self._taken[who] -= 1
                    if not self._taken[who]:
                        del self._taken[who]
