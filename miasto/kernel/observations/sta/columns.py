"""The usual CreateObservations as columns: arrays of times and numbers, parsed without an object for each observation.

What is unusual (a result that is no number, a period, a feature, a row that is wrong) is left to ``arrays``, which answers for
each row by itself. Both ways give the same readings and the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from django.db import connection

from miasto.kernel.observations.sta import times
from miasto.kernel.observations.store import flags

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer
    from miasto.kernel.observations.store.batch import Batch

Parts = tuple[list[int], list[str], list[float], list[int]]  # series, times, numbers, flags
_TIME, _RESULT, _RESULT_TIME = "phenomenonTime", "result", "resultTime"


class _Stream(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    key: int = msgspec.field(name="@iot.id")


class _Array(msgspec.Struct, forbid_unknown_fields=True):
    stream: _Stream = msgspec.field(name="Datastream")
    components: tuple[str, ...]
    rows: msgspec.Raw = msgspec.field(name="dataArray")
    count: int = msgspec.field(name="dataArray@iot.count", default=0)


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What nearly everybody sends: times and numbers."""

    stream: _Stream = msgspec.field(name="Datastream")
    components: tuple[Literal["phenomenonTime"], Literal["result"]]
    rows: list[tuple[str, float]] = msgspec.field(name="dataArray")
    count: int = msgspec.field(name="dataArray@iot.count", default=0)


_PLAIN = msgspec.json.Decoder(list[_Plain])
_ARRAYS = msgspec.json.Decoder(list[_Array])
_KINDS = {_TIME: str, _RESULT: float, _RESULT_TIME: str}
_ROWS: dict[tuple[str, ...], msgspec.json.Decoder] = {
    names: msgspec.json.Decoder(list[tuple[tuple(_KINDS[name] for name in names)]])  # type: ignore[misc]
    for names in [(_TIME, _RESULT), (_RESULT, _TIME), (_TIME, _RESULT, _RESULT_TIME), (_TIME, _RESULT_TIME, _RESULT)]
    + [(_RESULT, _TIME, _RESULT_TIME)]
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings in the order of the request."""

    batch: Batch


def read(raw: bytes, most: int) -> Columns | None:
    """The readings of a body; None where something in it is unusual or there are more than ``most``."""
    from miasto.kernel.observations.store.batch import Batch

    try:
        series, texts, values, bits = _plain(raw) or _any(raw)
        if len(series) > most:
            return None
        known = {text: times.micros(times.instant(text)) for text in set(texts)}
        batch = Batch.columns(series=series, time=[known[text] for text in texts], value=values, flags=bits)
    except (msgspec.MsgspecError, KeyError, ValueError):
        return None
    return None if _many_values(series) else Columns(batch)


def _plain(raw: bytes) -> Parts | None:
    """In one pass, where all arrays are of the usual kind."""
    try:
        arrays = _PLAIN.decode(raw)
    except msgspec.MsgspecError:
        return None
    series = [array.stream.key for array in arrays for _row in array.rows]
    rows = [row for array in arrays for row in array.rows]
    return series, [row[0] for row in rows], [row[1] for row in rows], [0] * len(rows)


def _any(raw: bytes) -> Parts:
    """With other components, array by array. Raises ``MsgspecError``, ``KeyError``, ``ValueError``."""
    series: list[int] = []
    texts: list[str] = []
    values: list[float] = []
    bits: list[int] = []
    for array in _ARRAYS.decode(raw):
        rows = _ROWS[array.components].decode(array.rows)
        if rows:
            columns = dict(zip(array.components, zip(*rows, strict=True), strict=True))
            texts += columns[_TIME]
            values += columns[_RESULT]
            series += [array.stream.key] * len(rows)
            bits += [_bits(columns)] * len(rows)
    return series, texts, values, bits


def _many_values(series: list[int]) -> bool:
    """Whether one of the series is a MultiDatastream, whose results are arrays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM observations_datastream WHERE multi IS NOT NULL AND id = ANY(%s::bigint[]))",
            [list(set(series))],
        )
        return cursor.fetchone()[0]


def _bits(columns: dict[str, Any]) -> int:
    if _RESULT_TIME not in columns:
        return 0
    if columns[_RESULT_TIME] != columns[_TIME]:
        raise ValueError("a result has a time of its own")
    return flags.RESULT_TIME


def create(columns: Columns, *, viewer: Viewer, base: str, read_at_once: int) -> list[str]:
    """Write them; the address of each observation in its place, or ``error``. Raises what ``ingest`` raises."""
    from miasto.kernel.observations.ingest import ingest

    batch = columns.batch
    taken = ingest(batch, by=viewer, wait=len(batch) <= read_at_once)
    place = f"{base}Observations('"
    made = [f"{place}{series}-{time}-0')" for series, time in zip(batch.series.tolist(), batch.time.tolist(), strict=True)]
    for one in taken.reasons:
        made[one] = "error"
    return made
