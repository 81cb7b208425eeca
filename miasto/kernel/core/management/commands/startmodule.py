"""``python -m miasto startmodule SLUG``: a new city solution that passes the contracts and runs at once."""

import re
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from miasto.kernel.core.discovery import PACKAGE
from miasto.kernel.core.scaffold import files

SLUG = re.compile(r"^[a-z][a-z0-9_]{1,30}$")


class Command(BaseCommand):
    help = "Makes a new module: city objects with a list, a map layer, an API collection, a page each and search."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("slug", help="the folder's name, for example parking or rats")
        parser.add_argument("--into", type=Path, default=PACKAGE / "modules", help="the folder of modules (for tests)")

    def handle(self, *args, **options):
        slug, folder = options["slug"], options["into"] / options["slug"]
        if not SLUG.match(slug):
            raise CommandError("The slug is written in lower case: a letter, then letters, digits and '_'.")
        if folder.exists():
            raise CommandError(f"{folder} exists already; choose another name.")
        for path, text in files(slug).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        self.stdout.write(f"Made {folder}.\nNext: add {slug!r} to 'modules' in the city's city.toml, then run")
        self.stdout.write(f"  python -m miasto makemigrations {slug}\n  ./test miasto/modules/{slug}")
