"""The sensors of the demo city as a program of its own that knows the platform only as devices do: MQTT and a key.

Each sensor sends its reading of the minute at a second of its own, one of ten, so something moves every few seconds. The
values are those that ``demo.due`` gives, so it does not matter who sent them. Nothing counts as sent before the PUBACK.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from zlib import crc32

import paho.mqtt.client as mqtt
from django.db import close_old_connections

from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.accounts.services import issue_key, recognise_key
from miasto.kernel.core import clock, marks
from miasto.kernel.observations.selectors import Reading
from miasto.modules.environment import demo
from miasto.modules.environment.demo.sites import COMPETENCE

KEY_NAME = "Czujniki miasta pokazowego"
MINUTE = timedelta(minutes=1)
ANSWER_S = 30
AT_ONCE = 400  # messages that wait for their answer

_log = logging.getLogger(__name__)


def device_key() -> str:
    """The key of the demo's sensors, kept in the city's folder; made anew where it is lost or switched off."""
    kept = Path(os.environ.get("MIASTO_VAR", "var")) / "demo-devices.key"
    plain = kept.read_text("ascii").strip() if kept.exists() else ""
    if recognise_key(plain) is None:
        _key, plain = issue_key(name=KEY_NAME, rights=["observations.write"], unit=unit_for(COMPETENCE), by=SYSTEM)
        kept.unlink(missing_ok=True)
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(plain)
    return plain


class Devices:
    """Publishes what the sensors measure to the door at ``address`` (host:port)."""

    def __init__(self, address: str) -> None:
        host, _colon, port = address.rpartition(":")
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="demo-devices", protocol=mqtt.MQTTv5)
        self._client.reconnect_delay_set(1, 10)
        self._client.connect_async("127.0.0.1" if host in ("", "0.0.0.0") else host, int(port), keepalive=120)  # noqa: S104

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``: first what was measured while nobody sent, then each minute as it comes.

        No failure ends it: the city does not stop because its stand-ins do.
        """
        connected = False
        while not stop.is_set():
            try:
                if not connected:
                    self._client.username_pw_set("demo", device_key())
                    self._client.loop_start()
                    connected = True
                self._turn(stop)
            except Exception:
                _log.exception("the devices go on in a moment")
                close_old_connections()
                stop.wait(10)
        self._client.disconnect()
        self._client.loop_stop()

    def _turn(self, stop: threading.Event) -> None:
        until, found = demo.due(clock.now())
        if found:
            if self._send(found, stop, spread=until - max(one.time for one in found) < 2 * MINUTE):
                marks.put(demo.UNTIL, until.isoformat())
            return
        close_old_connections()
        stop.wait(1 + 60 - time.time() % 60)

    def _send(self, found: list[Reading], stop: threading.Event, *, spread: bool) -> bool:
        """Whether the platform has answered for all of them. ``spread``: the newest ones over the minute."""
        newest = max(one.time for one in found)
        order = sorted(found, key=lambda one: (one.time == newest and spread, _second(one.series)))
        begun = time.monotonic()
        sent: list[mqtt.MQTTMessageInfo] = []
        for one in order:
            if one.time == newest and spread and stop.wait(max(0.0, begun + _second(one.series) - time.monotonic())):
                return False
            sent.append(self._publish(one))
            if len(sent) > AT_ONCE and not _answered(sent.pop(0)):
                return False
        return all(_answered(one) for one in sent)

    def _publish(self, one: Reading) -> mqtt.MQTTMessageInfo:
        said = {"result": one.value, "phenomenonTime": _text(one.time)}
        return self._client.publish(f"v1.1/Datastreams({one.series})/Observations", json.dumps(said), qos=1)


def _second(series: int) -> float:
    """The second of the minute at which a sensor sends: 0, 5, 10 … 45, always the same. A fold for each would cost more."""
    return 5.0 * (crc32(str(series).encode()) % 10)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _answered(one: mqtt.MQTTMessageInfo) -> bool:
    try:
        one.wait_for_publish(ANSWER_S)
    except (RuntimeError, ValueError):  # no connection yet: paho keeps the message and sends it again
        time.sleep(1)
        return False
    return one.is_published()
