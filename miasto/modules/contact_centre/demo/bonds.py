"""What binds made-up reports: the same matter reported twice, cases split among units, and "me too"."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from miasto.modules.contact_centre.demo.lives import ENDS, Happening
from miasto.modules.contact_centre.demo.rhythm import shift_time

SAME_MATTER = timedelta(days=14)
LOUD = 1.1
FOUND_OUT = 0.7
UNTOUCHED = ("assigned", "text_decided")


class Bonds:
    """Ties reports whose lives are told already."""

    def __init__(self, dice: random.Random, now: datetime, operators: Sequence[UUID]) -> None:
        self.dice, self.now, self.operators = dice, now, tuple(operators)

    def tie(self, reports: Sequence[Any]) -> None:
        """Merge what is near in place and time, then give voices to what is public."""
        for report in sorted(reports, key=lambda one: one.filed_at):
            self._merge(report)
        for report in reports:
            self._voices(report)

    def _merge(self, report: Any) -> None:
        main = report.retells
        while main is not None and main.merged_into is not None:
            main = main.merged_into
        if main is None or self.dice.random() > FOUND_OUT or main.life is None or report.life is None:
            return
        if not timedelta(0) <= report.filed_at - main.filed_at <= SAME_MATTER:
            return
        at = shift_time(self.dice, report.filed_at + timedelta(hours=self.dice.uniform(0.5, 6)))
        if at >= min(_ended(main), self.now):
            return
        operator = self.dice.choice(self.operators) if self.operators else None
        if operator is None:
            return
        kept = [item for item in report.life.happenings if item.kind in UNTOUCHED and item.at < at]
        report.life.happenings = [*kept, Happening(at, "step", "staff", operator, transition="merge", other=main)]
        report.merged_into = main
        lived = [*main.life.happenings, Happening(at, "linked", "staff", operator, other=report)]
        main.life.happenings = sorted(lived, key=lambda item: item.at)

    def _voices(self, report: Any) -> None:
        """Few matters have many voices; a case gets them while it is open."""
        if report.merged_into is not None or self.dice.random() < 0.55:
            return
        until = min(_ended(report), self.now, report.filed_at + timedelta(days=20))
        count = min(int(self.dice.lognormvariate(0.2, LOUD)), 60)
        span = (until - report.filed_at).total_seconds()
        if span > 0:
            moments = (report.filed_at + timedelta(seconds=self.dice.uniform(0, span)) for _ in range(count))
            report.voices = sorted(moments)

    def split(self, report: Any, part: dict[str, Any], units: Sequence[str]) -> list[Any]:
        """Parts of a report for some units as reports of their own, tied to it; empty where it is not at work."""
        started = next((item for item in report.life.happenings if item.transition == "start"), None)
        if started is None or report.merged_into is not None or _ended(report) < self.now:
            return []
        at = started.at + timedelta(minutes=20)
        made = []
        for number, unit in enumerate(units):
            words = replace(report.words, text=part["words"][number], masked=part["words"][number])
            life = replace(report.life, filed_at=at, first_unit=unit, unit=unit, happenings=[])
            made.append(
                replace(
                    report, filed_at=at, words=words, answers={}, photos=0, life=life, retells=None, part_of=report, voices=[],
                    name="", email="",
                )
            )  # fmt: skip
        lived = [*report.life.happenings, *(Happening(at, "split", "staff", started.staff, other=one) for one in made)]
        report.life.happenings = sorted(lived, key=lambda item: item.at)
        return made


def _ended(report: Any) -> datetime:
    """When a report was answered, refused or passed on; the end of time where it is at work."""
    far = report.filed_at + timedelta(days=4000)
    return min((item.at for item in report.life.happenings if item.transition in ENDS), default=far)
