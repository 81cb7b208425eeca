"""Ordinary kriging of one hour, with an error of its own for every sensor, checked by leaving each out.

Why scikit-learn's ``GaussianProcessRegressor``: kriging is Gaussian process regression, it takes an error variance for each
sensor (``alpha``), which PyKrige does not, and it is a dependency already (GSTools would bring emcee, meshio and pyevtk). A
constant kernel of large variance beside the spatial one leaves the mean of the city open: that makes it *ordinary* kriging
(Rasmussen & Williams 2006, 2.7). The variogram (exponential-like, Matérn 3/2: sill, range, nugget) is fitted by likelihood,
which needs fewer pairs than binned differences.

Concentrations are positive and their errors grow with them, so everything is done with natural logarithms: values are medians,
intervals are asymmetric and never below zero.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from miasto.kernel.observations.selectors import Grade
from miasto.modules.environment.near import KM_IN_DEGREE

Array = Any
LEAST = 6  # sensors without which there is no map
FLOOR = 0.5  # µg/m³: below it instruments tell nothing, and a logarithm would
OPEN_MEAN = 4.0  # variance of the unknown mean (logarithms): e^2 times more or less than the middle of the sensors
NINE_OF_TEN = 1.645  # standard deviations on both sides that hold 90 % of a normal distribution
ODD = 4.0  # a cheap sensor so many standard deviations from what its neighbours say is left out
# Standard relative errors: half of the expanded uncertainty that directive 2008/50/EC, annex I, allows (k = 2).
ERRORS = {
    Grade.REFERENCE: {"pm25": 0.125, "pm10": 0.125, "no2": 0.075},
    Grade.EQUIVALENT: {"pm25": 0.125, "pm10": 0.125, "no2": 0.075},
    Grade.INDICATIVE: {"pm25": 0.25, "pm10": 0.25, "no2": 0.125},
}


@dataclass(frozen=True)
class Sample:
    """An hourly mean (µg/m³) at a place (degrees) with the standard relative error of its instrument."""

    lon: float
    lat: float
    value: float
    error: float
    counted: bool = True


@dataclass(frozen=True)
class Check:
    """Every sensor guessed from all others. Misses in µg/m³; ``within``: the share inside its 90 % interval.

    ``plain`` is the median miss of the simplest guess, the median of all other sensors: the map must be better than that.
    """

    count: int
    median: float
    ninth: float
    plain: float
    within: float


@dataclass(frozen=True)
class Variogram:
    """Of logarithms: ``sill`` (variance over space), ``range_km``, ``nugget`` (within metres)."""

    sill: float
    range_km: float
    nugget: float


@dataclass(frozen=True)
class Surface:
    """A fitted field; ``at`` gives logarithms and their standard deviations."""

    model: Any
    origin: tuple[float, float]
    middle: float
    variogram: Variogram
    check: Check
    samples: tuple[Sample, ...]
    left_out: int

    @property
    def common(self) -> float:
        """Standard error that all sensors share: that of the stations which count, else that of the cheap ones, which nothing
        averages away."""
        counted = [one.error for one in self.samples if one.counted]
        return max(counted) / math.sqrt(len(counted)) if counted else max(one.error for one in self.samples)

    def at(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """(mean, standard deviation) of the logarithm of the concentration at places (arrays of one length, degrees)."""
        found, deviation = self.model.predict(_km(lon, lat, self.origin), return_std=True)
        return found + self.middle, (deviation**2 + self.common**2) ** 0.5


def surface(samples: Sequence[Sample]) -> Surface | None:
    """The field of one hour; None with fewer than six sensors.

    Cheap sensors that are far from what all others say are left out and the field is fitted once more.
    """
    if len(samples) < LEAST:
        return None
    first = _fitted(tuple(samples))
    kept = tuple(one for one, odd in zip(samples, _odd(first), strict=True) if one.counted or not odd)
    if len(kept) == len(samples) or len(kept) < LEAST:
        return first
    return replace(_fitted(kept), left_out=len(samples) - len(kept))


def _km(lon: Array, lat: Array, origin: tuple[float, float]) -> Array:
    import numpy as np

    east = (np.asarray(lon) - origin[0]) * KM_IN_DEGREE * math.cos(math.radians(origin[1]))
    return np.column_stack([east, (np.asarray(lat) - origin[1]) * KM_IN_DEGREE])


def _fitted(samples: tuple[Sample, ...]) -> Surface:
    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    origin = (float(np.mean([one.lon for one in samples])), float(np.mean([one.lat for one in samples])))
    values = np.log([max(one.value, FLOOR) for one in samples])
    middle = float(np.median(values))
    spatial = ConstantKernel(0.05, (1e-3, 2.0)) * Matern(2.0, (0.5, 15.0), nu=1.5)
    kernel = ConstantKernel(OPEN_MEAN, "fixed") + spatial + WhiteKernel(0.01, (1e-4, 0.5))
    model = GaussianProcessRegressor(kernel, alpha=np.array([one.error**2 for one in samples]))
    with warnings.catch_warnings():  # a parameter at its bound is an answer: "no structure finer than the sensors see"
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(_km([one.lon for one in samples], [one.lat for one in samples], origin), values - middle)
    found = model.kernel_.get_params()
    variogram = Variogram(found["k1__k2__k1__constant_value"], found["k1__k2__k2__length_scale"], found["k2__noise_level"])
    return Surface(model, origin, middle, variogram, _check(model, samples, middle), samples, 0)


def _left_out(model: Any) -> tuple[Array, Array]:
    """(guess - value, standard deviation) of each logarithm when its sensor is left out (Dubrule 1983), parameters kept."""
    import numpy as np
    from scipy.linalg import cho_solve

    inverse = cho_solve((model.L_, True), np.eye(len(model.alpha_)))
    own = np.diag(inverse)
    return -model.alpha_ / own, np.sqrt(1 / own)


def _odd(fitted: Surface) -> Array:
    misses, deviations = _left_out(fitted.model)
    return abs(misses) > ODD * deviations


def _check(model: Any, samples: tuple[Sample, ...], middle: float) -> Check:
    import numpy as np

    misses, deviations = _left_out(model)
    values = np.exp(np.asarray(model.y_train_) + middle)
    guesses = np.exp(np.asarray(model.y_train_) + misses + middle)
    off = np.sort(np.abs(guesses - values))
    plain = [abs(float(np.median(np.delete(values, at))) - value) for at, value in enumerate(values)]
    return Check(
        count=len(samples),
        median=float(np.median(off)),
        ninth=float(off[math.ceil(0.9 * len(off)) - 1]),
        plain=float(np.median(plain)),
        within=float(np.mean(np.abs(misses) <= NINE_OF_TEN * deviations)),
    )
