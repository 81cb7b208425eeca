"""Live pages: one LISTEN connection for each process fans changed identifiers out to server-sent events.

The identifier of an event is the change's number. After a break the browser sends ``Last-Event-ID``; everything from a
little before it is told again (a transaction with a lower number may commit later), which is harmless because an event
only says that an object changed, and the page asks for the object anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse

from miasto.kernel.core import clock
from miasto.kernel.core.models import Change

CHANNEL = "miasto_changes"
HEARTBEAT_S = 15.0
OVERLAP = timedelta(seconds=60)
REPLAY_MOST = 500


@dataclass(frozen=True)
class Note:
    """That one object changed: the change's number, its action, the object's kind and identifier."""

    id: int
    action: str
    kind: str
    object_id: UUID


class Hub:
    """Fans the notes of one LISTEN connection out to the queues of this process's readers."""

    def __init__(self) -> None:
        self._readers: set[asyncio.Queue[Note]] = set()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def join(self) -> asyncio.Queue[Note]:
        """A new reader's queue; returns once the connection listens."""
        queue: asyncio.Queue[Note] = asyncio.Queue(maxsize=1000)
        self._readers.add(queue)
        if self._task is None or self._task.done():
            self._ready.clear()
            self._task = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._ready.wait(), timeout=10)
        return queue

    def leave(self, queue: asyncio.Queue[Note]) -> None:
        """Forget a reader; the connection closes with the last one."""
        self._readers.discard(queue)
        if not self._readers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _listen(self) -> None:
        while self._readers:
            try:
                await self._listen_once()
            except psycopg.OperationalError:
                self._ready.clear()
                await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        parameters = await sync_to_async(_connection_parameters)()
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            self._ready.set()
            async for notice in listener.notifies():
                self._tell(_note(notice.payload))

    def _tell(self, note: Note) -> None:
        for queue in self._readers:
            if not queue.full():
                queue.put_nowait(note)


_hubs: dict[int, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(id(asyncio.get_running_loop()), Hub())


def _connection_parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}


def _note(payload: str) -> Note:
    number, action, kind, object_id = payload.split("|")
    return Note(int(number), action, kind, UUID(object_id))


def _missed(last: int, kinds: Sequence[str]) -> list[Note]:
    mark = Change.objects.filter(pk=last).values_list("at", flat=True).first()
    since = (mark or clock.now()) - OVERLAP
    rows = Change.objects.filter(at__gte=since, kind__in=kinds).exclude(pk=last).order_by("id")[:REPLAY_MOST]
    return [Note(row.id, row.action, row.kind, row.object_id) for row in rows]


def stream(request: HttpRequest, *, kinds: Sequence[str], tell: Callable[[Note], dict[str, Any] | None]) -> StreamingHttpResponse:
    """Answer a request with server-sent events of the changes of some kinds of object.

    ``tell(note)`` runs in a thread for each note and each reader: it must begin with ``visible_to(viewer)`` and returns the
    event's JSON data, or None where this viewer may not know.
    """
    last = request.headers.get("Last-Event-ID", "")
    response = StreamingHttpResponse(
        _events(int(last) if last.isdigit() else None, tuple(kinds), tell), content_type="text/event-stream; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(last: int | None, kinds: tuple[str, ...], tell: Callable[[Note], Any]) -> AsyncIterator[bytes]:
    queue = await hub().join()
    try:
        yield b"retry: 2000\n\n"
        if last is not None:
            for note in await sync_to_async(_missed)(last, kinds):
                yield await _frame(note, tell)
        while True:
            try:
                note = await asyncio.wait_for(queue.get(), timeout=HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if note.kind in kinds:
                yield await _frame(note, tell)
    finally:
        hub().leave(queue)


async def _frame(note: Note, tell: Callable[[Note], Any]) -> bytes:
    data = await sync_to_async(tell)(note)
    if data is None:
        return b": \n\n"
    return f"id: {note.id}\nevent: change\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
