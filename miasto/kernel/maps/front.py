"""Answers for the tiles that everybody may see, before Django's middleware: a cache in the memory of the process.

Only a request without a session cookie and without credentials is answered here; all others go on to the view, whose
answers are never kept. What is kept is dropped as soon as a table behind the layer changes.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from miasto.kernel.accounts.viewer import ANONYMOUS
from miasto.kernel.core.conditional import etag
from miasto.kernel.core.freshness import Listener, listener
from miasto.kernel.maps import tiles
from miasto.kernel.maps.freshness import tables_in
from miasto.kernel.maps.layers import layer
from miasto.kernel.spec.maps import Layer

PATH = re.compile(r"^/mapa/kafelki/([a-z0-9_.]+)/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt$")
KEEP_S = 300.0
COMPILED_S = 30.0
KEEP_BYTES = 64 * 1024 * 1024
GZIP_FROM = 1024
THREADS = 4

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Callable[..., Any], Send], Awaitable[None]]
Key = tuple[str, int, int, int]


def cache_control(spec: Layer) -> str:
    """How long a public tile may be kept elsewhere: the basemap for an hour, the rest must be asked about each time."""
    return "public, max-age=3600" if spec.basemap else "public, max-age=0, must-revalidate"


@dataclass(slots=True)
class Kept:
    """One tile in the memory; ``version`` is that of its tables before it was read."""

    body: bytes
    etag: str
    version: tuple[int, ...] | None
    until: float
    packed: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes to count: the tile, room for its packed form, and the entry itself."""
        return len(self.body) * 3 // 2 + 500


@dataclass
class Cache:
    """The least recently used tiles leave first."""

    most_bytes: int = KEEP_BYTES
    held: int = 0
    tiles: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)

    def get(self, key: Key) -> Kept | None:
        found = self.tiles.get(key)
        if found is not None:
            self.tiles.move_to_end(key)
        return found

    def put(self, key: Key, kept: Kept) -> None:
        self.drop(key)
        self.tiles[key] = kept
        self.held += kept.size
        while self.held > self.most_bytes and self.tiles:
            self.drop(next(iter(self.tiles)))

    def drop(self, key: Key) -> None:
        gone = self.tiles.pop(key, None)
        if gone is not None:
            self.held -= gone.size


class TileFront:
    """ASGI middleware around the whole application."""

    def __init__(self, app: App, *, heard: Listener = listener, cache: Cache | None = None) -> None:
        self.app = app
        self.heard = heard
        self.cache = cache or Cache()
        self._database = tiles.Reader()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tiles")
        self._compiled: dict[tuple[str, int], tuple[float, str, list[Any], frozenset[str]]] = {}
        self._asked: dict[Key, asyncio.Task[Kept]] = {}

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Send) -> None:
        if scope["type"] == "lifespan":
            return await _lifespan(receive, send)
        self.heard.start()
        found = _public_tile(scope)
        if found is None:
            return await self.app(scope, receive, send)
        spec, key, headers = found
        try:
            kept = await self._tile(spec, key)
        except (DatabaseError, psycopg.Error):
            return await self.app(scope, receive, send)
        return await self._answer(send, scope["method"], spec, kept, headers)

    def close(self) -> None:
        """Close the connections for tiles."""
        self._threads.shutdown()
        self._database.close()

    async def _tile(self, spec: Layer, key: Key) -> Kept:
        kept = self.cache.get(key)
        if kept is not None and kept.version is not None and time.monotonic() < kept.until:
            compiled = self._compiled.get((spec.key, key[1]))
            if compiled is not None and kept.version == self.heard.version(compiled[3]):
                return kept
        task = self._asked.get(key)
        if task is None:
            # several browsers that want the same cold tile share one query
            task = self._asked[key] = asyncio.create_task(self._render(spec, key))
            task.add_done_callback(lambda _task: self._asked.pop(key, None))
        return await asyncio.shield(task)

    async def _render(self, spec: Layer, key: Key) -> Kept:
        kept = await asyncio.get_running_loop().run_in_executor(self._threads, self._read, spec, key)
        if kept.version is not None:
            self.cache.put(key, kept)
        return kept

    def _read(self, spec: Layer, key: Key) -> Kept:
        _layer, z, x, y = key
        sql, parameters, tables = self._statement(spec, z)
        version = self.heard.version(tables)
        body = self._database.bytes(sql, tiles.tile_parameters(parameters, z, x, y))
        return Kept(body, etag(body, weak=True), version, time.monotonic() + KEEP_S)

    def _statement(self, spec: Layer, z: int) -> tuple[str, list[Any], frozenset[str]]:
        found = self._compiled.get((spec.key, z))
        if found is None or found[0] < time.monotonic():
            try:
                sql, parameters = tiles.statement(spec, ANONYMOUS, z)
            finally:
                connection.close()
            found = self._compiled[spec.key, z] = (time.monotonic() + COMPILED_S, sql, parameters, tables_in(sql))
        return found[1:]

    async def _answer(self, send: Send, method: str, spec: Layer, kept: Kept, asked: dict[bytes, bytes]) -> None:
        headers = [
            (b"etag", kept.etag.encode()),
            (b"cache-control", cache_control(spec).encode()),
            (b"vary", b"Cookie, Accept-Encoding"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            (b"referrer-policy", b"same-origin"),
        ]
        if settings.SECURE_HSTS_SECONDS:
            headers.append((b"strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}".encode()))
        if kept.etag.encode() in asked.get(b"if-none-match", b""):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        body = kept.body
        if len(body) >= GZIP_FROM and b"gzip" in asked.get(b"accept-encoding", b""):
            body = await self._pack(kept)
            headers.append((b"content-encoding", b"gzip"))
        headers += [(b"content-type", tiles.MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})

    async def _pack(self, kept: Kept) -> bytes:
        if kept.packed is None:
            loop = asyncio.get_running_loop()
            kept.packed = await loop.run_in_executor(self._threads, lambda: gzip.compress(kept.body, 4, mtime=0))
        return kept.packed


async def _lifespan(receive: Callable[..., Any], send: Send) -> None:
    """The server's start and stop, of which Django wants to know nothing."""
    while True:
        part = (await receive())["type"].removeprefix("lifespan.")
        await send({"type": f"lifespan.{part}.complete"})
        if part == "shutdown":
            return


def _public_tile(scope: Scope) -> tuple[Layer, Key, dict[bytes, bytes]] | None:
    """The tile that is asked for, if everybody may have the answer; None for what Django must answer."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    match = PATH.match(scope["path"])
    if match is None:
        return None
    headers = dict(scope["headers"])
    if b"authorization" in headers or _has_session(headers.get(b"cookie", b"")) or not _is_secure(scope, headers):
        return None
    spec = layer(match[1])
    key = (match[1], int(match[2]), int(match[3]), int(match[4]))
    if spec is None:
        return None
    try:
        tiles.check(spec, *key[1:])
    except tiles.NoSuchTile:
        return None
    return spec, key, headers


def _has_session(cookies: bytes) -> bool:
    name = settings.SESSION_COOKIE_NAME.encode()
    return any(part.split(b"=", 1)[0].strip() == name for part in cookies.split(b";"))


def _is_secure(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    if not settings.SECURE_SSL_REDIRECT or scope.get("scheme") == "https":
        return True
    return settings.SECURE_PROXY_SSL_HEADER is not None and headers.get(b"x-forwarded-proto") == b"https"
