"""How right the forecast of terms was: ``python -m miasto backtest contact_centre.report``."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from miasto.kernel.cases.forecast import backtest
from miasto.kernel.core import clock


class Command(BaseCommand):
    """Prints the forecast of past days beside what happened."""

    help = "Compares the forecast of terms with what happened, on the first working days of past weeks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("case_type")
        parser.add_argument("--weeks", type=int, default=26)
        parser.add_argument("--days", type=int, default=14)

    def handle(self, *args: Any, **options: Any) -> None:
        rows = []
        for back in range(options["weeks"], 2, -2):
            row = backtest(options["case_type"], clock.today() - timedelta(weeks=back), options["days"])
            if row is not None:
                rows.append(row)
        self.stdout.write("day         terms  expected late  late  Brier  Brier of the plain share")
        for row in rows:
            self.stdout.write(
                f"{row.on}  {row.terms:5}  {row.expected_late:13.1f}  {row.late:4}  {row.brier:.3f}  {row.brier_of_share:.3f}"
            )
        if rows:
            terms = sum(row.terms for row in rows)
            expected, late = sum(row.expected_late for row in rows), sum(row.late for row in rows)
            brier = sum(row.brier * row.terms for row in rows) / terms
            plain = sum(row.brier_of_share * row.terms for row in rows) / terms
            self.stdout.write(f"all         {terms:5}  {expected:13.1f}  {late:4}  {brier:.3f}  {plain:.3f}")
