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
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

from django.db import DatabaseError, InterfaceError, close_old_connections

from miasto.kernel.core import clock
from miasto.kernel.core.turns import Turns
from miasto.kernel.observations.mqtt import rights, sessions
from miasto.kernel.observations.mqtt.connection import (
    BAD_PAYLOAD,
    CONNECT_S,
    MALFORMED,
    NOT_AUTHORISED,
    SILENT,
    TAKEN_OVER,
    TOO_LARGE,
    Client,
    Who,
)
from miasto.kernel.observations.mqtt.packets import Malformed, TooLarge
from miasto.kernel.observations.mqtt.taker import Taker
from miasto.kernel.observations.mqtt.taking import Message, Verdict
from miasto.kernel.observations.mqtt.tls import Certificate

CLIENTS_MOST = 5000
STRANGERS_OF_ADDRESS = 500  # who have shown no key, or not yet
RIGHTS_EVERY_S = 60
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
        self.strangers = Turns()
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
        room = client.stranger.enter_context(self.strangers.take(client.address, STRANGERS_OF_ADDRESS))
        if not room or len(self.clients) >= CLIENTS_MOST:
            client.stranger.close()
            writer.close()
            return
        self.clients.add(client)
        try:
            await client.serve()
        except TooLarge:
            client.close(TOO_LARGE)
        except TimeoutError:
            client.close(SILENT)
        except (Malformed, ConnectionError, asyncio.IncompleteReadError):
            client.close(MALFORMED)
        except Exception:
            _log.exception("a client of the door was dropped")
        finally:
            self.clients.discard(client)
            client.close()
            client.stranger.close()
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
                for one in list(self.clients):
                    key = one.viewer.api_key
                    if (key and known.get(key) != one.viewer) or not await one.judge_anew():
                        one.close(NOT_AUTHORISED)

    def _done(self, token: tuple[Client, int, int, int], verdict: Verdict) -> None:
        """In the taker's thread."""
        client, qos, number, size = token
        with suppress(RuntimeError):  # the loop is gone
            self._loop.call_soon_threadsafe(client.done, qos, number, size, _REASONS[verdict])
