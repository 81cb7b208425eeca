"""Readings as columns: a thousand of them are checked and copied at the cost of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from miasto.kernel.observations.store.reading import Reading

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exactly. Raises ``ValueError`` for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a reading's time needs a zone")
    return (moment - EPOCH) // _STEP


@dataclass(frozen=True, slots=True)
class Batch:
    """Columns of one length: ``series`` (int32), ``time`` (int64: µs since 1970), ``value`` (float64), ``flags`` (int16)."""

    series: np.ndarray
    time: np.ndarray
    value: np.ndarray
    flags: np.ndarray

    def __len__(self) -> int:
        return len(self.series)

    def __iter__(self) -> Iterator[Reading]:
        for series, time, value, flags in zip(
            self.series.tolist(), self.time.tolist(), self.value.tolist(), self.flags.tolist(), strict=True
        ):
            yield Reading(series, EPOCH + timedelta(microseconds=time), value, flags)

    def take(self, which: np.ndarray) -> Batch:
        """The rows of a mask or of indices, in that order."""
        return Batch(self.series[which], self.time[which], self.value[which], self.flags[which])

    @classmethod
    def of(cls, readings: Iterable[Reading] | Batch) -> Batch:
        """The columns of readings; a batch is returned as it is. Raises ``ValueError`` for a time without a zone."""
        if isinstance(readings, Batch):
            return readings
        rows = list(readings)
        return cls.columns(
            series=[row[0] for row in rows],
            time=[micros(row[1]) for row in rows],
            value=[row[2] for row in rows],
            flags=[row[3] if len(row) > 3 else 0 for row in rows],
        )

    @classmethod
    def columns(cls, *, series, time, value, flags=None) -> Batch:
        """From sequences or arrays; ``time`` in microseconds since 1970. Raises ``ValueError`` where a number does not fit."""
        try:
            found = np.asarray(series, dtype=np.int32)
            return cls(
                found,
                np.asarray(time, dtype=np.int64),
                np.asarray(value, dtype=np.float64),
                np.zeros(len(found), dtype=np.int16) if flags is None else np.asarray(flags, dtype=np.int16),
            )
        except (OverflowError, TypeError) as error:
            raise ValueError(f"a column of readings holds what is no number of its kind: {error}") from error
