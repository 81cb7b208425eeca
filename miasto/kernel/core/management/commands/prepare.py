"""``python -m miasto prepare``: brings the database to this version of the platform and of the city's profile."""

from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from miasto.kernel.core import marks
from miasto.kernel.core.database import WrongDatabase, check_database
from miasto.kernel.core.module import Setup
from miasto.kernel.core.registry import registry

LOCK = 7_264_128


class Command(BaseCommand):
    help = "Migrates, brings the city's profile into the database and, with --demo, loads the demo city."

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="load the demo city into a database that has none")

    def handle(self, *args, **options):
        try:
            check_database()
        except WrongDatabase as error:
            raise CommandError(str(error)) from error
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            self._migrate()
            for setup in registry().all(Setup):
                setup.run()
            if options["demo"] and not marks.get("demo"):
                call_command("demo", "load")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _migrate(self):
        executor = MigrationExecutor(connection)
        steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if steps:
            self.stdout.write(f"Zmieniam układ bazy danych (kroków: {len(steps)})...")
            call_command("migrate", interactive=False, verbosity=0)
