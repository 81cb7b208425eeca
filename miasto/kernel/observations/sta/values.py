"""A request of the API and its answer, wherever they come from: HTTP, or a part of a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request: ``path`` below the service's root, ``pairs`` of its query, ``body`` its JSON, ``kind`` its content type."""

    method: str
    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    body: Any = None
    kind: str = "application/json"


@dataclass(frozen=True)
class Told:
    """An answer: a status, JSON (or a ``Value``), and headers; ``busy`` where too many readings wait to be folded."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    busy: bool = False
