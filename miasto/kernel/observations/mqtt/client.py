"""The platform's connection to a broker that others run. A message is acknowledged only after the commit of its readings.

The session outlives the connection, so the broker repeats whatever was not acknowledged: after a kill, after a lost connection,
after the database was away. Repetition is harmless (one value for one series and instant). The broker sends at most
``IN_FLIGHT`` messages ahead, so a slow database slows the broker down and fills no memory here.
"""

from __future__ import annotations

import logging
import os
import threading
from urllib.parse import unquote, urlsplit

from miasto.kernel.core import clock
from miasto.kernel.observations.mqtt.messages import SHORT
from miasto.kernel.observations.mqtt.taker import Taker
from miasto.kernel.observations.mqtt.taking import Message, Verdict

CLIENT = "miasto-readings"
IN_FLIGHT = 2000
FOREVER = 0xFFFFFFFF  # the session's expiry in MQTT 5: never

_log = logging.getLogger(__name__)


class Listener:
    """Takes messages from the broker at ``url`` (mqtt:// or mqtts:// with user and password) until it is stopped."""

    def __init__(self, url: str) -> None:
        self._prefix = os.environ.get("MIASTO_MQTT_IN", "")
        self._stopping = threading.Event()
        self._taker = Taker(self._acknowledge)
        # One connection's message numbers mean nothing to the next: each is remembered with the connection it came by.
        self._connection, self._lock = 0, threading.Lock()
        self._client = connect(url, CLIENT, clean=False)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Connect in the background; a broker that is away is waited for."""
        self._client.loop_start()
        self._taker.start()

    def stop(self) -> None:
        """Finish what is being taken; the broker keeps the rest."""
        self._stopping.set()
        self._taker.stop()
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client, _userdata, _flags, reason, _properties) -> None:
        if reason.is_failure:
            _log.error("the broker refuses: %s", reason)
            return
        topics = [f"{self._prefix}#"] if self._prefix else ["v1.1/#", "v1.0/#", f"{SHORT}#"]
        client.subscribe([(topic, 1) for topic in topics])

    def _on_disconnect(self, _client, _userdata, _flags, reason, _properties) -> None:
        with self._lock:
            self._connection += 1
        if not self._stopping.is_set():
            _log.warning("the broker is away: %s", reason)

    def _on_message(self, _client, _userdata, message) -> None:
        said = Message(message.topic.removeprefix(self._prefix), message.payload, clock.now())
        self._taker.put((self._connection, message.mid, message.qos), said)

    def _acknowledge(self, token: tuple[int, int, int], _verdict: Verdict) -> None:
        came_by, mid, qos = token
        with self._lock:
            if came_by == self._connection:
                self._client.ack(mid, qos)


def connect(url: str, client_id: str, *, clean: bool = True):
    """A client of the broker at ``url`` that connects once its loop is started. Raises ``ValueError`` for another scheme."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ValueError("a broker's address is mqtt://[user:password@]host[:port] or mqtts://…")
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5, manual_ack=not clean)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "mqtts":
        client.tls_set()
    client.reconnect_delay_set(1, 10)
    properties = Properties(PacketTypes.CONNECT)
    if not clean:
        properties.SessionExpiryInterval = FOREVER
        properties.ReceiveMaximum = IN_FLIGHT
    port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    client.connect_async(parts.hostname, port, keepalive=30, clean_start=clean, properties=properties)
    return client
