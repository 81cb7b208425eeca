"""Tables: CSV long (series, time, value), wide (time and a column for each series), or anything between."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np
from django.utils.translation import gettext as _

from miasto.kernel.observations.importing import faults
from miasto.kernel.observations.importing.chunks import SIZE, Chunk, Known
from miasto.kernel.observations.importing.faults import Fault, Unreadable
from miasto.kernel.observations.importing.layout import OFFSET, Column, Layout
from miasto.kernel.observations.importing.moments import NAT, SECOND, Reader, Zone
from miasto.kernel.observations.importing.numerals import numbers
from miasto.kernel.spec.observations import FileSeries

PARTING = " | "
MOST_LINES = 50  # in one cell


def text_of(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The text of a file; a byte that the encoding does not know becomes U+FFFD."""
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")


def rows_of(text: io.TextIOBase, layout: Layout) -> Iterator[list[str]]:
    """The rows of a table, beginning with its header where it has one."""
    for _skipped in range(layout.skip):
        text.readline()
    return csv.reader(text, delimiter=layout.delimiter)


def _next(rows: Iterator[list[str]], count: int) -> list[list[str]]:
    try:
        return list(islice(rows, count))
    except csv.Error as error:
        raise Unreadable(_("Wiersza %(line)s nie da się podzielić na kolumny.") % {"line": rows.line_num}) from error


class Table:
    """Reads one table by its layout. ``known`` gathers its series: a key of the rows and a column of values are one series."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.reader = Reader(layout.order, offset=layout.zone == OFFSET, start=layout.start_us)
        self.zone = Zone(layout.tz)
        self.known = Known(self._series)
        self.header: list[str] = []
        self.width = 1 + max([*layout.keys, *(one.place for one in layout.values), layout.date or 0, layout.clock or 0])
        self.rows_seen = 0

    def read(self, file: BinaryIO, *, most: int | None = None) -> Iterator[Chunk]:
        """Chunks of readings, in the order of the file; of the first ``most`` rows only where that is given."""
        layout = self.layout
        rows = rows_of(text_of(file, layout.encoding), layout)
        line = layout.skip + 1
        if layout.header:
            self.header = next(iter(_next(rows, 1)), [])
            line += 1
        size = max(1, SIZE * 4 // max(4, len(layout.values) or 1))
        left = most
        while held := _next(rows, size if left is None else min(size, left)):
            _refuse_open_quote(held, line)
            yield self._chunk(held, line)
            line += _lines(held)
            left = None if left is None else left - len(held)

    def _chunk(self, held: list[list[str]], line: int) -> Chunk:
        lines = line + np.arange(len(held), dtype=np.int64)
        found: list[Fault] = []
        if any(len(row) < self.width for row in held):
            held, lines, found = self._wide_enough(held, lines)
        if not held:
            return _nothing(found)
        columns = list(zip(*held, strict=False))  # a longer row has more than anybody reads
        local = self._times(columns, len(held))
        good = local > NAT // 2
        found += [
            Fault(int(lines[place]), self._name(self.layout.date), self._time_text(columns, place), faults.TIME)
            for place in np.flatnonzero(~good)
        ]
        instants, ambiguous, missing = self.zone(np.where(good, local, 0))
        found += [
            Fault(int(lines[place]), self._name(self.layout.date), self._time_text(columns, place), faults.GAP)
            for place in np.flatnonzero(missing & good)
        ]
        marked = np.where(ambiguous, local, 0)
        return self._values(columns, lines, instants, marked, good & ~missing, found)

    def _wide_enough(self, held: list[list[str]], lines: np.ndarray) -> tuple[list[list[str]], np.ndarray, list[Fault]]:
        """Rows that have all columns; blank ones are passed over in silence."""
        at = np.array([place for place, row in enumerate(held) if len(row) >= self.width], dtype=np.intp)
        found = [
            Fault(int(lines[place]), "", self.layout.delimiter.join(row)[:200], faults.WIDTH)
            for place, row in enumerate(held)
            if len(row) < self.width and any(cell.strip() for cell in row)
        ]
        return [held[place] for place in at.tolist()], lines[at], found

    def _times(self, columns: Sequence[Sequence[str]], count: int) -> np.ndarray:
        layout = self.layout
        if layout.date is None:
            step = round(layout.step_s * SECOND)
            found = layout.start_us + step * np.arange(self.rows_seen, self.rows_seen + count, dtype=np.int64)
        else:
            found = self.reader(columns[layout.date], None if layout.clock is None else columns[layout.clock])
        self.rows_seen += count
        return found

    def _time_text(self, columns: Sequence[Sequence[str]], place: int) -> str:
        places = [one for one in (self.layout.date, self.layout.clock) if one is not None]
        return " ".join(columns[one][place] for one in places)[:200]

    def _name(self, place: int | None) -> str:
        if place is None:
            return ""
        return self.header[place] if place < len(self.header) and self.header[place] else str(place + 1)

    def _values(
        self,
        columns: Sequence[Sequence[str]],
        lines: np.ndarray,
        instants: np.ndarray,
        marked: np.ndarray,
        good: np.ndarray,
        found: list[Fault],
    ) -> Chunk:
        """One reading for each good row and column of values that is not empty."""
        layout, parts, empty = self.layout, [], 0
        keys = self._keys(columns)
        if layout.keys:
            blank = np.array([not key.strip(PARTING) for key in keys], dtype=bool)
            places = np.flatnonzero(blank & good)
            found += [Fault(int(lines[place]), self._name(layout.keys[0]), "", faults.SERIES) for place in places]
            good = good & ~blank
        for column in layout.values:
            values, wrong = numbers(columns[column.place], layout.decimal)
            found += [
                Fault(int(lines[place]), self._name(column.place), columns[column.place][place][:200], faults.VALUE)
                for place in wrong
                if good[place]
            ]
            here = good & ~np.isnan(values)
            empty += int((good & np.isnan(values)).sum()) - sum(bool(good[place]) for place in wrong)
            at = np.flatnonzero(here)
            series = self._places(keys, column, at)
            parts.append((series, instants[at], values[at], lines[at], marked[at]))
        joined = [np.concatenate(one) for one in zip(*parts, strict=True)] if parts else [np.zeros(0, np.int64)] * 5
        return Chunk(joined[0].astype(np.int32), *joined[1:], found, rows=len(lines), empty=empty)

    def _keys(self, columns: Sequence[Sequence[str]]) -> Sequence[str]:
        places = self.layout.keys
        if not places:
            return ()
        if len(places) == 1:
            return columns[places[0]]
        return [PARTING.join(parts) for parts in zip(*(columns[place] for place in places), strict=True)]

    def _places(self, keys: Sequence[str], column: Column, at: np.ndarray) -> np.ndarray:
        known, place = self.known, column.place
        if not self.layout.keys:
            return np.full(len(at), known["", place] if len(at) else 0, dtype=np.int32)
        return np.array([known[keys[one], place] for one in at.tolist()], dtype=np.int32)

    def _series(self, key: tuple[str, int]) -> FileSeries:
        name, place = key[0].strip(), key[1]
        column = next(one for one in self.layout.values if one.place == place)
        label = self._name(place).strip()
        if self.header.count(label) > 1:
            label = f"{label} ({place + 1})"
        several = len(self.layout.values) > 1
        return FileSeries(
            key=PARTING.join(part for part in (name, label if several or not name else "") if part),
            name=label if several or not name else "",
            code=column.code or self.layout.code,
            unit=column.unit or self.layout.unit,
            thing=name,
            thing_name=name,
        )


def _nothing(found: list[Fault]) -> Chunk:
    empty = np.zeros(0, dtype=np.int64)
    return Chunk(empty.astype(np.int32), empty, empty.astype(np.float64), empty, empty, found, rows=len(found))


def _refuse_open_quote(held: list[list[str]], line: int) -> None:
    """A quote that nobody closes takes all lines behind it into one cell: raises ``Unreadable`` with its line."""
    if _lines(held) <= len(held) + MOST_LINES:
        return
    for row in held:
        if any(cell.count("\n") > MOST_LINES for cell in row):
            raise Unreadable(_("W wierszu %(line)s zaczyna się cudzysłów, którego nic nie zamyka.") % {"line": line})
        line += _lines([row])


def _lines(held: list[list[str]]) -> int:
    """How many lines rows take: a quoted cell may hold several."""
    return len(held) + sum(cell.count("\n") for row in held for cell in row if "\n" in cell)
