"""``python -m miasto lmtp``: takes e-mail in from the city's mail server until it is told to stop."""

import asyncio

from django.core.management import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Takes e-mail in by LMTP (RFC 2033)."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (LMTP has no password)")
        parser.add_argument("--port", type=int, help="port to listen on (0: a free one)")
        parser.add_argument("--socket", default="", help="path of a Unix socket instead of a port")

    def handle(self, *args, **options):
        from miasto.kernel.core.incoming import lmtp

        if not options["socket"] and options["port"] is None:
            raise CommandError("say --port or --socket")

        def ready(where: str) -> None:
            self.stdout.write(f"LMTP: {where}")
            self.stdout.flush()

        asyncio.run(lmtp.serve(host=options["host"], port=options["port"] or 0, socket=options["socket"], ready=ready))
