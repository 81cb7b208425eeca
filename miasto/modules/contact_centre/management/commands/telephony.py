"""``python -m miasto telephony``: follows the exchange named by ``MIASTO_AMI`` until it is told to stop."""

import logging
import os
import time

from django.core.management import BaseCommand, CommandError
from django.db import close_old_connections, connection

from miasto.modules.contact_centre.phone import ami, services

WAIT_S = (1, 2, 5, 10, 30)
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Follows the telephone exchange (Asterisk Manager Interface) and opens calls on the operators' consoles."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="stop when the line breaks")

    def handle(self, *args, **options):
        try:
            address = ami.Address.read(os.environ.get("MIASTO_AMI", ""))
        except ValueError as error:
            raise CommandError(str(error)) from error
        tries = 0
        while True:
            try:
                with ami.Manager(address) as manager:
                    tries = 0
                    follow(manager)
            except ami.Refused as error:
                raise CommandError(f"the exchange refused the log-in: {error}") from error
            except OSError as error:
                log.warning("the exchange is away: %s", error)
            if options["once"]:
                return
            time.sleep(WAIT_S[min(tries, len(WAIT_S) - 1)])
            tries += 1


def follow(manager: ami.Manager) -> None:
    """Write down what the exchange says until the line breaks."""
    listener = ami.Listener()
    for event in manager.events():
        heard = listener.hear(event)
        if heard is not None:
            if not connection.in_atomic_block:
                close_old_connections()
            services.hear(heard=heard)
