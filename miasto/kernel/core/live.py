"""Live pages: one LISTEN connection for each process fans changed identifiers out to server-sent events.

The identifier of an event is the change's number; the first one a reader gets is the newest number there is. After a break
the browser sends ``Last-Event-ID``; everything from a little before it is told again (a transaction with a lower number may
commit later), which is harmless because an event only says that an object changed, and the page asks for the object anew.
A page that was just drawn sends the moment at which its request began (``DRAWN``): what happened between its answer and the
first connection of its stream is told too.
So whatever may have been lost (a broken connection, a reader too slow) ends the stream: the browser comes back and asks.

A process keeps so many streams for one person or one address, and for all (``OF_PERSON``, ``OF_ADDRESS``, ``STREAMS_MOST``):
``429`` or ``503`` with ``Retry-After`` beyond. A browser gives up a stream that is refused; the page's script reads the page
anew at intervals then, and asks for the stream again (``lib/live.js``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from miasto.kernel.core import clock, ratelimit
from miasto.kernel.core.models import Change
from miasto.kernel.core.turns import Turns

CHANNEL = "miasto_changes"
HEARTBEAT_S = 15.0
CONNECT_S = 10.0
OVERLAP = timedelta(seconds=60)
PAGE_OVERLAP = timedelta(seconds=2)  # what was being committed while the page was drawn
PAGE_AGE_MOST = timedelta(days=1)
DRAWN = "drawn"  # the query parameter: milliseconds since 1970
REPLAY_MOST = 500
ID_DIGITS, DRAWN_DIGITS = 18, 13
WAITING_MOST = 1000
STREAMS_MOST = 2000  # in one process
OF_PERSON = 30  # open pages of one who is signed in
OF_ADDRESS = 300  # of all others behind one address, which may be a hall of people who vote
REFUSED_S = 30
LIFE_S = 600.0  # who may see is settled when a stream begins; a role taken away or a log-out ends with the stream


@dataclass(frozen=True)
class Note:
    """That one object changed: the change's number, its action, the object's kind and identifier."""

    id: int
    action: str
    kind: str
    object_id: UUID


class Reader:
    """The notes that wait for one stream, of those it ``wants``; ``lost`` is set where one may have been missed."""

    def __init__(self, wants: Callable[[Any], bool] | None = None) -> None:
        self.notes: asyncio.Queue[Any] = asyncio.Queue(maxsize=WAITING_MOST + 1)
        self.wants, self.lost = wants, False

    def give(self, note: Any) -> None:
        """Let a note wait; one too many ends the stream."""
        if self.wants is not None and not self.wants(note):
            return
        if self.notes.qsize() < WAITING_MOST:
            self.notes.put_nowait(note)
        else:
            self.end()

    def end(self) -> None:
        """Wake the stream so that it ends; once."""
        if not self.lost:
            self.lost = True
            self.notes.put_nowait(None)


class Hub:
    """Fans the notes of one LISTEN connection out to the readers of this process. ``read`` makes a note of a payload."""

    def __init__(self, channel: str = CHANNEL, read: Callable[[str], Any] | None = None) -> None:
        self._channel, self._read = channel, read or _note
        self._readers: set[Reader] = set()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def crowd(self) -> int:
        """How many streams are open."""
        return len(self._readers)

    async def join(self, wants: Callable[[Any], bool] | None = None) -> Reader:
        """A new reader; returns once the connection listens. Raises ``TimeoutError`` where the database is away."""
        reader = Reader(wants)
        self._readers.add(reader)
        if self._task is None or self._task.done():
            self._ready.clear()
            self._task = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(self._ready.wait(), timeout=CONNECT_S)
        except BaseException:
            self.leave(reader)
            raise
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget a reader; the connection closes with the last one."""
        self._readers.discard(reader)
        if not self._readers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _listen(self) -> None:
        while self._readers:
            with suppress(psycopg.Error, OSError):
                await self._listen_once()
            if self._ready.is_set():
                # those who listened may have missed something; those who still wait for the connection have not
                self._ready.clear()
                for reader in self._readers:
                    reader.end()
            await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        parameters = await sync_to_async(_connection_parameters)()
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {self._channel}")
            self._ready.set()
            async for notice in listener.notifies():
                note = self._read(notice.payload)
                for reader in self._readers:
                    reader.give(note)


turns = Turns(STREAMS_MOST)
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Hub]] = WeakKeyDictionary()


def hub(channel: str = CHANNEL, read: Callable[[str], Any] | None = None) -> Hub:
    """The hub of a channel in the running event loop."""
    known = _hubs.setdefault(asyncio.get_running_loop(), {})
    if channel not in known:
        known[channel] = Hub(channel, read)
    return known[channel]


def _connection_parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}


def _note(payload: str) -> Note:
    number, action, kind, object_id = payload.split("|")
    return Note(int(number), action, kind, UUID(object_id))


def _newest() -> int:
    return Change.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _missed(last: int | None, drawn: datetime | None, kinds: Sequence[str]) -> list[Note]:
    """What came after the change ``last``, or else since a page was ``drawn``, and a little before it.

    Each object once, of the ``REPLAY_MOST`` newest changes; nothing where neither is known.
    """
    if last is not None:
        mark = Change.objects.filter(pk=last).values_list("at", flat=True).first()
        since = (mark or clock.now()) - OVERLAP
    elif drawn is not None:
        since = max(drawn - PAGE_OVERLAP, clock.now() - PAGE_AGE_MOST)
    else:
        return []
    rows = Change.objects.filter(at__gte=since, kind__in=kinds).exclude(pk=last or 0).order_by("-id")[:REPLAY_MOST]
    newest: dict[UUID, Note] = {}
    for row in rows:
        newest.setdefault(row.object_id, Note(row.id, row.action, row.kind, row.object_id))
    return sorted(newest.values(), key=lambda note: note.id)


def last_event_id(request: HttpRequest) -> int | None:
    """The number of the last event that a browser heard before it came back."""
    given = request.headers.get("Last-Event-ID", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= ID_DIGITS else None


def drawn_at(request: HttpRequest) -> int | None:
    """When the request for the page that asks began, in milliseconds since 1970; None where it does not say so in digits."""
    given = request.GET.get(DRAWN, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= DRAWN_DIGITS else None


def _drawn(request: HttpRequest) -> datetime | None:
    given = drawn_at(request)
    return None if given is None else datetime.fromtimestamp(given / 1000, tz=UTC)


def stream(
    request: HttpRequest, *, kinds: Sequence[str], tell: Callable[[Note], dict[str, Any] | None]
) -> HttpResponse | StreamingHttpResponse:
    """Answer a request with server-sent events of the changes of some kinds of object.

    ``tell(note)`` runs in a thread for each note and each reader: it must begin with ``visible_to(viewer)`` and returns the
    event's JSON data, or None where this viewer may not know. 429 or 503 where too many streams are open. One ends after
    ``LIFE_S`` seconds, and the browser comes back as who it is then.
    """
    frames = _events(last_event_id(request), _drawn(request), tuple(kinds), tell)
    return answer(request, frames, of_address=OF_ADDRESS)


async def ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """Ask the database in the thread of the request, and give the connection back at once.

    Django keeps it until a response has ended; a stream lasts minutes, and ten of them would hold all connections of a process.
    """

    def asked() -> Any:
        try:
            return question(*arguments)
        finally:
            close_old_connections()

    return await sync_to_async(asked)()


async def _in_turn(frames: AsyncGenerator[bytes, None], who: Hashable, each: int) -> AsyncIterator[bytes]:
    """The frames; the connection that the view has used goes back first. A turn is held while they are read."""
    async with aclosing(frames):
        await sync_to_async(close_old_connections)()
        with turns.take(who, each) as given:
            if not given:  # others came first since the view looked
                yield f"retry: {1000 * REFUSED_S}\n\n".encode()
                return
            async for frame in frames:
                yield frame


def _who(request: HttpRequest, of_address: int) -> tuple[Hashable, int]:
    """Whose streams are counted together, and how many there may be: those of a person, else those of an address."""
    person = getattr(getattr(request, "viewer", None), "person_id", None)
    if person is not None:
        return person, OF_PERSON
    return ratelimit.client(request), of_address * settings.RATE_LIMIT_FACTOR


def answer(
    request: HttpRequest, frames: AsyncGenerator[bytes, None], *, of_address: int
) -> HttpResponse | StreamingHttpResponse:
    """Frames of server-sent events as a response that nothing on the way keeps back.

    ``of_address``: how many streams, of any kind, those behind one address who are not signed in may have with this one. 429
    where this person or address has as many as one may have, 503 where all of the process are taken.
    """
    who, each = _who(request, of_address)
    if not turns.free(who, each):
        return HttpResponse(status=503 if turns.crowded else 429, headers={"Retry-After": str(REFUSED_S)})
    response = StreamingHttpResponse(_in_turn(frames, who, each), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(
    last: int | None, drawn: datetime | None, kinds: tuple[str, ...], tell: Callable[[Note], Any]
) -> AsyncGenerator[bytes, None]:
    reader = await hub().join()
    ends = asyncio.get_running_loop().time() + LIFE_S
    try:
        begin = await ask(_newest) if last is None else last
        yield f"retry: 2000\nid: {begin}\n\n".encode()
        for note in await ask(_missed, last, drawn, kinds):
            yield await _frame(note, tell)
        while not reader.lost and asyncio.get_running_loop().time() < ends:
            try:
                note = await asyncio.wait_for(reader.notes.get(), timeout=HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if note is not None and note.kind in kinds:
                yield await _frame(note, tell)
    finally:
        hub().leave(reader)


async def _frame(note: Note, tell: Callable[[Note], Any]) -> bytes:
    data = await ask(tell, note)
    if data is None:
        return b": \n\n"
    return f"id: {note.id}\nevent: change\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
