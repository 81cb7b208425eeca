"""``python -m miasto demo load|accounts``."""

from django.core.management import BaseCommand, CommandError

from miasto.demo import people
from miasto.demo.load import SEED, load, loaded


class Command(BaseCommand):
    help = "load: fills an empty database with the demo city. accounts: prints its accounts."

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["load", "accounts"])
        parser.add_argument("--seed", type=int, default=SEED, help="another seed makes another city life")
        parser.add_argument("--only-if-empty", action="store_true", help="do nothing where a demo is loaded already")

    def handle(self, *args, **options):
        if options["action"] == "accounts":
            self._accounts()
            return
        if loaded():
            if options["only_if_empty"]:
                return
            raise CommandError("Miasto demonstracyjne jest już wczytane. Zacznij od pustej bazy: ./run --reset")
        self.stdout.write("Wczytuję miasto demonstracyjne...")
        parts = load(seed=options["seed"], say=self._say)
        self._say(f"  razem: {sum(parts.values()):.1f} s")

    def _say(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def _accounts(self):
        width = max(len(account.email) for account in people.ACCOUNTS)
        for account in people.ACCOUNTS:
            self.stdout.write(f"  {account.email:<{width}}  {people.PASSWORD}  {account.what}")
