"""The raw readings of hours that are behind the border, for the roll-ups of late ones: archived, or about to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from miasto.kernel.observations.store.reading import HOUR, Reading, settled


def readings(hours: Sequence[tuple[int, datetime]]) -> list[Reading]:
    """All readings of the (series, start of a UTC hour) pairs but the late ones, in any order."""
    if not hours:
        return []
    wanted = set(hours)
    starts = [start for _series, start in hours]
    found = settled({series for series, _start in hours}, min(starts), max(starts) + HOUR)
    return [one for one in found if (one.series, one.time.replace(minute=0, second=0, microsecond=0)) in wanted]
