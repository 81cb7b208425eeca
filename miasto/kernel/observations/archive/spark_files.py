"""The archive's files in a bucket as a table of Apache Spark, without the Java libraries of its own ``s3a``.

A data source in Python (pyspark 4): the driver names the files of the manifest, each by a web address that is signed for it
alone and for some hours, so that no executor has the key to the bucket. An executor fetches a file whole, as an analysis wants
it, and gives Spark what pyarrow reads out of it. What runs there is sent along by value: it needs pyarrow, nothing of ours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pyspark import cloudpickle
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

NAME = "miasto_archive"
SCHEMA = "series int, time timestamp, value double, flags smallint"
SIGNED_FOR_S = 6 * 3600
TASKS_LEAST, TASKS_EACH = 64, 4  # of many small files several are one task; tasks for each core
TRIES, WAIT_S, ROWS = 5, 60, 1 << 17
File = tuple[str, str]  # name, signed address


def table(session: Any, addresses: Sequence[str]) -> Any:
    """The readings of the named objects as a data frame. Raises ``place.Unreachable`` where there is no key to sign with."""
    import pyarrow  # noqa: F401 - Spark's own message about a missing one comes out of a worker's depths

    from miasto.kernel.observations.archive.bucket import Bucket
    from miasto.kernel.observations.archive.place import place

    store = place()
    assert isinstance(store, Bucket)
    files = [(address, store.signed(address, SIGNED_FOR_S)) for address in addresses]
    tasks = min(len(files), max(TASKS_LEAST, TASKS_EACH * session.sparkContext.defaultParallelism))
    dealt = [files[n * len(files) // tasks : (n + 1) * len(files) // tasks] for n in range(tasks)]
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    session.dataSource.register(_source(dealt))
    return session.read.format(NAME).load()


def _source(dealt: list[list[File]]) -> type[DataSource]:
    """The addresses are part of the class, not of its options, which Spark shows in plans and logs."""

    class Archive(DataSource):
        """``SCHEMA`` of files of the archive."""

        @classmethod
        def name(cls) -> str:
            return NAME

        def schema(self) -> str:
            return SCHEMA

        def reader(self, schema: Any) -> DataSourceReader:
            return Reader(dealt)

    return Archive


class Reader(DataSourceReader):
    """A task for each list of files."""

    def __init__(self, dealt: list[list[File]]) -> None:
        self.dealt = dealt

    def partitions(self) -> list[InputPartition]:
        return [InputPartition(some) for some in self.dealt]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        """Batches of Arrow."""
        import io

        import pyarrow
        from pyarrow.parquet import ParquetFile

        moment = pyarrow.timestamp("us", tz="UTC")
        types = {"series": pyarrow.int32(), "time": moment, "value": pyarrow.float64(), "flags": pyarrow.int16()}
        schema = pyarrow.schema(list(types.items()))
        for name, address in partition.value:
            with ParquetFile(io.BytesIO(fetched(name, address))) as file:
                for batch in file.iter_batches(ROWS, columns=list(types)):
                    columns = [batch.column(one).cast(kind) for one, kind in types.items()]
                    yield pyarrow.RecordBatch.from_arrays(columns, schema=schema)


def fetched(name: str, address: str) -> bytes:
    """A whole object. A store that is busy or breaks off is asked again; raises ``OSError``, which names no signature."""
    import http.client
    import time
    import urllib.error
    import urllib.request

    told = ""
    for tried in range(TRIES):
        time.sleep(tried**2 / 2)
        try:
            with urllib.request.urlopen(address, timeout=WAIT_S) as answer:  # noqa: S310 - an address that we have signed
                return answer.read()
        except urllib.error.HTTPError as error:
            told = str(error.code)
            if error.code < 500 and error.code != 429:
                break
        except (OSError, http.client.HTTPException) as error:
            told = type(error).__name__
    raise OSError(f"the archive's store did not give {name}: {told}")
