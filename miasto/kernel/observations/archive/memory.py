"""What was read of objects, kept in this process. No object changes and no name is used again, so nothing grows old."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Memory:
    """Values and what each takes, in bytes; at most ``most`` in all, those go first that were not asked for the longest."""

    def __init__(self, most: int) -> None:
        self.most, self.held = most, 0
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value, if a quarter of the memory has room for it."""
        if size > self.most // 4:
            return
        with self._lock:
            self.held += size - self._values.pop(key, (None, 0))[1]
            self._values[key] = value, size
            while self.held > self.most:
                self.held -= self._values.popitem(last=False)[1][1]
