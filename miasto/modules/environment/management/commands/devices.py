"""``python -m miasto devices``: stands in for the sensors of a demo city, which measure on and send by MQTT."""

import os
import signal
import threading

from django.core.management import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Plays the sensors of the demo city: one message for each reading, by MQTT, at the platform's door."

    def handle(self, *args, **options):
        from miasto.modules.environment.demo.devices import Devices

        door = os.environ.get("MIASTO_MQTT_DOOR")
        if not door:
            raise CommandError("MIASTO_MQTT_DOOR does not say where the devices are to connect")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Devices(door).run(stop)
