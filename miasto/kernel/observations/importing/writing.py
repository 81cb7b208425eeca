"""The second pass: what lies ready goes into the store, series after series, told to no alert rule.

A transaction holds the shards of its series, behind which live readings wait; so one takes at most 50,000 readings. Whole
series go together where they fit: the store fills a series that is new in one statement. A kill leaves whole transactions;
writing the same again changes nothing, so an import that was broken off is simply written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction

from miasto.kernel.observations.importing import journal
from miasto.kernel.observations.importing.checking import READY, ROW
from miasto.kernel.observations.importing.models import FileImport
from miasto.kernel.observations.ingest import Ingested, import_history
from miasto.kernel.observations.store.batch import Batch

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

AT_ONCE = 50_000
SORTED = 2_000_000


def write(
    one: FileImport,
    folder: Path,
    streams: Sequence[int],
    factors: Sequence[float],
    *,
    by: Viewer,
    told: Callable[[int, int], None],
) -> tuple[int, int]:
    """Put all that is ready into ``streams`` (series of the file -> data stream), times ``factors``.

    ``told(written, quarantined)`` after each transaction may raise to stop. Returns what it was told last. Raises what
    ``import_history`` does.
    """
    target, factor = np.array(streams, dtype=np.int32), np.array(factors, dtype=np.float64)
    written = quarantined = 0
    for rows in _pieces(folder / READY, len(streams)):
        places = rows["series"]
        batch = Batch.columns(series=target[places], time=rows["time"], value=rows["value"] * factor[places])
        done = _placed(one, batch, by)
        written, quarantined = written + len(rows), quarantined + done.quarantined
        told(written, quarantined)
    return written, quarantined


@transaction.atomic
def _placed(one: FileImport, batch: Batch, by: Viewer) -> Ingested:
    """Write a batch and keep what that changed."""
    done = import_history(batch, by=by, noted=lambda kept: journal.note(one, kept))
    if done.reasons:
        journal.note_held(one, batch.take(np.array(sorted(done.reasons))))
    return done


def _pieces(path: Path, count: int) -> Iterator[np.ndarray]:
    """Rows of whole series where they fit into one transaction, each series in the order of the file."""
    if not path.stat().st_size:
        return
    ready = np.memmap(path, dtype=ROW, mode="r")
    sizes = _sizes(ready, count)
    for group in _groups(sizes):
        if len(group) == 1 and sizes[group[0]] > SORTED:
            yield from _in_turn(ready, group[0])
            continue
        rows = _chosen(ready, group)
        rows = rows[np.argsort(rows["series"], kind="stable")]
        yield from _cut(rows)


def _sizes(ready: np.ndarray, count: int) -> np.ndarray:
    sizes = np.zeros(count, dtype=np.int64)
    for start in range(0, len(ready), SORTED):
        sizes += np.bincount(ready["series"][start : start + SORTED], minlength=count)
    return sizes


def _groups(sizes: np.ndarray) -> Iterator[list[int]]:
    """Series that together have at most ``SORTED`` readings; a larger one alone."""
    group, total = [], 0
    for series in np.flatnonzero(sizes).tolist():
        if group and total + sizes[series] > SORTED:
            yield group
            group, total = [], 0
        group.append(series)
        total += int(sizes[series])
    if group:
        yield group


def _chosen(ready: np.ndarray, group: list[int]) -> np.ndarray:
    """The rows of some series; the file is gone through in blocks."""
    low, high = group[0], group[-1]
    found = []
    for start in range(0, len(ready), SORTED):
        block = ready[start : start + SORTED]
        found.append(np.array(block[(block["series"] >= low) & (block["series"] <= high)]))
    return np.concatenate(found)


def _in_turn(ready: np.ndarray, series: int) -> Iterator[np.ndarray]:
    for start in range(0, len(ready), SORTED):
        block = ready[start : start + SORTED]
        yield from _cut(np.array(block[block["series"] == series]))


def _cut(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Pieces of at most ``AT_ONCE`` rows that end with a series where one does; rows are ordered by series."""
    start = 0
    ends = np.flatnonzero(np.r_[rows["series"][1:] != rows["series"][:-1], True]) + 1
    while start < len(rows):
        fitting = ends[(ends > start) & (ends <= start + AT_ONCE)]
        end = int(fitting[-1]) if len(fitting) else min(start + AT_ONCE, len(rows))
        yield rows[start:end]
        start = end
