"""The front door of MQTT: devices and partners connect here, and a PUBACK means that the readings are committed.

A broker answers a device before anybody has stored what it sent. So messages never go through one: this server takes PUBLISH
itself, asks whether the sender's key may write there, has the readings stored, and answers after the commit (``taker``).
Subscriptions are the broker's work: at the first one a connection to it is opened behind the client's, filters are judged by
``rights``, and what the broker sends is passed on. A session that is to outlive its connection is the broker's too
(``sessions``). Who publishes at QoS 1 sends again what was not answered, and repetition is harmless. A client whose messages
wait is not read further, so a slow database fills no memory.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.db import DatabaseError, InterfaceError, close_old_connections

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.observations.mqtt import packets, rights, sessions
from miasto.kernel.observations.mqtt.packets import Malformed, Packet, Publish, Splitter, TooLarge
from miasto.kernel.observations.mqtt.taker import Taker
from miasto.kernel.observations.mqtt.taking import Message, Verdict
from miasto.kernel.observations.mqtt.tls import Certificate

WAITING_MOST = 500  # messages of one client that are not answered yet
BYTES_MOST, BYTES_OF_ALL = 2 * 1024 * 1024, 128 * 1024 * 1024  # and of their bodies
STRANGER_LARGEST = 16 * 1024  # bytes of a packet before a key was shown
CLIENTS_MOST, STRANGERS_MOST = 5000, 2000
NUMBER_OF_OURS = 65535  # of a request of ours to the broker, whose answer the client does not get
SLOW_S = 60  # who has not read what waits for so long is cut off
CONNECT_S = 10
RIGHTS_EVERY_S = 60
FILTERS_MOST = 200
NOT_AUTHORISED, MALFORMED, BAD_TOPIC, BAD_PAYLOAD, UNAVAILABLE, TAKEN_OVER = 0x87, 0x81, 0x90, 0x99, 0x88, 0x8E
TOO_LARGE, TOO_MANY, TOO_SLOW, BAD_ID = 0x95, 0x97, 0x98, 0x85
WITH_WILL = 0x04
Who = tuple[UUID, str]  # key and client
_REASONS = {Verdict.ACCEPTED: 0, Verdict.QUARANTINED: 0, Verdict.BAD: BAD_PAYLOAD, Verdict.FORBIDDEN: NOT_AUTHORISED}

_log = logging.getLogger(__name__)


class Door:
    """Listens at ``host:port``; the broker behind is ``broker_url``. Runs in a thread with a loop of its own."""

    def __init__(self, address: str, broker_url: str, certificate: Certificate | None = None) -> None:
        self.certificate = certificate
        self.known: dict[Who, Client] = {}  # of each client of a key its present connection
        self.wills: dict[Who, asyncio.TimerHandle] = {}  # that wait for their delay
        host, _colon, port = address.rpartition(":")
        self.host, self.port, self.broker = host, int(port), urlsplit(broker_url)
        self.taker = Taker(self._done)
        self.clients: set[Client] = set()
        self.bytes = 0  # of messages that are not answered yet
        self.stopping = False
        # Questions to the database, which may wait, off the loop; few threads, each with one connection.
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="MQTT rights")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="MQTT door", daemon=True)
        self._ready, self._over = threading.Event(), asyncio.Event()

    def start(self) -> None:
        """Open; returns once it listens. Raises ``OSError`` where the port is taken."""
        self.taker.start()
        self._failed: OSError | None = None
        self._thread.start()
        self._ready.wait(30)
        if self._failed:
            raise self._failed

    def stop(self) -> None:
        """Close; what was not answered is sent again by its sender."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(timeout=10)
        self.taker.stop()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        try:
            servers = [await asyncio.start_server(self._client, self.host, self.port, backlog=1024)]
            if self.certificate:
                host, _colon, port = self.certificate.address.rpartition(":")
                secure = {"ssl": self.certificate.context, "ssl_handshake_timeout": CONNECT_S}
                servers.append(await asyncio.start_server(self._client, host, int(port), backlog=1024, **secure))
        except OSError as error:
            self._failed = error
            self._ready.set()
            return
        self._ready.set()
        watching = asyncio.create_task(self._watch_rights())
        await self._over.wait()
        for server in servers:
            server.close()
        watching.cancel()
        self.stopping = True
        for client in list(self.clients):
            client.close(0x8B)
        await asyncio.sleep(0.05)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, reader, writer)
        if len(self.clients) >= CLIENTS_MOST:
            writer.close()
            return
        self.clients.add(client)
        try:
            await client.serve()
        except TooLarge:
            client.close(TOO_LARGE)
        except (Malformed, ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            client.close(MALFORMED)
        except Exception:
            _log.exception("a client of the door was dropped")
        finally:
            self.clients.discard(client)
            client.close()
            self._gone(client)

    def enter(self, client: Client, who: Who) -> None:
        """This is the connection of that client from now on; an older one ends, and a will that waits is not published."""
        before = self.known.get(who)
        if before is not None:
            before.close(TAKEN_OVER)
        self.known[who] = client
        if (timer := self.wills.pop(who, None)) is not None:
            timer.cancel()

    def _gone(self, client: Client) -> None:
        """A connection has ended: its will is published as if the client said it now, after the delay that it asked for."""
        if client.who and self.known.get(client.who) is client:
            del self.known[client.who]
        will, hello = client.will, client.hello
        if will is None or hello is None or self.stopping:
            return
        delay = min(hello.delay_s, client.lasts)

        def publish() -> None:
            self.taker.put((client, 0, 0, 0), Message(will.topic, will.payload, clock.now(), client.viewer))

        if client.who and delay and client.who not in self.known:
            self.wills[client.who] = self._loop.call_later(delay, publish)
        else:
            publish()

    async def ask(self, question, *arguments):
        """Ask the database in a thread."""

        def asked():
            try:
                return question(*arguments)
            finally:
                close_old_connections()

        return await self._loop.run_in_executor(self.pool, asked)

    async def _watch_rights(self) -> None:
        """A key that is switched off, or holds other rights now, is noticed within a minute; its filters are judged anew."""
        while True:
            await asyncio.sleep(RIGHTS_EVERY_S)
            keyed = [one for one in self.clients if one.viewer.api_key]
            with suppress(OSError):  # half of a certificate, while it is renewed
                if self.certificate:
                    self.certificate.renew()
            with suppress(DatabaseError, InterfaceError):
                await self.ask(sessions.look_after, [one.session for one in keyed if one.session])
                known = await self.ask(rights.still, [one.viewer for one in keyed])
                for one in keyed:
                    if known.get(one.viewer.api_key) != one.viewer or not await self.ask(one.may_still):
                        one.close(NOT_AUTHORISED)

    def _done(self, token: tuple[Client, int, int, int], verdict: Verdict) -> None:
        """In the taker's thread."""
        client, qos, number, size = token
        with suppress(RuntimeError):  # the loop is gone
            self._loop.call_soon_threadsafe(client.done, qos, number, size, _REASONS[verdict])


class Client:
    """One connection."""

    def __init__(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.door, self.reader, self.writer = door, reader, writer
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
        self.asked: dict[int, tuple[list[tuple[str, rights.Heard | None]], list[str]]] = {}
        self.closed = False
        self.values: dict[str, bytes] = {}  # of properties that are told when they change
        self.asking: set[asyncio.Task[None]] = set()
        self.who: Who | None = None
        self.will: Publish | None = None
        self.session, self.lasts = "", 0  # the name at the broker of a session that outlives this connection, its seconds

    async def serve(self) -> None:
        """Until the connection ends. Raises ``Malformed``, ``TimeoutError`` and those of the network."""
        splitter, first = Splitter(STRANGER_LARGEST), True
        while not self.closed:
            await self.room.wait()
            patience = CONNECT_S if first else self.keepalive * 1.5 or None
            some = await asyncio.wait_for(self.reader.read(65536), patience)
            if not some:
                return
            for packet in splitter.feed(some):
                if first:
                    await self._connect(packet)
                    splitter.most, first = packets.LARGEST if self.viewer.api_key else STRANGER_LARGEST, False
                else:
                    await self._packet(packet)
                if self.closed:
                    return
            await asyncio.wait_for(self.writer.drain(), SLOW_S)

    async def _connect(self, packet: Packet) -> None:
        if packet.kind != packets.CONNECT:
            raise Malformed("no CONNECT")
        hello = packets.read_connect(packet)
        self.version = hello.version or packets.V4
        if not hello.version:
            return self._refuse(0x84)
        try:
            who = (self.writer.get_extra_info("peername") or ("?",))[0]
            self.viewer = await self.door.ask(rights.enter, hello.password, who)
        except rights.WrongKey:
            return self._refuse(NOT_AUTHORISED)
        except (DatabaseError, InterfaceError):
            return self._refuse(UNAVAILABLE)
        if not self.viewer.api_key and sum(not one.viewer.api_key for one in self.door.clients) > STRANGERS_MOST:
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
        if kept.gone:
            asking = packets.Subscribe(NUMBER_OF_OURS, tuple((name, 0) for name in kept.gone), self._extra())
            self._to_broker(asking.packet(packets.UNSUBSCRIBE))
        return True

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
        if not qos or self.closed:
            return
        kind = packets.PUBREC if qos == 2 else packets.PUBACK
        with suppress(ConnectionError, RuntimeError):
            self.writer.write(packets.answer(kind, number, reason, self.version))

    # Subscriptions

    async def _subscribe(self, asked: packets.Subscribe) -> None:
        judged = []
        for name, options in asked.filters:
            full = len(self.heard) + len(judged) >= FILTERS_MOST
            try:
                found = None if full else await self.door.ask(rights.allowed, name, self.viewer)
            except (DatabaseError, InterfaceError):
                found = None
            judged.append((name, options, found))
        wanted: dict[str, int] = {}  # one filter of the broker may stand for several of the client
        for _name, options, found in judged:
            if found:
                quality = options & 3 if found.plain else 0
                known = wanted.get(found.filter, 0)
                wanted[found.filter] = max(known & 3, quality) | (options | known) & ~3
        try:
            if wanted:
                await self._open_behind()
        except (OSError, TimeoutError):
            wanted, judged = {}, [(name, options, None) for name, options, _found in judged]
        self.asked[asked.number] = ([(name, found) for name, _options, found in judged], list(wanted))
        if not wanted:
            self._granted(packets.SUBACK, asked.number, [])
            return
        self.heard |= {name: found for name, _options, found in judged if found}
        await self._keep()
        self._to_broker(packets.Subscribe(asked.number, tuple(wanted.items()), self._extra()).packet(packets.SUBSCRIBE))

    async def _keep(self) -> None:
        if self.session:
            await self.door.ask(sessions.save, self.session, self.heard.copy())

    def _granted(self, kind: int, number: int, reasons: list[int]) -> None:
        """Answer a subscription: the broker's reasons where it was asked, a refusal elsewhere."""
        judged, filters = self.asked.pop(number, ([], []))
        given = dict(zip(filters, reasons, strict=False))
        refused = 0x11 if kind == packets.UNSUBACK else NOT_AUTHORISED
        told = []
        for _name, found in judged:
            reason = given.get(found.filter, 0) if found else refused
            told.append(0 if found and not found.plain and reason < 3 else reason)
        self.writer.write(packets.suback(kind, number, told, self.version))

    def _unsubscribe(self, asked: packets.Subscribe) -> None:
        known = [(name, self.heard.pop(name, None)) for name, _options in asked.filters]
        left = {one.filter for one in self.heard.values()}
        gone = list(dict.fromkeys(found.filter for _name, found in known if found and found.filter not in left))
        self.asked[asked.number] = (known, gone)
        if gone:
            asking = packets.Subscribe(asked.number, tuple((name, 0) for name in gone), self._extra())
            self._to_broker(asking.packet(packets.UNSUBSCRIBE))
        else:
            self._granted(packets.UNSUBACK, asked.number, [])

    def _to_broker(self, packet: Packet) -> None:
        if self.behind is not None:
            self.behind.write(packet.encoded())

    def may_still(self) -> bool:
        """Whether what this client hears beyond what everybody does is still for it."""
        beyond = [(name, found) for name, found in self.heard.copy().items() if found.filter.startswith(rights.INSIDE)]
        return all(rights.allowed(name, self.viewer) == found for name, found in beyond)

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
                    self._from_broker(packet)
                try:
                    await asyncio.wait_for(self.writer.drain(), SLOW_S)
                except TimeoutError:
                    return self.close(TOO_SLOW)
                read = await reader.read(65536)
                if not read:
                    break
                some = splitter.feed(read)
        return self.close(UNAVAILABLE)

    def _from_broker(self, packet: Packet) -> None:
        kind = packet.kind
        if kind == packets.PUBLISH:
            self._heard_of(packets.read_publish(packet, self.version))
        elif kind in (packets.SUBACK, packets.UNSUBACK):
            number, reasons = packets.read_reasons(packet, self.version)
            if number in self.asked:
                self._granted(kind, number, reasons)
        else:
            self.writer.write(packet.encoded())

    def _heard_of(self, said: Publish) -> None:
        """A message under the client's own topic, and once more for each choice of properties of it."""
        topic = said.topic.partition("/")[2]
        plain = False
        for name, found in self.heard.items():
            if found.plain:
                plain = plain or matches(found.filter, said.topic)
            elif found.filter == said.topic and found.within:
                task = asyncio.get_running_loop().create_task(self._heard_of_member(name, found, said))
                self.asking.add(task)
                task.add_done_callback(self.asking.discard)
            elif found.filter == said.topic:
                self._chosen(name, found, said)
        if plain:
            self.writer.write(said.under(topic).packet().encoded())
        elif said.qos == 1:
            self._to_broker(Packet(packets.PUBACK << 4, said.number.to_bytes(2)))

    async def _heard_of_member(self, name: str, found: rights.Heard, said: Publish) -> None:
        """A changed entity, if it belongs to the set that was asked for."""
        number = json.loads(said.payload)["@iot.id"]
        with suppress(DatabaseError, InterfaceError, ConnectionError):
            if await self.door.ask(rights.member, found.within, number, self.viewer) and not self.closed:
                self._chosen(name, found, said)

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
        self.room.set()
        with suppress(ConnectionError, RuntimeError):
            if reason is not None and self.version == packets.V5 and self.hello is not None:
                self.writer.write(packets.disconnect(reason))
            self.writer.close()
            if self.behind is not None:
                self.behind.close()
        if self.passing is not None and self.passing is not asyncio.current_task():
            self.passing.cancel()


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
