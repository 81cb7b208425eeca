"""Parts of pages that are the same for every reader, kept in this process until what they show has changed.

Kept only while the changes of the tables are heard (in a web process, see ``core.freshness``); everywhere else, and while the
database is away, each part is drawn anew.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import get_language

from miasto.kernel.core.freshness import Listener, listener, tell_of
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.ui import Shared

PARTS_MOST = 256


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    version: tuple[int, ...]
    until: float


class Shelf:
    """The parts kept by one process, the least recently used of which go first."""

    def __init__(self, *, heard: Listener = listener, most: int = PARTS_MOST) -> None:
        self._heard = heard
        self._most = most
        self._parts: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, spec: Shared, variant: Hashable, make: Callable[[], Any]) -> Any:
        """The part's value in the reader's language, made where it is not kept or no longer true."""
        version = self._heard.version(tables_of(spec))
        if version is None:
            return make()
        key = (spec.key, get_language(), variant)
        found = self._parts.get(key)
        if found is not None and found.version == version and time.monotonic() < found.until:
            with self._lock:
                if key in self._parts:
                    self._parts.move_to_end(key)
            return found.value
        value = make()
        with self._lock:
            self._parts[key] = _Kept(value, version, time.monotonic() + spec.seconds)
            self._parts.move_to_end(key)
            while len(self._parts) > self._most:
                self._parts.popitem(last=False)
        return value


_shelf = Shelf()


def kept(part: str, variant: Hashable, make: Callable[[], Any]) -> Any:
    """What ``make`` returns, kept under the ``Shared`` part of that key; ``variant`` tells its forms apart (the filters).

    ``make`` must not know who reads: whatever it returns is shown to everybody. Raises ``LookupError`` for a part that
    nobody declared.
    """
    return _shelf.get(registry().get(Shared, part), variant, make)


@cache
def tables_of(spec: Shared) -> frozenset[str]:
    """The tables of the part's models; raises ``LookupError`` for a model that does not exist."""
    return frozenset(apps.get_model(label)._meta.db_table for label in spec.models)


def install_triggers() -> list[str]:
    """Make the tables behind the parts tell of their changes; may be repeated."""
    return tell_of(table for spec in registry().all(Shared) for table in tables_of(spec))
