"""``python -m miasto readings``: folds acknowledged readings and listens to the MQTT broker until it is told to stop."""

import os
import signal
import threading

from django.core.management import BaseCommand, CommandError


def _mqtt() -> list:
    """What takes readings in (our door, or a listener to the broker of others) and what publishes; nothing without a broker."""
    url, door = os.environ.get("MIASTO_MQTT_URL"), os.environ.get("MIASTO_MQTT_DOOR")
    if not url:
        return []
    from miasto.kernel.observations.mqtt.client import Listener
    from miasto.kernel.observations.mqtt.door import Door
    from miasto.kernel.observations.mqtt.publishing import Publisher

    return [Door(door, url) if door else Listener(url), *([Publisher(url)] if os.environ.get("MIASTO_MQTT_OUT") else [])]


class Command(BaseCommand):
    help = "Folds acknowledged readings into the store and takes readings in by MQTT."

    def add_arguments(self, parser):
        parser.add_argument("--part", default="1/1", help="which share of the series it folds: 2/3 is the second of three")
        parser.add_argument("--no-mqtt", action="store_true", help="do not listen to the broker (a process beside the first)")

    def handle(self, *args, **options):
        from miasto.kernel.observations.store import folding, running

        part, _slash, parts = options["part"].partition("/")
        if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts) <= folding.SHARDS):
            raise CommandError(f"--part is 1/1 to {folding.SHARDS}/{folding.SHARDS}")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        listening = [] if options["no_mqtt"] else _mqtt()
        for one in listening:
            one.start()
        running.run(stop, shards=range(int(part) - 1, folding.SHARDS, int(parts)), ready=self._ready)
        for one in listening:
            one.stop()

    def _ready(self):
        self.stdout.write("Readings: ready")
        self.stdout.flush()
