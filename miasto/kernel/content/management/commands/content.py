"""``python -m miasto content import FILE``: brings a knowledge base from a TOML file, for example made from an older system."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.content.importing import KnowledgeError
from miasto.kernel.content.services import import_knowledge


class Command(BaseCommand):
    """Reads topics, services, offices and days; docs/content.md tells the fields."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = tomllib.loads(options["file"].read_text("utf-8"))
            parts = {name: data.get(name, ()) for name in ("topics", "services", "offices", "days")}
            done = import_knowledge(by=SYSTEM, **parts)
        except (OSError, tomllib.TOMLDecodeError, KnowledgeError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"karty: {done.services}, pominięte: {done.kept}, jednostki z godzinami: {done.offices}, dni: {done.days}"
        )
