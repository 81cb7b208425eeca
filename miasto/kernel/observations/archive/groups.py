"""One series out of many files without opening them: the manifest knows their row groups, which are joined in memory.

What opening a Parquet file costs (its end read and understood, the reader made) is the same for 96 readings as for a hundred
thousand, and five years of a series are 1,826 files. So the manifest keeps where in a file each row group lies (``RECORD``,
60 bytes for about 64 meters), PostgreSQL picks the one that a series is in (``store.reading``), its bytes are read by one
request, and DuckDB is given all of them behind one another, with an end made here, as one file of so many row groups.

Source: Apache Parquet, format 2.10 (``FileMetaData``), in the compact protocol of Apache Thrift.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from miasto.kernel.observations.archive.columns import Columns

if TYPE_CHECKING:
    import numpy as np

NAMES = ("series", "time", "value", "flags")
RECORD = [("start", "<i8"), ("rows", "<i4"), *((f"{kind}{n}", "<i4") for n in range(4) for kind in ("data", "packed", "whole"))]
SIZE = 60  # of a record in bytes
AT_ONCE = 32 << 20  # bytes of row groups joined at a time, at most
ALL, FIRST = 50_000, 32  # readings for which all files are read at once, and files that are read first for fewer
MARK = b"PAR1"
CONSTANT = datetime(2000, 1, 1, tzinfo=UTC)
FOUND = """
    SELECT row_group_num_rows, path_in_schema, total_compressed_size, total_uncompressed_size,
           coalesce(dictionary_page_offset, data_page_offset), data_page_offset, stats_min
    FROM parquet_metadata($file) ORDER BY row_group_id, column_id"""


class Part(NamedTuple):
    """Row groups of one file of the archive, as records."""

    name: str
    records: bytes


def known(cursor: Any, path: str) -> tuple[list[int], bytes] | None:
    """``(least series, records)`` of the row groups of a file on this machine; None where they are not as we write them."""
    import numpy as np

    rows = cursor.execute(FOUND, {"file": path}).fetchall()
    least: list[int] = []
    made = np.zeros(len(rows) // 4, dtype=RECORD)
    for place in range(len(made)):
        columns = rows[4 * place : 4 * place + 4]
        at = columns[0][4]
        made[place]["start"], made[place]["rows"] = at, columns[0][0]
        for n, (_rows, name, packed, whole, starts, data, _least) in enumerate(columns):
            if name != NAMES[n] or starts != at:
                return None
            for kind, value in (("data", data - starts), ("packed", packed), ("whole", whole)):
                made[place][f"{kind}{n}"] = value
            at += packed
        least.append(int(columns[0][6]))
    return least, made.tobytes()


def scan(parts: Sequence[Part], series: Sequence[int], start: datetime, end: datetime, *, most: int | None = None) -> Columns:
    """Readings of the series in the row groups with ``start`` <= time < ``end``, by series and time; at most ``most``.

    The parts come by day. Raises ``place.Unreachable``.
    """
    import numpy as np

    from miasto.kernel.observations.archive import duck

    wanted, found, rows = sorted(set(series)), [], 0
    for some in _grown(parts, most if len(wanted) == 1 else None):
        for content in joined(some):
            held = _of_series(content, wanted)
            inside = (held.time >= duck.micros(start)) & (held.time < duck.micros(end))
            found.append(held if inside.all() else Columns(*(column[inside] for column in held)))
            rows += len(found[-1].series)
        if most is not None and rows >= most and len(wanted) == 1:  # what comes is later
            break
    columns = Columns(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
    order: Any = slice(None) if len(wanted) == 1 else np.lexsort((columns.time, columns.series))
    return Columns(*(column[order][:most] for column in columns))


def _grown(parts: Sequence[Part], most: int | None) -> Iterator[Sequence[Part]]:
    """All at once, or where few readings are wanted, some files first and then more and more."""
    at, step = 0, len(parts) if most is None or most >= ALL else FIRST
    while at < len(parts):
        yield parts[at : at + step]
        at, step = at + step, step * 4


def _of_series(content: bytes, series: list[int]) -> Columns:
    from miasto.kernel.observations.archive import duck

    names = [f"series{place}" for place in range(len(series))]
    among = "series = $series0" if len(series) == 1 else f"series IN ({', '.join(f'${name}' for name in names)})"
    with Held(content) as address:
        return duck.columns(
            f"SELECT {duck.COLUMNS} FROM read_parquet($file, hive_partitioning = false) WHERE {among}",  # noqa: S608 - names
            {"file": address, **dict(zip(names, series, strict=True))},
        )


def joined(parts: Sequence[Part]) -> Iterator[bytes]:
    """Parquet files in memory that together hold the row groups, each once; none much longer than ``AT_ONCE``.

    Raises ``place.Unreachable``.
    """
    import numpy as np

    from miasto.kernel.observations.archive.place import place

    every = np.frombuffer(b"".join(part.records for part in parts), dtype=RECORD)
    file = np.repeat(np.arange(len(parts)), [len(part.records) // SIZE for part in parts])
    if len(every) > len(parts):  # two series may lie in one
        order = np.lexsort((every["start"], file))
        every, file = every[order], file[order]
        again = np.zeros(len(every), dtype=bool)
        again[1:] = (file[1:] == file[:-1]) & (every["start"][1:] == every["start"][:-1])
        every, file = every[~again], file[~again]
    sizes = sum(every[f"packed{n}"].astype("i8") for n in range(4))
    asked = [
        (parts[one].name, *span) for one, *span in zip(file.tolist(), every["start"].tolist(), sizes.tolist(), strict=True)
    ]
    where = place()
    _batches, first = np.unique((np.cumsum(sizes) - sizes) // min(AT_ONCE, where.stretch), return_index=True)
    edges = [*first.tolist(), len(asked)]
    with closing(where.pieces(asked, edges[1:])) as stretches:
        for (begin, end), content in zip(pairwise(edges), stretches, strict=True):
            yield b"".join([MARK, *content, _end(every[begin:end], sizes[begin:end])])


# --- the end of a Parquet file ------------------------------------------------------------------------------------------------

I32, I64, BINARY, LIST, STRUCT, TRUE = 5, 6, 8, 9, 12, 1
WIDE = 6  # bytes of a number of changing size, whatever it is: 42 bits
ENCODINGS = (0, 3, 5, 8, 9)  # plain, rle, delta, dictionary, byte-stream-split: what each page really has, it says itself
ZSTD = 6
COLUMNS = (
    (1, 17),
    (2, 10),
    (5, None),
    (1, 16),
)  # physical type and converted type of NAMES: int 32, instant in us, double, int 16


def _number(value: int) -> bytes:
    """A number below 64, in zigzag."""
    return bytes([value << 1])


def _field(before: int, number: int, kind: int) -> bytes:
    return bytes([(number - before) << 4 | kind])


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _schema() -> bytes:
    made = bytes([5 << 4 | STRUCT]) + _field(0, 4, BINARY) + _text("schema") + _field(4, 5, I32) + _number(4) + b"\0"
    for name, (kind, converted) in zip(NAMES, COLUMNS, strict=True):
        made += _field(0, 1, I32) + _number(kind) + _field(1, 3, I32) + _number(1) + _field(3, 4, BINARY) + _text(name)
        if converted is not None:
            made += _field(4, 6, I32) + _number(converted)
        if name == "time":  # LogicalType.TIMESTAMP(isAdjustedToUTC, MICROS)
            made += _field(6, 10, STRUCT) + _field(0, 8, STRUCT) + _field(0, 1, TRUE)
            made += _field(1, 2, STRUCT) + _field(0, 2, STRUCT) + b"\0" * 4
        made += b"\0"
    return made


HOLE = b"\xff" * WIDE


def _group() -> bytes:
    """A row group with holes for its numbers: of each column rows, unpacked, packed, data, dictionary; then bytes, rows."""
    made = _field(0, 1, LIST) + bytes([4 << 4 | STRUCT])
    for name, (kind, _converted) in zip(NAMES, COLUMNS, strict=True):
        made += _field(0, 2, I64) + _number(0) + _field(2, 3, STRUCT) + _field(0, 1, I32) + _number(kind)
        made += _field(1, 2, LIST) + bytes([len(ENCODINGS) << 4 | I32]) + b"".join(map(_number, ENCODINGS))
        made += _field(2, 3, LIST) + bytes([1 << 4 | BINARY]) + _text(name) + _field(3, 4, I32) + _number(ZSTD)
        made += _field(4, 5, I64) + HOLE + _field(5, 6, I64) + HOLE + _field(6, 7, I64) + HOLE
        made += _field(7, 9, I64) + HOLE + _field(9, 11, I64) + HOLE + b"\0\0"
    return made + _field(1, 2, I64) + HOLE + _field(2, 3, I64) + HOLE + b"\0"


SCHEMA, GROUP = _schema(), _group()
HOLES = [place for place in range(len(GROUP)) if GROUP.startswith(HOLE, place)]


def _wide(values: np.ndarray) -> np.ndarray:
    """Numbers in zigzag as ``WIDE`` bytes each, (n, WIDE)."""
    import numpy as np

    shifted = (values.astype(np.int64)[:, None] << 1) >> (7 * np.arange(WIDE)) & 127
    shifted[:, :-1] |= 128
    return shifted.astype(np.uint8)


def _end(records: np.ndarray, sizes: np.ndarray) -> bytes:
    """Metadata, their length and the mark, for row groups that lie one behind the other after the first mark."""
    import numpy as np

    groups = np.tile(np.frombuffer(GROUP, np.uint8), (len(records), 1))
    at = len(MARK) + np.cumsum(sizes) - sizes
    holes = iter(HOLES)

    def fill(values: np.ndarray) -> None:
        hole = next(holes)
        groups[:, hole : hole + WIDE] = _wide(values)

    for n in range(4):
        for values in (records["rows"], records[f"whole{n}"], records[f"packed{n}"], at + records[f"data{n}"], at):
            fill(values)  # where there is no dictionary, it is said to begin where the data do
        at = at + records[f"packed{n}"]
    fill(sum(records[f"whole{n}"].astype("i8") for n in range(4)))  # type: ignore[arg-type]
    fill(records["rows"])
    total = _wide(np.array([int(records["rows"].sum(dtype="i8"))])).tobytes()
    made = _field(0, 1, I32) + _number(2) + _field(1, 2, LIST) + SCHEMA + _field(2, 3, I64) + total
    made += _field(3, 4, LIST) + bytes([0xF0 | STRUCT]) + _length_of(len(records)) + groups.tobytes() + b"\0"
    return made + len(made).to_bytes(4, "little") + MARK


def _length_of(count: int) -> bytes:
    made = bytearray()
    while count > 127:
        made.append(count & 127 | 128)
        count >>= 7
    return bytes([*made, count])


# --- a file in memory, as DuckDB opens it -------------------------------------------------------------------------------------

_held: dict[str, bytes] = {}
_numbers = itertools.count()
_holding = threading.Lock()


class Held:
    """``with Held(bytes) as address``: a file that DuckDB can read until the block ends."""

    def __init__(self, content: bytes) -> None:
        self.name = f"held-{next(_numbers)}"
        self.content = content

    def __enter__(self) -> str:
        with _holding:
            _held[self.name] = self.content
        return f"held://{self.name}"

    def __exit__(self, *_why: object) -> None:
        with _holding:
            del _held[self.name]


def system() -> Any:
    """A file system for ``duckdb.register_filesystem``, ``held://``."""
    import io

    from fsspec import AbstractFileSystem

    class System(AbstractFileSystem):
        """What ``Held`` holds."""

        protocol = "held"
        cachable = False

        def _content(self, path: str) -> bytes:
            return _held[str(path).removeprefix("held://")]

        def _open(self, path: str, mode: str = "rb", **_options: Any) -> io.BytesIO:
            if mode != "rb":
                raise PermissionError("only to be read")
            return io.BytesIO(self._content(path))

        def size(self, path: str) -> int:
            return len(self._content(path))

        def info(self, path: str, **_options: Any) -> dict[str, Any]:
            return {"name": path, "size": self.size(path), "type": "file"}

        def exists(self, path: str, **_options: Any) -> bool:
            return str(path).removeprefix("held://") in _held

        def modified(self, path: str) -> datetime:
            return CONSTANT

    return System()
