"""The readings of a few series out of the archive's files: by their row groups where these are known, else file by file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from miasto.kernel.observations.archive import duck, groups
from miasto.kernel.observations.archive.columns import Columns


def scan(
    files: Sequence[tuple[str, Any]], series: Sequence[int], start: datetime, end: datetime, *, most: int | None = None
) -> Columns:
    """Readings with ``start`` <= time < ``end``, by series and time; at most ``most``.

    ``files`` are names, by day, with the records of the row groups that may hold the series (None: not known).
    Raises ``place.Unreachable``.
    """
    known = [groups.Part(name, bytes(records)) for name, records in files if records]
    parts = [groups.scan(known, series, start, end, most=most)] if known else []
    if unknown := [name for name, records in files if not records]:
        parts.append(duck.scan(unknown, series, start, end, most=most))
    return parts[0] if len(parts) == 1 else duck.in_order(parts, most)
