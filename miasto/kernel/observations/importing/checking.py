"""The first pass: the whole file is read, nothing is written. What is good lies ready beside it, what is not is listed.

The second pass (``writing``) takes what lies ready, so what a person confirmed is what is written, and nothing is read twice.
Memory is bounded by a chunk of the file and a few numbers for each series.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.importing import chunks, epanet, epanet_results, faults, opening, tables, telegrams
from miasto.kernel.observations.importing.chunks import Chunk, Known
from miasto.kernel.observations.importing.faults import Fault, Unreadable
from miasto.kernel.observations.importing.layout import BY_ORDER, EPANET, EPANET_RESULTS, MBUS, SECOND, TABLE, Layout
from miasto.kernel.observations.importing.moments import DAY, Zone, instant, second_pass
from miasto.kernel.spec.observations import FileSeries, ReadingsFormat

ROW = np.dtype([("series", "<i4"), ("time", "<i8"), ("value", "<f8")])
READY, SERIES, REFUSED = "ready.bin", "series.json", "refused.csv"
MOST_SERIES = 20_000
MOST_REFUSED = 100_000
MOST_DOCUMENT = 64_000_000
Told = Callable[[int], None]


@dataclass
class Summary:
    """What a file holds: rows, readings that are ready, empty cells, refused places by reason, and its series."""

    rows: int = 0
    readings: int = 0
    empty: int = 0
    refused: int = 0
    reasons: Counter = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    least: np.ndarray = field(default_factory=lambda: np.zeros(0))
    most: np.ndarray = field(default_factory=lambda: np.zeros(0))
    falling: int = 0

    def add(self, chunk: Chunk) -> None:
        """Count a chunk."""
        self.rows += chunk.rows
        self.empty += chunk.empty
        if len(chunk.time) > 1:
            steps = np.sign(np.diff(chunk.time)).sum()
            self.falling += -1 if steps > 0 else 1 if steps < 0 else 0

    def keep(self, series: np.ndarray, time: np.ndarray, value: np.ndarray) -> None:
        """Count readings that are ready."""
        if not len(series):
            return
        self.readings += len(series)
        low, high = int(time.min()), int(time.max())
        self.first = low if self.first is None else min(self.first, low)
        self.last = high if self.last is None else max(self.last, high)
        self._grow(int(series.max()) + 1)
        np.add.at(self.counts, series, 1)
        np.minimum.at(self.least, series, value)
        np.maximum.at(self.most, series, value)

    def _grow(self, size: int) -> None:
        more = size - len(self.counts)
        if more > 0:
            self.counts = np.r_[self.counts, np.zeros(more, dtype=np.int64)]
            self.least = np.r_[self.least, np.full(more, np.inf)]
            self.most = np.r_[self.most, np.full(more, -np.inf)]


class Refused:
    """The list of refused places: a table for the keeper's spreadsheet; its length is bounded, its count is not."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.writer = csv.writer(self.file, delimiter=";", lineterminator="\r\n")
        self.writer.writerow([_("wiersz"), _("kolumna"), _("treść"), _("powód")])
        self.count, self.reasons = 0, Counter()

    def add(self, found: list[Fault]) -> None:
        """Note them."""
        for one in found[: max(0, MOST_REFUSED - self.count)]:
            self.writer.writerow([one.line, harmless(one.column), harmless(one.text), str(faults.REASONS[one.why])])
        self.count += len(found)
        self.reasons.update(one.why for one in found)

    def close(self) -> None:
        """Say at the end where the list was cut."""
        if self.count > MOST_REFUSED:
            self.writer.writerow(["", "", "", _("… i jeszcze %(n)s") % {"n": self.count - MOST_REFUSED}])
        self.file.close()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not text[1:2].isdigit() else text


def check(source: Path, folder: Path, layout: Layout, keys: Mapping[str, str], told: Told = lambda rows: None) -> Summary:
    """Read a file into ``folder``: what is ready, its series, what is refused. ``told(rows)`` of a chunk may raise to stop.

    ``keys``: of meters, for telegrams. Raises ``Unreadable``.
    """
    try:
        return _checked(source, folder, layout, keys, told)
    except OSError:  # half of a list would take the room that the next try needs
        for name in (READY, REFUSED, SERIES):
            (folder / name).unlink(missing_ok=True)
        raise


def _checked(source: Path, folder: Path, layout: Layout, keys: Mapping[str, str], told: Told) -> Summary:
    known, found = reading(source, layout, keys)
    summary, held = Summary(), []
    refused = Refused(folder / REFUSED)
    try:
        with (folder / READY).open("wb") as ready:
            for chunk in found:
                summary.add(chunk)
                refused.add(chunk.faults)
                _keep(ready, summary, chunk, held)
                if len(known.all) > MOST_SERIES:
                    raise Unreadable(_("W pliku jest ponad 20 000 serii. Sprawdź, która kolumna je rozróżnia."))
                told(summary.rows)
            _settle(ready, summary, refused, held, layout)
    finally:
        refused.close()
    summary.refused, summary.reasons = refused.count, refused.reasons
    summary._grow(len(known.all))
    (folder / SERIES).write_text(json.dumps([_described(one, summary, place) for place, one in enumerate(known.all)]))
    return summary


def reading(source: Path, layout: Layout, keys: Mapping[str, str], *, most: int | None = None) -> tuple[Known, Iterator[Chunk]]:
    """The series (filled while it is read) and the chunks of a file; of its first ``most`` rows or readings where given."""
    if layout.format == TABLE:
        table = tables.Table(layout)
        return table.known, _table(table, source, most)
    known = Known(lambda key: FileSeries(key=key))
    if layout.format == EPANET_RESULTS:
        return known, _results(source, layout, known, None if most is None else 1)
    return known, chunks.gathered(_limited(_readings(source, layout, keys), most), known)


def _start(layout: Layout) -> datetime:
    return datetime.fromisoformat(layout.start) if layout.start else datetime(2000, 1, 1)  # noqa: DTZ001 - local


def _results(source: Path, layout: Layout, known: Known, most: int | None) -> Iterator[Chunk]:
    with opening.opened(source) as file:
        yield from epanet_results.read(file, _start(layout), layout.tz, layout.parts, known, most)


def _table(table: tables.Table, source: Path, most: int | None) -> Iterator[Chunk]:
    way = opening.opened if most is None else opening.beginning
    with way(source, table.layout.sheet) as file:
        yield from table.read(file, most=most)


def _limited(found: Iterator, most: int | None) -> Iterator:
    for count, one in enumerate(found):
        if most is not None and count >= most:
            return
        yield one


def _readings(source: Path, layout: Layout, keys: Mapping[str, str]) -> Iterator:
    with opening.opened(source) as file:
        if layout.format == MBUS:
            yield from telegrams.read(tables.text_of(file, layout.encoding), layout.tz, keys)
        elif layout.format == EPANET:
            yield from epanet.read(tables.text_of(file, layout.encoding), _start(layout), layout.tz)
        else:
            yield from _said(_declared(layout.format), _whole(file))


def _said(one: ReadingsFormat, body: bytes) -> Iterator:
    try:
        yield from one.read(body, clock.zone())
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _declared(key: str) -> ReadingsFormat:
    if not registry().has(ReadingsFormat, key):
        raise Unreadable(_("Platforma nie ma już czytnika tego formatu."))
    return registry().get(ReadingsFormat, key)


def _whole(file: Any) -> bytes:
    body = file.read(MOST_DOCUMENT + 1)
    if len(body) > MOST_DOCUMENT:
        raise Unreadable(_("Plik tego rodzaju może mieć najwyżej 64 MB."))
    return body


def _keep(ready: Any, summary: Summary, chunk: Chunk, held: list[tuple]) -> None:
    """Write what is sure; hold back what stands in the hour that comes twice."""
    sure = chunk.ambiguous == 0
    if not sure.all():
        at = np.flatnonzero(~sure)
        held += zip(
            chunk.series[at].tolist(),
            chunk.ambiguous[at].tolist(),
            chunk.value[at].tolist(),
            chunk.line[at].tolist(),
            strict=True,
        )
    _put(ready, summary, chunk.series[sure], chunk.time[sure], chunk.value[sure])


def _put(ready: Any, summary: Summary, series: np.ndarray, time: np.ndarray, value: np.ndarray) -> None:
    rows = np.empty(len(series), dtype=ROW)
    rows["series"], rows["time"], rows["value"] = series, time, value
    ready.write(rows.tobytes())
    summary.keep(series, time, value)


def _settle(ready: Any, summary: Summary, refused: Refused, held: list[tuple], layout: Layout) -> None:
    """Decide about the hour that comes twice: by the order of the rows of a series in that night, or as the layout says."""
    nights = defaultdict(list)
    for row in held:
        nights[row[0], row[1] // DAY].append(row)
    zone, kept = Zone(layout.tz), []
    for rows in nights.values():
        second = [layout.double == SECOND] * len(rows)
        if layout.double == BY_ORDER:
            second = second_pass([row[1] for row in rows], rising=summary.falling <= 0)
        if second is None:
            refused.add([Fault(row[3], "", instant(row[1]).strftime("%Y-%m-%d %H:%M:%S"), faults.UNCLEAR) for row in rows])
            continue
        kept += zip(rows, second, strict=True)
    if kept:
        local = np.array([row[1] for row, _second in kept], dtype=np.int64)
        later = np.array([second for _row, second in kept])
        time = np.where(later, zone.second(local), zone(local)[0])
        _put(ready, summary, np.array([row[0] for row, _s in kept]), time, np.array([row[2] for row, _s in kept]))


def _described(one: FileSeries, summary: Summary, place: int) -> dict[str, Any]:
    count = int(summary.counts[place])
    limits = {"least": float(summary.least[place]), "most": float(summary.most[place])} if count else {}
    return {**asdict(one), "n": count, **limits}


def series_of(folder: Path) -> tuple[list[FileSeries], list[dict[str, Any]]]:
    """The series of a checked file and what was counted of each."""
    kept = json.loads((folder / SERIES).read_text())
    names = set(FileSeries.__dataclass_fields__)
    found = [FileSeries(**{key: _tupled(value) for key, value in one.items() if key in names}) for one in kept]
    return found, kept


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
