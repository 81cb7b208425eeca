"""The archive in object storage that speaks S3 (AWS, MinIO, Ceph), by botocore; nothing is fetched at run time.

``MIASTO_ARCHIVE=s3://bucket/prefix``, ``MIASTO_ARCHIVE_ENDPOINT`` (an address; AWS without it), and what botocore itself reads:
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``. A store has no rename and needs none: an object appears whole
or not at all, under a name that was never used, and exists for readers only from its row in the manifest on.

DuckDB reads through ``Reader``, a file system of fsspec that asks for the bytes it is asked for. Pieces of many objects come by
``flow``. What a store says when it refuses is told in words by ``refusing``.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from miasto.kernel.observations.archive import place, refusing
from miasto.kernel.observations.archive.fetching import Fetcher, Given, Host, Span
from miasto.kernel.observations.archive.flow import Flow
from miasto.kernel.observations.archive.memory import Memory
from miasto.kernel.observations.archive.place import BLOCK, Unreachable
from miasto.kernel.observations.archive.signing import Signer

T = TypeVar("T")
TAIL = 1 << 16  # where the footer of a Parquet file is
AHEAD = 1 << 20  # a block for who reads on
TRIES, CONNECT_S, READ_S = 4, 5, 60  # of a job, which has time
SOON_TRIES, SOON_CONNECT_S, SOON_READ_S = 2, 2, 4  # where somebody waits
AWAY_S = 15  # after a store was silent, who waits is not sent to it again for so long
HANDS = 16  # requests at a time that botocore makes
FLOWS = 8  # long reads at a time
MEMORY_MB = 64  # of what was read, in each process
SOON = "s3soon"  # the scheme of an address that is read for somebody who waits
CONSTANT = datetime(2000, 1, 1, tzinfo=UTC)  # an object never changes, so what is remembered of it never grows old
_opening = threading.Lock()
_buckets: dict[tuple[int, str, str], Bucket] = {}


class Bucket:
    """A bucket and the beginning of its keys."""

    stretch = 6 << 20  # bytes that are decoded while the next ones come

    def __init__(self, url: str, endpoint: str) -> None:
        self.bucket, _slash, prefix = url.removeprefix("s3://").partition("/")
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.session = _session()
        self.client = _client(self.session, endpoint, TRIES, CONNECT_S, READ_S)
        self.soon = _client(self.session, endpoint, SOON_TRIES, SOON_CONNECT_S, SOON_READ_S)
        self.hands = ThreadPoolExecutor(HANDS, thread_name_prefix="archive")
        self.flows = ThreadPoolExecutor(FLOWS, thread_name_prefix="archive-flow")
        self.memory = Memory(int(os.environ.get("MIASTO_ARCHIVE_MEMORY", MEMORY_MB)) << 20)
        self._fetchers: list[Fetcher] = []
        self.back_at = 0.0

    @classmethod
    def at(cls, url: str) -> Bucket:
        """This process's bucket: connections do not outlive a fork."""
        key = (os.getpid(), url, os.environ.get("MIASTO_ARCHIVE_ENDPOINT", ""))
        with _opening:
            if key not in _buckets:
                _buckets[key] = cls(url, key[2])
            return _buckets[key]

    def address(self, name: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}{name}"

    def reading(self, name: str) -> str:
        return self.address(name) if place.SECONDS.get() is None else self.address(name).replace("s3://", f"{SOON}://", 1)

    def scratch(self, name: str) -> Path:
        """A file of this machine; what a killed run left an hour ago goes first."""
        folder = Path(settings.VAR) / "archive-upload"
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.parquet"):
            if left.stat().st_mtime < time.time() - 3600:
                left.unlink(missing_ok=True)
        return folder / Path(name).name

    def keep(self, temporary: Path, name: str, digest: str) -> None:
        """Write the object, which the store checks by the sum, and read it back: only then may a hot day go."""
        with temporary.open("rb") as body:
            self._ask(
                "put_object", Key=self.prefix + name, Body=body, ChecksumSHA256=base64.b64encode(bytes.fromhex(digest)).decode()
            )
        if self.digest(name) != digest:
            raise Unreachable(_("Magazyn archiwum oddał inny plik, niż dostał: %(name)s.") % {"name": name})
        temporary.unlink()

    def digest(self, name: str) -> str:
        def read() -> str:
            digest = hashlib.sha256()
            body = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"]
            for block in body.iter_chunks(BLOCK):
                digest.update(block)
            return digest.hexdigest()

        return self._patiently(read, absent="")

    def remove(self, name: str) -> None:
        self._ask("delete_object", Key=self.prefix + name)

    def listed(self) -> Iterator[tuple[str, float]]:
        more: dict[str, str] = {}
        while True:
            page = self._ask("list_objects_v2", Prefix=self.prefix, **more)
            for one in page.get("Contents", ()):
                yield one["Key"].removeprefix(self.prefix), one["LastModified"].timestamp()
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def pieces(self, asked: Sequence[tuple[str, int, int]], cuts: Sequence[int]) -> Iterator[list[bytes]]:
        spans = [Span(self.prefix + name, start, length) for name, start, length in asked]
        yield from Flow(self, spans, place.SECONDS.get()).stretches(cuts)

    def at_once(self, spans: Sequence[Span], given: Given) -> list[int]:
        """Read many ranges at once; the numbers of those that did not come so. Raises ``TimeoutError``, ``Unreachable``."""
        if given.ends is not None and time.monotonic() < self.back_at:
            raise self._silent()
        fetcher, key = self._patiently(self._way)
        if fetcher is None:
            return list(range(len(spans)))
        signer = Signer(fetcher.host.said, self.client.meta.region_name, key.access_key, key.secret_key, key.token)
        return fetcher.fetch(spans, signer, given)

    def silence_s(self, seconds: float | None) -> float:
        """After how long a connection is given up; half of what botocore then waits on its own."""
        return (READ_S if seconds is None else SOON_READ_S) / 2

    def patiently(self, spans: Sequence[Span], seconds: float | None, left: float | None) -> list[bytes]:
        """The bytes of each, by botocore, several at a time, in the seconds that are ``left``. Raises ``Unreachable``."""
        found = [
            self.hands.submit(self.part, one.key, f"{one.start}-{one.start + one.length - 1}", patient=seconds is None)
            for one in spans
        ]
        done, waiting = wait(found, left, FIRST_EXCEPTION)
        for one in waiting:
            one.cancel()
        failed = next((error for one in done if (error := one.exception())), None)
        if failed or waiting:
            raise failed or self.away()
        bodies = [one.result()[0] for one in found]
        for span, body in zip(spans, bodies, strict=True):
            if len(body) != span.length:
                raise Unreachable(_("Plik archiwum %(name)s jest uszkodzony.") % {"name": span.key.removeprefix(self.prefix)})
        return bodies

    def part(self, key: str, span: str, *, patient: bool = False) -> tuple[bytes, int]:
        """``(bytes of a range, size of the object)``; a range as HTTP writes it: ``0-99``, or ``-100`` for the end."""

        def read() -> tuple[bytes, int]:
            client = self.client if patient else self.soon
            found = client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={span}")
            return found["Body"].read(), int(found["ContentRange"].rpartition("/")[2])

        if not patient and time.monotonic() < self.back_at:
            raise self._silent()
        return self._patiently(read)

    def tail(self, key: str, *, patient: bool) -> tuple[bytes, int]:
        """``(the last TAIL bytes, size of the object)``; kept, since every question about a file begins there."""
        found = self.memory.get(key)
        if found is None:
            found = self.part(key, f"-{TAIL}", patient=patient)
            self.memory.put(key, found, len(found[0]))
        return found

    def signed(self, address: str, seconds: int) -> str:
        """A web address by which who has no key can read the object of an ``address`` for so long."""
        key = address.removeprefix(f"s3://{self.bucket}/")
        return self.client.generate_presigned_url("get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=seconds)

    def _way(self) -> tuple[Fetcher | None, Any]:
        """How to read many ranges, with the key of this moment; None where only botocore knows: by a proxy, without a key."""
        from botocore.httpsession import get_cert_path
        from botocore.utils import get_environ_proxies

        key = self.session.get_credentials()
        if key is None:
            return None, None
        if not self._fetchers:
            address = self.signed(self.address("x"), 60)
            at = urlsplit(address)
            if at.scheme in get_environ_proxies(address):
                return None, None
            secure = None
            if at.scheme == "https":
                secure = ssl.create_default_context(cafile=self.session.get_config_variable("ca_bundle") or get_cert_path(True))
            before = unquote(at.path).removesuffix(f"{self.prefix}x")
            self._fetchers.append(
                Fetcher(Host(at.hostname or "", at.port or (443 if secure else 80), before, secure, at.netloc))
            )
        return self._fetchers[0], key.get_frozen_credentials()

    def away(self) -> Unreachable:
        """The store was silent: for a while nobody who waits asks it."""
        self.back_at = time.monotonic() + AWAY_S
        return self._silent()

    def _silent(self) -> Unreachable:
        return refusing.silent(self.address(""))

    def _ask(self, action: str, **what: Any) -> Any:
        return self._patiently(lambda: getattr(self.client, action)(Bucket=self.bucket, **what))

    def _patiently(self, act: Callable[[], T], absent: T | None = None) -> T:
        """botocore asks again by itself, with pauses; what is left is told. A missing object is ``absent``, if given."""
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            CredentialRetrievalError,
            HTTPClientError,
            NoCredentialsError,
            ResponseStreamingError,
            TokenRetrievalError,
        )

        try:
            try:
                return act()
            except ResponseStreamingError:  # the connection ended in the middle of an answer
                return act()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if absent is not None and code in {"NoSuchKey", "404"}:
                return absent
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
                self.away()
            raise refusing.refused(code, self.address("")) from error
        except (NoCredentialsError, CredentialRetrievalError, TokenRetrievalError) as error:
            raise refusing.refused(refusing.NO_KEY, self.address("")) from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise self.away() from error


def _session() -> Any:
    import botocore.session

    return botocore.session.get_session()


def _client(session: Any, endpoint: str, tries: int, connect_s: float, read_s: float) -> Any:
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=connect_s,
        read_timeout=read_s,
        max_pool_connections=32,
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint else "auto"},
        request_checksum_calculation="when_required",  # stores older than 2025 refuse sums that nobody asked for
        response_checksum_validation="when_required",
    )
    region = session.get_config_variable("region") or os.environ.get("AWS_REGION") or "us-east-1"
    return session.create_client("s3", region_name=region, endpoint_url=endpoint or None, config=config)


def readers() -> list[Any]:
    """File systems for ``duckdb.register_filesystem``: the patient one of jobs, and one for who waits."""
    return [_reader("s3"), _reader(SOON)]


def _reader(scheme: str) -> Any:
    from fsspec import AbstractFileSystem

    class Reader(AbstractFileSystem):
        """An address read-only; asks no store whether a file exists, since the manifest said so."""

        protocol = scheme
        cachable = False

        def _open(self, path: str, mode: str = "rb", **_options: Any) -> Ranges:
            if mode != "rb":
                raise PermissionError("the archive is written by its job alone")
            return Ranges(str(path), patient=scheme != SOON)

        def size(self, path: str) -> int:
            return self._open(path).size

        def info(self, path: str, **_options: Any) -> dict[str, Any]:
            return {"name": path, "size": self.size(path), "type": "file"}

        def exists(self, path: str, **_options: Any) -> bool:
            return True

        def modified(self, path: str) -> datetime:
            return CONSTANT

    return Reader()


class Ranges(io.RawIOBase):
    """One object as a file: its end is fetched at once, since a reader of Parquet begins there, the rest when it is wanted.

    Who reads on from where he was will read the rest too: he is given large blocks.
    """

    def __init__(self, path: str, *, patient: bool) -> None:
        super().__init__()
        self.patient, self.key, self.position = patient, path.rpartition("://")[2].partition("/")[2], 0
        store = place.place()
        assert isinstance(store, Bucket)
        self.store = store
        self.held, self.size = store.tail(self.key, patient=patient)
        self.begins = self.size - len(self.held)
        self.read_to = self.size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self.position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.size}[whence]
        return self.position

    def read(self, size: int = -1) -> bytes:
        end = self.size if size < 0 else min(self.size, self.position + size)
        start, self.position = self.position, max(self.position, end)
        if start >= end:
            return b""
        if start >= self.begins:
            return self.held[start - self.begins : end - self.begins]
        goes_on, self.read_to = 0 <= start - self.read_to <= AHEAD, end
        if not goes_on:
            return self.store.part(self.key, f"{start}-{end - 1}", patient=self.patient)[0]
        first = start // AHEAD
        blocks = [self._block(number) for number in range(first, (end - 1) // AHEAD + 1)]
        return b"".join(blocks)[start - first * AHEAD :][: end - start]

    def _block(self, number: int) -> bytes:
        found = self.store.memory.get((self.key, number))
        if found is None:
            found = self.store.part(self.key, f"{number * AHEAD}-{(number + 1) * AHEAD - 1}", patient=self.patient)[0]
            self.store.memory.put((self.key, number), found, len(found))
        return found

    def readinto(self, into: Any) -> int:
        found = self.read(len(into))
        into[: len(found)] = found
        return len(found)
