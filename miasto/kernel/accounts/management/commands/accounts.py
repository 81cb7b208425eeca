"""``python -m miasto accounts create-admin --email …``: the first administrator of a new city."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from miasto.kernel.accounts import services
from miasto.kernel.accounts.models import Person
from miasto.kernel.accounts.viewer import SYSTEM


class Command(BaseCommand):
    help = "Manage accounts from the terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True)
        create = commands.add_parser("create-admin", help="make an administrator, or make a known person one")
        create.add_argument("--email", required=True)
        create.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._create_admin(options["email"].strip().lower(), options["name"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    @transaction.atomic
    def _create_admin(self, email: str, name: str) -> None:
        person = Person.objects.filter(email=email).first()
        if person is None:
            person = services.register_person(email=email, name=name, password=self._password(email), by=SYSTEM)
        services.grant_role(person=person, role=services.ADMIN, unit=None, by=SYSTEM)
        self.stdout.write(f"{email} administers accounts now")

    def _password(self, email: str) -> str:
        password = os.environ.get("MIASTO_ADMIN_PASSWORD")
        if password is None:
            password = getpass.getpass("Password: ")
            if getpass.getpass("Again: ") != password:
                raise CommandError("the two passwords differ")
        validate_password(password, Person(email=email))
        return password
