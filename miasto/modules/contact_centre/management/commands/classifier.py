"""``python -m miasto classifier train|measure``: the model that suggests the category of a report."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from miasto.modules.contact_centre.likeness import services
from miasto.modules.contact_centre.likeness.measuring import Figures
from miasto.modules.contact_centre.likeness.models import Training


class Command(BaseCommand):
    help = "Uczy klasyfikator kategorii na sprawach miasta (train) albo mierzy ten, który działa (measure)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["train", "measure"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "train":
            self._train()
        else:
            self._measure()

    def _train(self) -> None:
        if services.running() is not None:
            raise CommandError("Inne uczenie już trwa.")
        done = services.train_now()
        if done.state == Training.State.TOO_FEW:
            raise CommandError("Za mało spraw, żeby się czegoś nauczyć.")
        self._tell(Figures.from_json(done.report))
        if done.state == Training.State.WORSE:
            self.stdout.write("Nowy model jest gorszy niż dotychczasowy, zostaje dotychczasowy.")

    def _measure(self) -> None:
        figures = services.measured_again()
        if figures is None:
            raise CommandError("Nie ma jeszcze modelu. Uruchom: python -m miasto classifier train")
        self._tell(figures)

    def _tell(self, figures: Figures) -> None:
        self.stdout.write(f"zmierzono na {figures.cases} najnowszych sprawach")
        self.stdout.write(f"  pierwsza podpowiedź trafna: {figures.first:7.1%}")
        self.stdout.write(f"  trafna wśród trzech:        {figures.in_three:7.1%}")
        self.stdout.write(f"  nie milczy:                 {figures.spoken:7.1%}")
        self.stdout.write(f"  prawdopodobieństwo mija się o: {figures.calibration:.1%} (ECE), Brier {figures.brier:.3f}")
        for row in figures.confusions:
            self.stdout.write(f"  {row.true} wzięte za {row.said}: {row.count}")
