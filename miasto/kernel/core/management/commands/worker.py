"""``python -m miasto worker``: runs background jobs until it is told to stop."""

from django.core.management import BaseCommand, call_command

from miasto.kernel.core.jobs import retry_stalled


class Command(BaseCommand):
    help = "Runs background jobs."

    def add_arguments(self, parser):
        parser.add_argument("--concurrency", type=int, default=4, help="jobs run side by side (default 4)")
        parser.add_argument("--once", action="store_true", help="stop when no job waits")

    def handle(self, *args, **options):
        retry_stalled(seconds=0 if options["once"] else 30)
        call_command(
            "procrastinate",
            "worker",
            concurrency=options["concurrency"],
            wait=not options["once"],
            shutdown_graceful_timeout=10,
            delete_jobs="never",
        )
