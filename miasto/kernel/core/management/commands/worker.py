"""``python -m miasto worker``: runs background jobs until it is told to stop."""

from django.core.management import BaseCommand, CommandError

from miasto.kernel.core import working


class Command(BaseCommand):
    help = "Runs background jobs."

    def add_arguments(self, parser):
        parser.add_argument("--concurrency", type=int, default=4, help="jobs run side by side, alerts apart (default 4)")
        parser.add_argument("--without", nargs="+", default=[], metavar="JOB", help="periodic jobs that it does not ask for")
        parser.add_argument("--once", action="store_true", help="stop when no job waits")

    def handle(self, *args, **options):
        try:
            working.leave_to_others(options["without"])
        except LookupError as error:
            raise CommandError(f"no such periodic job: {error}") from error
        if options["once"]:
            working.run_once(options["concurrency"])
        else:
            working.run(options["concurrency"])
