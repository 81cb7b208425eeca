"""``python -m miasto search reindex [SOURCE...]``: the index of search, made anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from miasto.kernel.search import services
from miasto.kernel.search.sources import sources


class Command(BaseCommand):
    help = "Buduje od nowa indeks wyszukiwarki."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["reindex"])
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help="klucze źródeł; bez nich: wszystkie")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["sources"]) - set(sources()))
        if unknown:
            raise CommandError(f"Nie ma takiego źródła: {', '.join(unknown)}. Są: {', '.join(sources())}.")
        if options["sources"]:
            counts = {key: services.reindex(key) for key in options["sources"]}
        else:
            services.forget_unused_words()
            counts = services.reindex_all()
        for key, count in counts.items():
            self.stdout.write(f"{key:32}{count:8}")
