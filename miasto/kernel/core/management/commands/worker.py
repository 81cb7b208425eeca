"""``python -m miasto worker``: runs background jobs until it is told to stop."""

import logging
import threading

from django.core.management import BaseCommand
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import app

from miasto.kernel.core.jobs import retry_stalled

HEARTBEAT_S = 2
STALLED_AFTER_S = 10
LOOK_EVERY_S = 3


class Command(BaseCommand):
    help = "Runs background jobs."

    def add_arguments(self, parser):
        parser.add_argument("--concurrency", type=int, default=4, help="jobs run side by side (default 4)")
        parser.add_argument("--once", action="store_true", help="stop when no job waits")

    def handle(self, *args, **options):
        stop = threading.Event()
        taker = threading.Thread(target=take_up_stalled, args=(stop,), name="stalled jobs", daemon=True)
        taker.start()
        # not replace_connector: a job that defers another must do so on Django's connection, inside its own transaction
        working = app.with_connector(app.connector.get_worker_connector())
        working.run_worker(
            concurrency=options["concurrency"],
            wait=not options["once"],
            delete_jobs="never",
            shutdown_graceful_timeout=8,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_AFTER_S,
        )
        stop.set()


def take_up_stalled(stop: threading.Event) -> None:
    """Put back, every few seconds, the jobs whose worker was killed, so that a restart does not wait for a minute's job."""
    while not stop.wait(LOOK_EVERY_S):
        try:
            retry_stalled(STALLED_AFTER_S)
        except DatabaseError:
            logging.getLogger(__name__).warning("the database is away; looking for stalled jobs again in %s s", LOOK_EVERY_S)
        finally:
            close_old_connections()
