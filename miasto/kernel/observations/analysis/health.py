"""How a sensor does, from figures alone: did its readings come, is it silent, stuck or drifting, how much is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from miasto.kernel.observations.store.reading import RollUp

SILENT_STEPS = 6
LEAST_SILENCE = timedelta(minutes=30)
FEW = 0.9
LEAST_STEPS = 4
MUCH_REFUSED = 0.05
DRIFTED = 3.0


class State(StrEnum):
    """From the worst: what a keeper looks at first."""

    SILENT = "silent"
    STUCK = "stuck"
    REFUSED = "refused"
    DRIFTING = "drifting"
    GAPS = "gaps"
    WELL = "well"
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Health:
    """The figures of one stream over a span of time. ``came`` is the share of the expected readings (None: none is expected),

    ``stuck_hours`` how long the newest readings have not moved, ``refused`` the share that went to quarantine, ``drift`` the
    shift against the reference in units of its usual difference.
    """

    state: State
    came: float | None
    silent: timedelta | None
    stuck_hours: int
    refused: float
    drift: float | None


def health(
    *, now: datetime, span: timedelta, step: timedelta | None, last_at: datetime | None, hours: list[RollUp],
    quarantined: int, drift: float | None = None, still_hours: int = 0,
) -> Health:  # fmt: skip
    """Judge a stream by its hours in ``span`` before now.

    ``step`` is the usual time between its readings, ``still_hours`` as its property has it.

    One that reports less often than ``LEAST_STEPS`` times in the span (a laboratory) loses nothing that could be counted.
    """
    count = sum(one.n for one in hours)
    came = min(1.0, count / (span / step)) if step and step * LEAST_STEPS <= span else None
    silent = now - last_at if last_at else None
    stuck = stuck_hours(hours)
    refused = quarantined / (count + quarantined) if count + quarantined else 0.0
    limit = max(LEAST_SILENCE, SILENT_STEPS * step) if step else None
    state = _state(silent, limit, bool(still_hours) and stuck >= still_hours, refused, drift, came)
    return Health(state=state, came=came, silent=silent, stuck_hours=stuck, refused=refused, drift=drift)


def _state(
    silent: timedelta | None, limit: timedelta | None, stuck: bool, refused: float, drift: float | None, came: float | None
) -> State:
    if silent is None:
        return State.NEW
    signs = (
        (State.SILENT, limit is not None and silent > limit),
        (State.STUCK, stuck),
        (State.REFUSED, refused > MUCH_REFUSED),
        (State.DRIFTING, drift is not None and abs(drift) >= DRIFTED),
        (State.GAPS, came is not None and came < FEW),
    )
    return next((state for state, true in signs if true), State.WELL)


def stuck_hours(hours: list[RollUp]) -> int:
    """For how many of the newest hours the value has been one and the same; a value of 0 may well last (rain, a closed tap)."""
    if not hours:
        return 0
    last = hours[-1].last
    if last == 0:
        return 0
    runs = groupby(reversed(hours), key=lambda one: one.least == one.most == last)
    same, rows = next(runs)
    return len(list(rows)) if same else 0


def drift(pairs: list[tuple[float, float]]) -> float | None:
    """The shift of a sensor against a reference: ``(sensor, reference)`` of common hours in the order of time.

    The median difference of the last quarter less that of the first half, in units of the usual spread of the differences
    (1.4826 MAD); None for fewer than 48 hours.
    """
    import numpy as np

    if len(pairs) < 48:
        return None
    ours, theirs = np.array(pairs).T
    difference = ours - theirs
    before, after = difference[: len(pairs) // 2], difference[-(len(pairs) // 4) :]
    spread = 1.4826 * float(np.median(np.abs(before - np.median(before))))
    shift = float(np.median(after) - np.median(before))
    return shift / max(spread, 1e-9 + 0.001 * float(np.abs(theirs).mean()))
