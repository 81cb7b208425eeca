"""How well the crest of a flood is foretold: its height and its hour, against persistence and the continued speed.

    var/venv/bin/python benchmarks/crests.py            # the demo's rivers, three years of them; MIASTO_DATA: a real wave

The demo's rivers are made of its rain by a formula (``demo/signals.py``), so they are easier than real ones; the real wave is
the only one at hand, hourly by interpolation, without rain, and too short to learn from: only plain rules are judged on it.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")

import django
import numpy as np

YEARS, LEARNED, HORIZON, RISE = 3, 91 * 24, 12, 10.0
GAINS = (3.4, 2.6, 3.9, 2.2, 2.0, 3.1, 3.3, 2.4)
BEGIN = (datetime(2023, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * 24.0


django.setup()
DAY = 24


def crests(came: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Errors of height (cm) and of time (hours) of the highest of the next hours: (places, horizon) both."""
    height = np.abs(told.max(axis=1) - came.max(axis=1))
    return height, np.abs(told.argmax(axis=1) - came.argmax(axis=1)).astype(float)


def report(name: str, place: str, errors: tuple[np.ndarray, np.ndarray]) -> None:
    height, time = errors
    print(f"| {place} | {name} | {len(height)} | {height.mean():.1f} | {np.quantile(height, 0.9):.1f} | {time.mean():.1f} |")


def demo() -> None:
    from miasto.kernel.observations.forecasting import driven
    from miasto.kernel.observations.forecasting.driving import rules
    from miasto.modules.environment.demo import signals

    hours = BEGIN + np.arange(YEARS * 365 * DAY, dtype=float)
    now = signals.sky(hours, 7.0)
    rain = np.mean([signals._MADE["rain"](now, {}, 7.0 + salt) for salt in range(3, 60, 4)], axis=0)
    levels = np.array(
        [
            signals.values("water_level", now, {"salt": 11.0 * n, "city": 7.0, "base": 60, "gain": gain}, 7.0)
            for n, gain in enumerate(GAINS)
        ]
    ).round()
    found: dict[str, list] = {}
    for row, values in enumerate(levels):
        others = np.delete(levels, row, 0)
        for start in range(LEARNED, len(values) - HORIZON - 1, 7 * DAY):
            learned = driven.learn(
                values[start - LEARNED : start],
                rain[None, start - LEARNED : start],
                others[:, start - LEARNED : start],
                HORIZON,
            )
            at = np.arange(start, min(start + 7 * DAY, len(values) - HORIZON - 1), 2)
            came = np.stack([values[place + 1 : place + 1 + HORIZON] for place in at])
            rising = came.max(axis=1) - values[at] >= RISE
            if learned is None or not rising.any():
                continue
            told = rules(values, at, HORIZON) | {"driven": driven.predict(learned, values, rain[None], others, at)}
            for name in ("still", "rate", "driven"):
                found.setdefault(name, []).append(crests(came[rising], told[name][rising]))
                coming = np.array([rain[place + 1 : place + 7].sum() < 0.5 for place in at])
                found.setdefault(f"{name}, no more rain", []).append(crests(came[rising & coming], told[name][rising & coming]))
    for name, parts in found.items():
        report(name, "demo, eight gauges, three years", tuple(np.concatenate(one) for one in zip(*parts, strict=True)))


def real() -> None:
    from miasto.kernel.observations.forecasting.driving import rules
    from miasto.modules.environment.feeds import imgw

    files = sorted(Path(os.environ.get("MIASTO_DATA", "")).glob("*/imgw_hydro_150200090_*.csv"))
    if not files:
        return
    with files[0].open(encoding="utf-8") as lines:
        wave = imgw.gauge_history(lines)
    first = wave[0][0]
    times = np.array([(at - first).total_seconds() / 3600 for at, _level, _flow in wave])
    values = np.interp(np.arange(int(times[-1]) + 1), times, [level for _at, level, _flow in wave])
    at = np.array(
        [
            place
            for place in range(4, len(values) - HORIZON)
            if values[place + 1 : place + 1 + HORIZON].max() - values[place] >= RISE
        ]
    )
    came = np.stack([values[place + 1 : place + 1 + HORIZON] for place in at])
    padded = np.concatenate([np.full(DAY, values[0]), values])
    told = rules(padded, at + DAY, HORIZON)
    for name in ("still", "rate"):
        report(name, "IMGW, Bobrza at the town, 12 May 2026", crests(came, told[name]))


if __name__ == "__main__":
    print("| where | method | moments | height, mean cm | 9 of 10 within | time, mean h |\n|---|---|---:|---:|---:|---:|")
    demo()
    real()
