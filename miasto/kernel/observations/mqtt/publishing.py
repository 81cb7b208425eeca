"""New readings of public data streams to whoever subscribes: ``v1.1/Datastreams(5)/Observations``, QoS 0.

They go out after the commit of the fold. The broker's doors keep ways in and out apart (``MIASTO_MQTT_OUT`` is the prefix of
the way out), so the platform never hears itself. A subscriber who was away reads what it missed from the API.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from collections.abc import Sequence
from functools import partial

from django.db import DatabaseError, InterfaceError, close_old_connections, transaction

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.mqtt.client import connect
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.store.batch import micros
from miasto.kernel.observations.store.reading import Reading

CHUNKS_WAITING_MOST = 20  # should the broker be slower than the folder, the newest of a flood is not published

_log = logging.getLogger(__name__)


class Publisher:
    """Publishes each folded chunk from a thread of its own, so that no subscriber slows the fold."""

    def __init__(self, url: str) -> None:
        self._prefix = os.environ["MIASTO_MQTT_OUT"]
        self._waiting: queue.Queue[list[Reading] | None] = queue.Queue(CHUNKS_WAITING_MOST)
        self._client = connect(url, "")
        self._thread = threading.Thread(target=self._work, name="MQTT publisher", daemon=True)

    def start(self) -> None:
        """Connect and have every folded reading told."""
        self._client.loop_start()
        self._thread.start()
        folding.after_fold(self.tell, every=True)

    def stop(self) -> None:
        """Publish what waits, then leave."""
        folding.forget_hook(self.tell)
        self._waiting.put(None)
        self._thread.join(timeout=5)
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, readings: list[Reading]) -> None:
        """Called inside the fold: publish once it is committed."""
        transaction.on_commit(partial(self._put, readings))

    def _put(self, readings: list[Reading]) -> None:
        try:
            self._waiting.put_nowait(readings)
        except queue.Full:
            _log.warning("subscribers are slower than the readings; %s were not published", len(readings))

    def _work(self) -> None:
        while (readings := self._waiting.get()) is not None:
            try:
                for topic, payload in messages(readings):
                    self._client.publish(self._prefix + topic, payload)
            except (DatabaseError, InterfaceError):
                _log.warning("the database is away; %s readings were not published", len(readings))
            finally:
                close_old_connections()


def messages(readings: Sequence[Reading]) -> list[tuple[str, str]]:
    """(topic, JSON of the Observation) of those readings that anybody may see; one query."""
    series = {one.series for one in readings}
    public = set(Datastream.objects.visible_to(ANONYMOUS).filter(pk__in=series).values_list("pk", flat=True))
    return [
        (f"v1.1/Datastreams({one.series})/Observations", json.dumps(entity(one))) for one in readings if one.series in public
    ]


def entity(reading: Reading) -> dict:
    """A reading as an Observation of the standard."""
    return {
        "@iot.id": f"{reading.series}-{micros(reading.time)}-0",
        "phenomenonTime": reading.time.isoformat().replace("+00:00", "Z"),
        "resultTime": None,
        "result": reading.value,
    }
