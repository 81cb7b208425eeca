"""Who may vote: the published rules of an election, and what of them a person's age decides. Pure; knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

OLDEST = 120


@dataclass(frozen=True, slots=True)
class VoterRules:
    """``least_age`` None lets children of any age vote; under ``guardian_under`` years a parent or guardian agrees first.

    One telephone number may confirm the votes of so many people (``most_per_phone``): a family often has one.
    """

    least_age: int | None = None
    guardian_under: int | None = None
    most_per_phone: int = 1

    def too_young(self, born: date, on: date) -> bool:
        """Whether somebody may not vote yet on that day."""
        return self.least_age is not None and age(born, on) < self.least_age

    def needs_guardian(self, born: date, on: date) -> bool:
        """Whether a parent or guardian must agree."""
        return self.guardian_under is not None and age(born, on) < self.guardian_under


def age(born: date, on: date) -> int:
    """Whole years on a day; an age is reached at the beginning of the birthday (Civil Code art. 112)."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def plausible(born: date, on: date) -> bool:
    """Whether a living person can be born on that day."""
    return born <= on and age(born, on) <= OLDEST
