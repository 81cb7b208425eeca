"""One connection at the door: what its client says and hears, and within which bounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.observations.mqtt import packets, rights, sessions
from miasto.kernel.observations.mqtt.packets import Malformed, Packet, Publish, Splitter
from miasto.kernel.observations.mqtt.taking import Message

if TYPE_CHECKING:
    from miasto.kernel.observations.mqtt.door import Door

WAITING_MOST = 500  # messages of one client that are not answered yet
BYTES_MOST, BYTES_OF_ALL = 2 * 1024 * 1024, 128 * 1024 * 1024  # and of their bodies
STRANGER_LARGEST = 16 * 1024  # bytes of a packet before a key was shown
STRANGERS_MOST = 2000
NUMBER_OF_OURS = 65535  # of a request of ours to the broker, whose answer the client does not get
SLOW_S = 60  # who has not read what waits for so long is cut off, and who has not sent the rest of a packet
CONNECT_S = 10
FILTERS_MOST = 200
TOPIC_LONGEST, LEVELS_MOST = 1000, 100  # characters of a topic or a filter; its levels
FLUSH_S = 2  # for what was written before the end, to one who reads
NOT_AUTHORISED, MALFORMED, BAD_TOPIC, BAD_PAYLOAD, UNAVAILABLE, TAKEN_OVER = 0x87, 0x81, 0x90, 0x99, 0x88, 0x8E
TOO_LARGE, TOO_MANY, TOO_SLOW, BAD_ID, BAD_FILTER, SILENT = 0x95, 0x97, 0x98, 0x85, 0x8F, 0x8D
NO_SUBSCRIPTION = 0x11
WITH_WILL = 0x04
Who = tuple[UUID, str]  # key and client


class Client:
    """One connection."""

    def __init__(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.door, self.reader, self.writer = door, reader, writer
        self.address = (writer.get_extra_info("peername") or ("?",))[0]
        self.stranger = ExitStack()  # the turn of one who has shown no key
        self.viewer = rights.ANONYMOUS
        self.version, self.keepalive = packets.V4, 0
        self.hello: packets.Connect | None = None
        self.waiting = self.bytes = 0
        self.room = asyncio.Event()
        self.room.set()
        self.behind: asyncio.StreamWriter | None = None
        self.passing: asyncio.Task[None] | None = None
        self.heard: dict[str, rights.Heard] = {}  # by the client's own filter
        # What the broker has not answered yet: filters of the client, and those that the broker was asked.
        self.asked: dict[int, tuple[list[tuple[rights.Heard | None, int]], list[str]]] = {}
        self.closed = False
        self.values: dict[str, bytes] = {}  # of properties that are told when they change
        self.half, self.half_since = 0, 0.0  # bytes of a packet that is not whole yet, since when they are waited for
        self.who: Who | None = None
        self.will: Publish | None = None
        self.session, self.lasts = "", 0  # the name at the broker of a session that outlives this connection, its seconds

    async def serve(self) -> None:
        """Until the connection ends. Raises ``Malformed``, ``TimeoutError`` and those of the network."""
        splitter, first, now = Splitter(STRANGER_LARGEST), True, asyncio.get_running_loop().time
        spoke = False
        while not self.closed:
            if not self.room.is_set():
                await self.room.wait()
                self.half_since = now()  # it was not read: not its fault
            some = await asyncio.wait_for(self.reader.read(65536), self._patience(now(), first=first))
            if not some:
                return
            if not spoke and some[0] != packets.CONNECT << 4:
                raise Malformed("no CONNECT")  # not after the length that another protocol's letters seem to name
            spoke = True
            found = splitter.feed(some)
            self._counted(0, splitter.half - self.half)
            self.half_since = self.half_since if self.half and not found else now()
            self.half = splitter.half
            for packet in found:
                if first:
                    await self._connect(packet)
                    splitter.most, first = packets.LARGEST if self.viewer.api_key else STRANGER_LARGEST, False
                else:
                    await self._packet(packet)
                if self.closed:
                    return
            await asyncio.wait_for(self.writer.drain(), SLOW_S)

    def _patience(self, now: float, *, first: bool) -> float | None:
        """For how many seconds more is waited for; who has sent half a packet does not hold its memory for long."""
        usual = CONNECT_S if first else self.keepalive * 1.5 or None
        if not self.half:
            return usual
        left = max(0.0, self.half_since + (CONNECT_S if first else SLOW_S) - now)
        return left if usual is None else min(left, usual)

    async def _connect(self, packet: Packet) -> None:
        if packet.kind != packets.CONNECT:
            raise Malformed("no CONNECT")
        hello = packets.read_connect(packet)
        self.version = hello.version or packets.V4
        if not hello.version:
            return self._refuse(0x84)
        try:
            self.viewer = await self.door.ask(rights.enter, hello.password, self.address)
        except rights.WrongKey:
            return self._refuse(NOT_AUTHORISED)
        except (DatabaseError, InterfaceError):
            return self._refuse(UNAVAILABLE)
        if self.viewer.api_key:
            self.stranger.close()
        elif sum(not one.viewer.api_key for one in self.door.clients) > STRANGERS_MOST:
            return self._refuse(TOO_MANY)
        if not hello.client_id and not hello.clean and self.version < packets.V5:
            return self._refuse(BAD_ID)
        self.hello, self.keepalive = hello, hello.keepalive
        try:
            present = await self._take_up(hello)
        except (DatabaseError, InterfaceError, OSError, TimeoutError):
            return self._refuse(UNAVAILABLE)
        except sessions.TooMany:
            return self._refuse(TOO_MANY)
        self.will = hello.will if self.viewer.api_key else None
        self.writer.write(packets.connack(self.version, 0, self._limits(hello), present=present))
        return None

    async def _take_up(self, hello: packets.Connect) -> bool:
        """The session that this client left, or a new one; whether there was one. Raises ``OSError`` without the broker."""
        if not self.viewer.api_key or not hello.client_id or len(hello.client_id) > sessions.CLIENT_LONGEST:
            return False
        self.who = (self.viewer.api_key, hello.client_id)
        self.door.enter(self, self.who)
        self.lasts = hello.lasts(int(sessions.LASTS.total_seconds()))
        kept = await self.door.ask(sessions.left, self.viewer, hello.client_id)
        if kept and hello.clean:
            self.session = await self.door.ask(sessions.forget, self.viewer, hello.client_id)
            await self._open_behind(clean=True)  # so the broker ends it too
            self._close_behind()
            self.session, kept = "", None
        present = await self._resume(kept) if kept else False
        if not kept and self.lasts:
            self.session = await self.door.ask(sessions.begin, self.viewer, hello.client_id)
        elif kept and not self.lasts:
            await self.door.ask(sessions.forget, self.viewer, hello.client_id)
            self.session = ""
        return present

    async def _resume(self, kept: sessions.Kept) -> bool:
        """Go on where the client left off; False where the broker has lost it."""
        self.session = kept.name
        if not await self._open_behind():
            return False
        self.heard = dict(kept.heard)
        self._change(kept.fresh, kept.gone)
        return True

    def _change(self, fresh: Iterable[str], gone: Iterable[str]) -> None:
        """Filters of the broker that this client needs from now on, and those that it no longer does; it is not told."""
        for kind, names, options in ((packets.SUBSCRIBE, fresh, 1), (packets.UNSUBSCRIBE, gone, 0)):
            if asked := tuple((name, options) for name in names):
                self._to_broker(packets.Subscribe(NUMBER_OF_OURS, asked, self._extra()).packet(kind))

    def _close_behind(self) -> None:
        if self.behind is not None and self.passing is not None:
            self.behind.close()
            self.passing.cancel()
            self.behind = self.passing = None

    def _extra(self) -> bytes:
        return packets.properties({}) if self.version == packets.V5 else b""

    def _limits(self, hello: packets.Connect) -> dict[int, bytes]:
        made = {
            packets.RECEIVE_MAXIMUM: WAITING_MOST.to_bytes(2),
            packets.MAXIMUM_QOS: b"\1",
            packets.RETAIN_AVAILABLE: b"\0",
            packets.MAXIMUM_PACKET: packets.LARGEST.to_bytes(4),
            packets.SUBSCRIPTION_ID_AVAILABLE: b"\0",
            packets.SHARED_AVAILABLE: b"\0",
            packets.SESSION_EXPIRY: self.lasts.to_bytes(4),
        }
        if not hello.client_id:
            made[packets.ASSIGNED_ID] = packets.text(uuid7().hex)
        return made

    def _refuse(self, reason: int) -> None:
        self.writer.write(packets.connack(self.version, reason))
        self.close()

    async def _packet(self, packet: Packet) -> None:
        kind = packet.kind
        if kind == packets.PUBLISH:
            await self._published(packets.read_publish(packet, self.version))
        elif kind == packets.PUBREL:
            self.writer.write(packets.answer(packets.PUBCOMP, packets.number_of(packet)))
        elif kind == packets.PINGREQ:
            self.writer.write(Packet(packets.PINGRESP << 4, b"").encoded())
        elif kind == packets.SUBSCRIBE:
            await self._subscribe(packets.read_subscribe(packet, self.version))
        elif kind == packets.UNSUBSCRIBE:
            self._unsubscribe(packets.read_subscribe(packet, self.version))
            await self._keep()
        elif kind == packets.DISCONNECT:
            await self._leave(packet)
        elif kind in (packets.PUBACK, packets.PUBREC, packets.PUBCOMP):
            if self.behind is not None:
                self.behind.write(packet.encoded())
        else:
            raise Malformed("a packet of this kind is the server's")

    async def _leave(self, packet: Packet) -> None:
        """In order: nothing is published, unless MQTT 5 asks for it; MQTT 5 may also say that the session is over."""
        reason, found = packets.read_disconnect(packet, self.version)
        if reason != WITH_WILL:
            self.will = None
        if self.session and self.who and found.get(packets.SESSION_EXPIRY) == bytes(4):
            self._to_broker(packet)
            await self.door.ask(sessions.forget, self.viewer, self.who[1])
        self.close()

    # Publishing

    async def _published(self, said: Publish) -> None:
        if not said.topic or (self.version == packets.V5 and said.qos == 2):
            raise Malformed("no alias and no QoS 2 were offered")
        size = len(said.payload)
        if is_too_long(said.topic):
            if said.qos:
                self._answer(said.qos, said.number, BAD_TOPIC)
            return
        self._counted(1, size)
        message = Message(said.topic, said.payload, clock.now(), self.viewer)
        self.door.taker.put((self, said.qos, said.number, size), message)

    def _counted(self, more: int, size: int) -> None:
        """So many messages and bytes more wait, or fewer; a client of whom enough waits is not read."""
        self.waiting += more
        self.bytes += size
        self.door.bytes += size
        crowded = self.door.bytes >= BYTES_OF_ALL and self.waiting > 0
        if self.waiting >= WAITING_MOST or self.bytes >= BYTES_MOST or crowded:
            self.room.clear()
        else:
            self.room.set()

    def done(self, qos: int, number: int, size: int, reason: int) -> None:
        """A message is committed, or never will be. Older clients cannot be told of a refusal: they get the positive answer."""
        self._counted(-1, -size)
        if qos and not self.closed:
            self._answer(qos, number, reason)

    def _answer(self, qos: int, number: int, reason: int) -> None:
        kind = packets.PUBREC if qos == 2 else packets.PUBACK
        with suppress(ConnectionError, RuntimeError):
            self.writer.write(packets.answer(kind, number, reason, self.version))

    # Subscriptions

    async def _subscribe(self, asked: packets.Subscribe) -> None:
        given: dict[str, rights.Heard] = {}
        answers: list[tuple[rights.Heard | None, int]] = []
        wanted: dict[str, int] = {}  # one filter of the broker may stand for several of the client
        for name, options in asked.filters:
            found, refusal = await self._judged(name, given)
            answers.append((found, refusal))
            if found is None:
                continue
            given[name] = found
            quality = options & 3 if found.plain else 0
            for one in found.filters:
                known = wanted.get(one, 0)
                wanted[one] = max(known & 3, quality) | (options | known) & ~3
        try:
            if wanted:
                await self._open_behind()
        except (OSError, TimeoutError):
            wanted, given, answers = {}, {}, [(None, UNAVAILABLE) for _one in answers]
        self.asked[asked.number] = (answers, list(wanted))
        if not wanted:
            self._granted(packets.SUBACK, asked.number, [])
            return
        self.heard |= given
        await self._keep()
        self._to_broker(packets.Subscribe(asked.number, tuple(wanted.items()), self._extra()).packet(packets.SUBSCRIBE))

    async def _judged(self, name: str, given: Collection[str]) -> tuple[rights.Heard | None, int]:
        """What a filter stands for, or None and why it is refused; ``given`` are those of the same packet."""
        if is_too_long(name):
            return None, BAD_FILTER
        if name not in self.heard and len(self.heard.keys() | given) >= FILTERS_MOST:
            return None, TOO_MANY
        try:
            return await self.door.ask(rights.allowed, name, self.viewer), NOT_AUTHORISED
        except (DatabaseError, InterfaceError):
            return None, UNAVAILABLE

    async def _keep(self) -> None:
        if self.session:
            await self.door.ask(sessions.save, self.session, self.heard.copy())

    def _granted(self, kind: int, number: int, reasons: list[int]) -> None:
        """Answer a subscription: the broker's reasons where it was asked, a refusal elsewhere."""
        judged, filters = self.asked.pop(number, ([], []))
        given = dict(zip(filters, reasons, strict=False))
        told = []
        for found, refusal in judged:
            reason = max(given.get(one, 0) for one in found.filters) if found else refusal
            told.append(0 if found and not found.plain and reason < 3 else reason)
        self.writer.write(packets.suback(kind, number, told, self.version))

    def _unsubscribe(self, asked: packets.Subscribe) -> None:
        known = [(self.heard.pop(name, None), NO_SUBSCRIPTION) for name, _options in asked.filters]
        left = self._needed()
        gone = list(dict.fromkeys(one for found, _refusal in known if found for one in found.filters if one not in left))
        self.asked[asked.number] = (known, gone)
        if gone:
            asking = packets.Subscribe(asked.number, tuple((name, 0) for name in gone), self._extra())
            self._to_broker(asking.packet(packets.UNSUBSCRIBE))
        else:
            self._granted(packets.UNSUBACK, asked.number, [])

    def _to_broker(self, packet: Packet) -> None:
        if self.behind is not None:
            self.behind.write(packet.encoded())

    def _needed(self) -> set[str]:
        """The filters that the broker must know of for this client."""
        return {one for found in self.heard.values() for one in found.filters}

    async def judge_anew(self) -> bool:
        """Whether what this client hears beyond what everybody does is still for it.

        Data streams that were added to a feature of interest since are heard from now on, others no more. Raises
        ``DatabaseError``.
        """
        beyond = {name: one for name, one in self.heard.items() if one.about or one.filter.startswith(rights.INSIDE)}
        before = self._needed()
        for name, known in beyond.items():
            found = await self.door.ask(rights.allowed, name, self.viewer)
            if self.heard.get(name) is not known:
                continue  # the client has given it up meanwhile
            if found is None or (found != known and not known.about):
                return False
            self.heard[name] = found
        if (after := self._needed()) != before:
            self._change(after - before, before - after)
            await self._keep()
        return True

    async def _open_behind(self, *, clean: bool = False) -> bool:
        """Connect to the broker in this client's name; whether it had a session. Raises ``OSError``, ``TimeoutError``."""
        if self.behind is not None:
            return False
        place, hello = self.door.broker, self.hello
        assert hello is not None
        kept = (packets.RECEIVE_MAXIMUM, packets.MAXIMUM_PACKET)
        password = unquote(place.password or "").encode()
        name = self.session or f"door-{uuid7().hex}"
        found = {key: one for key, one in hello.properties.items() if key in kept}
        if self.version == packets.V5 and self.session:
            found[packets.SESSION_EXPIRY] = self.lasts.to_bytes(4)
        clean = clean or not self.session
        connect = packets.Connect(self.version, name, 0, unquote(place.username or ""), password, clean, found)
        opening = asyncio.open_connection(place.hostname, place.port or 1883)
        reader, writer = await asyncio.wait_for(opening, CONNECT_S)
        try:
            writer.write(connect.packet().encoded())
            splitter, some = Splitter(), []
            while not some:
                read = await asyncio.wait_for(reader.read(65536), CONNECT_S)
                if not read:
                    raise ConnectionError
                some = splitter.feed(read)
            if some[0].kind != packets.CONNACK or some[0].body[1]:
                raise ConnectionError
        except BaseException:
            writer.close()
            raise
        self.behind = writer
        self.passing = asyncio.create_task(self._pass_on(reader, splitter, some[1:]))
        return bool(some[0].body[0])

    async def _pass_on(self, reader: asyncio.StreamReader, splitter: Splitter, some: list[Packet]) -> None:
        """What the broker says, to the client, who is not hurried; the end of one is the end of the other."""
        with suppress(ConnectionError, Malformed):
            while not self.closed:
                for packet in some:
                    await self._from_broker(packet)
                try:
                    await asyncio.wait_for(self.writer.drain(), SLOW_S)
                except TimeoutError:
                    return self.close(TOO_SLOW)
                read = await reader.read(65536)
                if not read:
                    break
                some = splitter.feed(read)
        return self.close(UNAVAILABLE)

    async def _from_broker(self, packet: Packet) -> None:
        kind = packet.kind
        if kind == packets.PUBLISH:
            await self._heard_of(packets.read_publish(packet, self.version))
        elif kind in (packets.SUBACK, packets.UNSUBACK):
            number, reasons = packets.read_reasons(packet, self.version)
            if number in self.asked:
                self._granted(kind, number, reasons)
        else:
            self.writer.write(packet.encoded())

    async def _heard_of(self, said: Publish) -> None:
        """A message under the client's own topic, and once more for each choice of properties of it.

        Where the database must be asked, the next message waits: they keep their order, and a flood fills no memory.
        """
        topic = said.topic.partition("/")[2]
        plain = False
        for name, found in list(self.heard.items()):
            if found.plain:
                plain = plain or matches(found.filter, said.topic)
            elif said.topic in found.filters and (not found.within or await self._is_member(found, said)):
                self._chosen(name, found, said)
        if plain:
            self.writer.write(said.under(topic).packet().encoded())
        elif said.qos == 1:
            self._to_broker(Packet(packets.PUBACK << 4, said.number.to_bytes(2)))

    async def _is_member(self, found: rights.Heard, said: Publish) -> bool:
        """Whether an entity belongs to the set that was asked for; not where the database is away."""
        number = json.loads(said.payload)["@iot.id"]
        try:
            return bool(await self.door.ask(rights.member, found.within, number, self.viewer)) and not self.closed
        except (DatabaseError, InterfaceError):
            return False

    def _chosen(self, name: str, found: rights.Heard, said: Publish) -> None:
        payload = selected(said.payload, found.select) if found.select else said.payload
        if found.changed:
            before = self.values.get(name) or found.known.encode()
            self.values[name] = payload
            if json.loads(before) == json.loads(payload):
                return
        self.writer.write(Publish(name, payload, 0, extra=said.extra).packet().encoded())

    def close(self, reason: int | None = None) -> None:
        """End the connection; a client of MQTT 5 hears why."""
        if self.closed:
            return
        self.closed = True
        self._counted(0, -self.half)
        self.half = 0
        self.room.set()
        with suppress(ConnectionError, RuntimeError):
            if reason is not None and self.version == packets.V5 and self.hello is not None:
                self.writer.write(packets.disconnect(reason))
            self.writer.close()
            # Closing waits until all was read that was written before, and who does not read would stay for ever.
            asyncio.get_running_loop().call_later(FLUSH_S, self.writer.transport.abort)
            if self.behind is not None:
                self.behind.close()
        if self.passing is not None and self.passing is not asyncio.current_task():
            self.passing.cancel()


def is_too_long(topic: str) -> bool:
    """Of a topic or a filter: longer or deeper than any of ours, and dear to take apart."""
    return len(topic) > TOPIC_LONGEST or topic.count("/") >= LEVELS_MOST


def matches(wanted: str, topic: str) -> bool:
    """Whether a topic belongs to a filter (MQTT 5, 4.7)."""
    asked, levels = wanted.split("/"), topic.split("/")
    for place, one in enumerate(asked):
        if one == "#":
            return True
        if place >= len(levels) or one not in ("+", levels[place]):
            return False
    return len(asked) == len(levels)


def selected(payload: bytes, names: tuple[str, ...]) -> bytes:
    """Of an observation's JSON the named properties and links (18-088 § 14.2.3)."""
    body = json.loads(payload)
    aliases = {"id": "@iot.id", "selfLink": "@iot.selfLink"}
    wanted = {aliases.get(name, name) for name in names} | {f"{name}@iot.navigationLink" for name in names}
    return json.dumps({name: one for name, one in body.items() if name in wanted}, ensure_ascii=False).encode()
