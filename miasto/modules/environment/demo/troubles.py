"""Sensors of the demo that misbehave, so that everything that watches over sensors has something to show from the start.

``[troubles]`` of the profile names them: one stuck at a value, one whose optics get dirty (it drifts off its reference),
one that sends impossible values, one whose readings got lost twice, one beside which something burned in the evening.
``began`` is when the demo was loaded, in hours since 1970: before and after it a moment has one value.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import marks
from miasto.kernel.core.city import city
from miasto.kernel.observations.selectors import Datastream
from miasto.kernel.observations.services import calibrate, look_for_anomalies, watch_shape

if TYPE_CHECKING:
    import numpy as np

BEGAN = "environment.demo_began"
DUST = ("pm10", "pm25")
STUCK_FOR_H, DIRTY_FOR_H, BURNED_BEFORE_H = 20.0, 7 * 24.0, 15.0
IMPOSSIBLE, EVERY = -1.0, 12  # a value below the sensor's range at every twelfth moment


def begin(now: datetime) -> None:
    """Note when the demo was loaded."""
    marks.put(BEGAN, now.isoformat())


def began() -> float | None:
    """When the demo was loaded, in hours since 1970; None in one that was loaded before there were troubles."""
    kept = marks.get(BEGAN)
    return (datetime.fromisoformat(kept) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(hours=1) if kept else None


def spoiled(trouble: str, code: str, hours: np.ndarray, values: np.ndarray, start: float) -> np.ndarray:
    """What a sensor in trouble says instead of ``values`` at ``hours`` since 1970; NaN where it says nothing."""
    import numpy as np

    if code not in DUST:
        return values
    if trouble == "stuck":
        return np.where(hours > start - STUCK_FOR_H, 41.0, values)
    if trouble == "drifting":
        dirt = np.clip((hours - start + DIRTY_FOR_H) / (DIRTY_FOR_H / 2), 0, 1)
        return (values * (1 + 0.8 * dirt)).round(1)
    if trouble == "burning":
        return (values + 240 * np.exp(-(((hours - start + BURNED_BEFORE_H) / 1.5) ** 2))).round(1)
    if trouble == "lost":
        return np.where((abs(hours - start + 27) < 2.6) | (abs(hours - start + 8) < 1.1), np.nan, values)
    if trouble == "refused":
        late = (hours > start - 48) & ((hours * 60).round().astype(int) // _step(hours) % EVERY == 0)
        return np.where(late, IMPOSSIBLE, values)
    raise ValueError(f"[troubles]: {trouble}")


def _step(hours: np.ndarray) -> int:
    """60 where the moments are whole hours, else 1 (minutes)."""
    return 60 if ((hours * 60).round() % 60 == 0).all() else 1


def watch(made: list[tuple[dict[str, Any], dict[str, Datastream]]]) -> None:
    """Calibrate the sensors that the profile names against a reference, watch the shape of its days, look for the unusual."""
    profile = city().toml("demo_environment.toml").get("calibrated", {})
    by_slug = {row["slug"]: streams for row, streams in made}
    reference = by_slug.get(profile.get("reference", ""))
    if reference is None:
        return
    for slug in profile["sensors"]:
        with suppress(ValidationError):  # in some season the line of a month may not help, and then it is not offered
            calibrate(stream=by_slug[slug]["pm10"], reference=reference["pm10"], by=SYSTEM)
    watch_shape(stream=reference["pm10"], on=True, by=SYSTEM)
    look_for_anomalies()
