"""How many messages may be on their way at once: to one receiver, to those that fail, and to all but for dangers to life.

A receiver that hangs holds its own turns only. Who gets no turn does not wait for one here, where it would take the place of
others: it comes again. Why these are not ``core.turns``: there.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Turns:
    """``each`` for one receiver (counted apart for dangers to life), ``plain`` for all messages that are about none.

    One for a receiver that did not take its last message, ``failing`` for all of those.
    """

    def __init__(self, *, each: int, plain: int, failing: int) -> None:
        self._each, self._plain, self._failing = each, plain, failing
        self._taken: Counter[tuple[Hashable, bool, bool]] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, receiver: Hashable, *, life: bool, failing: bool = False) -> Iterator[bool]:
        """Whether a turn was free; it is held as long as the block lasts."""
        key = (receiver, life, failing)
        with self._lock:
            given = self._free(receiver, life, failing)
            if given:
                self._taken[key] += 1
        try:
            yield given
        finally:
            if given:
                with self._lock:
                    self._taken[key] -= 1
                    if not self._taken[key]:
                        del self._taken[key]

    def _free(self, receiver: Hashable, life: bool, failing: bool) -> bool:
        mine = sum(count for (who, grave, _bad), count in self._taken.items() if (who, grave) == (receiver, life))
        plain = sum(count for (_who, grave, _bad), count in self._taken.items() if not grave)
        bad = sum(count for (_who, _grave, bad), count in self._taken.items() if bad)
        if failing and (mine or bad >= self._failing):
            return False
        return mine < self._each and (life or plain < self._plain)
