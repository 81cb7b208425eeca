"""What is wrong with a file that someone wants to load, said so that the mend is clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SHOWN = 20
KEPT = 500


@dataclass(frozen=True)
class Problem:
    """One fault. ``feature`` counts the file's features from 1; ``line`` and ``column`` are those of the text, from 1.

    ``mend`` is a sentence on what to do about it.
    """

    text: str
    feature: int | None = None
    line: int | None = None
    column: int | None = None
    mend: str = ""

    def __str__(self) -> str:
        where = []
        if self.line is not None:
            where.append(_("wiersz %(line)s") % {"line": self.line})
        if self.column is not None:
            where.append(_("kolumna %(column)s") % {"column": self.column})
        if self.feature is not None:
            where.append(_("obiekt %(number)s") % {"number": self.feature})
        return f"{', '.join(where)}: {self.text}" if where else self.text


class ImportRefused(ValidationError):
    """Nothing was loaded. ``problems`` are the faults found (the first ``KEPT``), ``total`` their number."""

    def __init__(self, problems: Sequence[Problem], total: int | None = None) -> None:
        self.problems = list(problems)
        self.total = total or len(self.problems)
        super().__init__(self.lines())

    def lines(self, shown: int = SHOWN) -> list[str]:
        """The first faults in reading order, how many more there are, and each different mend once."""
        lines = [str(problem) for problem in self.problems[:shown]]
        more = self.total - len(lines)
        if more > 0:
            lines.append(ngettext("… i jeszcze %(count)d błąd", "… i jeszcze %(count)d błędów", more) % {"count": more})
        mends = dict.fromkeys(problem.mend for problem in self.problems if problem.mend)
        return [*lines, *mends]


class Fault(ValueError):
    """What is wrong with one feature; ``mend`` says what to do about it."""

    def __init__(self, text: str, mend: str = "") -> None:
        super().__init__(text)
        self.mend = mend


@dataclass
class Problems:
    """Collects faults while a file is read on."""

    kept: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: Problem) -> None:
        """Keep one more fault; past ``KEPT`` they are only counted."""
        self.total += 1
        if len(self.kept) < KEPT:
            self.kept.append(problem)

    def raise_any(self) -> None:
        """Raise ``ImportRefused`` if there is any fault."""
        if self.total:
            raise ImportRefused(self.kept, self.total)


@dataclass(frozen=True)
class ImportReport:
    """What a load did. ``changed`` are known objects that differ now, ``unchanged`` those that do not."""

    import_id: UUID
    target: str
    read: int
    created: int
    changed: int
    unchanged: int
    retired: int = 0
    skipped: int = 0
