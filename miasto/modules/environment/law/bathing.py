"""Bathing water judged from laboratory samples: one sample, and the class of a water from many.

Regulation of the Minister of Health of 17 January 2019 on the supervision of the quality of water in bathing places (Dz.U. 2019
poz. 255) and directive 2006/7/EC, annexes I and II, inland waters. Counts are colony-forming units in 100 ml.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from statistics import fmean, stdev

ECOLI, ENTEROCOCCI = "ecoli", "enterococci"
SINGLE: Mapping[str, float] = {ECOLI: 1000, ENTEROCOCCI: 400}  # the current assessment of one sample
EXCELLENT: Mapping[str, float] = {ECOLI: 500, ENTEROCOCCI: 200}  # 95th percentile
GOOD: Mapping[str, float] = {ECOLI: 1000, ENTEROCOCCI: 400}  # 95th percentile
SUFFICIENT: Mapping[str, float] = {ECOLI: 900, ENTEROCOCCI: 330}  # 90th percentile
LEAST_SAMPLES = 16  # of the last four seasons
Z95, Z90 = 1.65, 1.282  # as annex II writes them


class Water(StrEnum):
    """The class of a bathing water."""

    EXCELLENT = "excellent"
    GOOD = "good"
    SUFFICIENT = "sufficient"
    POOR = "poor"


def sample_passes(counts: Mapping[str, float]) -> bool | None:
    """Whether one sample meets the limits of the current assessment; None unless both bacteria were counted."""
    if any(code not in counts for code in SINGLE):
        return None
    return all(counts[code] <= limit for code, limit in SINGLE.items())


def percentile(counts: Sequence[float], z: float) -> float:
    """The upper percentile of the log-normal distribution that the samples suggest (annex II); a count under 1 stands for 1.

    The annex does not say which standard deviation: that of a sample (n - 1) is taken, as what the few samples tell about the
    water is sought, and in doubt the bather is protected. It wants the detection limit in place of 0, which nobody tells here.
    """
    logs = [math.log10(max(count, 1)) for count in counts]
    return 10 ** (fmean(logs) + z * stdev(logs))


def water_class(samples: Mapping[str, Sequence[float]]) -> Water | None:
    """The class by both bacteria, the worse deciding; None with fewer than sixteen samples of either."""
    if any(len(samples.get(code, ())) < LEAST_SAMPLES for code in SINGLE):
        return None
    high = {code: percentile(samples[code], Z95) for code in SINGLE}
    if all(high[code] <= limit for code, limit in EXCELLENT.items()):
        return Water.EXCELLENT
    if all(high[code] <= limit for code, limit in GOOD.items()):
        return Water.GOOD
    lower = {code: percentile(samples[code], Z90) for code in SINGLE}
    return Water.SUFFICIENT if all(lower[code] <= limit for code, limit in SUFFICIENT.items()) else Water.POOR
