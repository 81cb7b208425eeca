"""Readings as arrays: what goes between PostgreSQL, Parquet and the analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Columns(NamedTuple):
    """Readings as four arrays of one length: int32, microseconds since 1970 int64, float64, int16."""

    series: np.ndarray
    time: np.ndarray
    value: np.ndarray
    flags: np.ndarray
