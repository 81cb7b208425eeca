"""What every reader gives: columns of readings with the lines they stand in, and what it refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from miasto.kernel.observations.importing.faults import Fault
from miasto.kernel.observations.store.batch import micros
from miasto.kernel.spec.observations import FileReading, FileSeries

SIZE = 50_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Columns of one length: ``series`` (place in ``Known``), ``time`` (µs since 1970), ``value``, ``line`` (from 1).

    ``ambiguous`` holds the local time of readings in the hour that comes twice, 0 elsewhere. ``empty`` cells are no readings.
    """

    series: np.ndarray
    time: np.ndarray
    value: np.ndarray
    line: np.ndarray
    ambiguous: np.ndarray
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    empty: int = 0


class Known(dict):
    """The series of a file in the order in which they appear: key -> place; ``all`` are their descriptions."""

    def __init__(self, make) -> None:
        super().__init__()
        self.make, self.all = make, []

    def __missing__(self, key) -> int:
        self[key] = place = len(self.all)
        self.all.append(self.make(key))
        return place


def of_series(known: Known, one: FileSeries) -> int:
    """The place of a described series."""
    if one.key not in known:
        known[one.key] = len(known.all)
        known.all.append(one)
    return known[one.key]


def gathered(found: Iterable[FileReading | Fault], known: Known, size: int = SIZE) -> Iterator[Chunk]:
    """Chunks of readings that come one by one."""
    rows: list[FileReading] = []
    faults: list[Fault] = []
    for one in found:
        rows.append(one) if isinstance(one, FileReading) else faults.append(one)
        if len(rows) + len(faults) >= size:
            yield _chunk(rows, faults, known)
            rows, faults = [], []
    if rows or faults:
        yield _chunk(rows, faults, known)


def _chunk(rows: list[FileReading], faults: list[Fault], known: Known) -> Chunk:
    return Chunk(
        np.array([of_series(known, one.series) for one in rows], dtype=np.int32),
        np.array([micros(one.time) for one in rows], dtype=np.int64),
        np.array([one.value for one in rows], dtype=np.float64),
        np.array([one.line for one in rows], dtype=np.int64),
        np.zeros(len(rows), dtype=np.int64),
        faults,
        rows=len(rows) + len(faults),
    )
