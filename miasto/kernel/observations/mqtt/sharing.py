"""What waits to be stored, taken from each sender in turn, so that a flood of one holds up nobody else.

Why this is not ``core.turns``: there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Shares(Generic[Item]):
    """A queue for each sender. Safe for several threads that put and one that takes."""

    def __init__(self) -> None:
        self._queues: OrderedDict[Hashable, deque[tuple[Item, int]]] = OrderedDict()
        self._changed = threading.Condition()

    def put(self, sender: Hashable, item: Item, size: int) -> None:
        """Let an item of so many bytes wait."""
        with self._changed:
            self._queues.setdefault(sender, deque()).append((item, size))
            self._changed.notify()

    def back(self, items: Iterable[tuple[Hashable, Item, int]]) -> None:
        """Put items, in their order, before what waits of their senders."""
        with self._changed:
            for sender, item, size in reversed(list(items)):
                self._queues.setdefault(sender, deque()).appendleft((item, size))

    def wait(self, seconds: float) -> bool:
        """Until something waits; False when the time is over."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._queues), seconds)

    def take(self, most: int, room: int) -> list[tuple[Hashable, Item, int]]:
        """At most ``most`` items of about ``room`` bytes: one of each sender, then the next of each."""
        found: list[tuple[Hashable, Item, int]] = []
        with self._changed:
            while self._queues and len(found) < most and room > 0:
                sender, waiting = next(iter(self._queues.items()))
                item, size = waiting.popleft()
                found.append((sender, item, size))
                room -= size
                if waiting:
                    self._queues.move_to_end(sender)
                else:
                    del self._queues[sender]
        return found
