"""``python -m miasto readings``: folds acknowledged readings and listens to the MQTT broker until it is told to stop.

``python -m miasto readings import FILE`` takes in a file.
"""

import os
import signal
import threading
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.utils.translation import ngettext


def _mqtt() -> list:
    """What takes readings in (our door, or a listener to the broker of others) and what publishes; nothing without a broker."""
    url, door = os.environ.get("MIASTO_MQTT_URL"), os.environ.get("MIASTO_MQTT_DOOR")
    if not url:
        return []
    from miasto.kernel.observations.mqtt.client import Listener
    from miasto.kernel.observations.mqtt.door import Door
    from miasto.kernel.observations.mqtt.publishing import Publisher
    from miasto.kernel.observations.mqtt.tls import configured

    return [
        Door(door, url, configured()) if door else Listener(url),
        *([Publisher(url)] if os.environ.get("MIASTO_MQTT_OUT") else []),
    ]


class Command(BaseCommand):
    help = "Folds acknowledged readings into the store and takes readings in by MQTT."

    def add_arguments(self, parser):
        parser.add_argument("--part", default="1/1", help="which share of the series it folds: 2/3 is the second of three")
        what = parser.add_subparsers(dest="what")
        taken = what.add_parser("import", help="take in a file with readings")
        taken.add_argument("file", type=Path)
        taken.add_argument("--profile", default="", help="the name of a saved declaration; else the last one of such a file")
        taken.add_argument("--unit", default="", help="the slug of the unit it belongs to; else the whole city")
        archive = what.add_parser("archive", help="do what is due in the archive, or --check it")
        archive.add_argument("--check", action="store_true", help="compare every file with the manifest")
        parser.add_argument("--no-mqtt", action="store_true", help="do not listen to the broker (a process beside the first)")

    def handle(self, *args, **options):
        if options["what"] == "import":
            self._import(**options)
        elif options["what"] == "archive":
            self._archive(options["check"])
        else:
            self._fold(options)

    def _fold(self, options):
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

    def _import(self, *, file, profile, unit, **_options):
        """Exit with an error in words; else one line of figures."""
        from miasto.kernel.accounts.selectors import SYSTEM, current_units
        from miasto.kernel.observations.importing.models import ImportProfile
        from miasto.kernel.observations.services import import_file

        found = current_units().filter(slug=unit).first() if unit else None
        kept = ImportProfile.objects.filter(name=profile, unit=found).first() if profile else None
        if (unit and found is None) or (profile and kept is None):
            raise CommandError("no such unit" if unit and found is None else "no such profile in this unit")
        try:
            one = import_file(path=file, by=SYSTEM, profile=kept, unit_id=found and found.pk)
        except (ValueError, OSError, ValidationError) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)]))) from error
        self.stdout.write(
            f"{one.name}: rows {one.rows}, written {one.written}, new {one.added}, quarantined {one.quarantined}, "
            f"refused {one.refused}, series {one.series}"
        )

    def _archive(self, check):
        from miasto.kernel.observations.archive import checking, running
        from miasto.kernel.observations.archive.place import Unreachable

        try:
            if not check:
                running.run()
                return
            faults = 0
            for faults, text in enumerate(checking.faults(), 1):  # noqa: B007 - how many there were
                self.stderr.write(text)
            self.stdout.write(checking.told())
        except Unreachable as error:
            raise CommandError(str(error)) from error
        if faults:
            raise CommandError(ngettext("Jest %(count)s usterka.", "Usterek jest %(count)s.", faults) % {"count": faults})

    def _ready(self):
        self.stdout.write("Readings: ready")
        self.stdout.flush()
