"""What keeps a project out besides the money in all: the limit of its pool, and projects of which only one may win."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from miasto.kernel.participation.counting.model import CountingError, Election, Rule


@dataclass
class Gate:
    """The state of the pools and of the exclusions while projects are taken one after another.

    Money only goes out of a pool and winners stay, so a project that is once shut out stays out. ``left``: what each limited
    pool still has, in units of ``1 / scale``.
    """

    election: Election
    rule: Rule
    left: dict[str, int] = field(default_factory=dict)
    won: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls, election: Election, rule: Rule) -> Gate:
        """Before anything is taken. Raises ``CountingError`` for a limit that is finer than the amounts of the file."""
        if any((limit * election.scale).denominator != 1 for _name, limit in rule.pools):
            raise CountingError("limit puli ma więcej miejsc po przecinku niż kwoty w pliku")
        return cls(election, rule, {name: int(limit * election.scale) for name, limit in rule.pools})

    @property
    def shuts(self) -> bool:
        """Whether the rule has anything that can shut a project out."""
        return bool(self.left or self.rule.exclusive)

    def copy(self) -> Gate:
        """The state as it is now."""
        return Gate(self.election, self.rule, dict(self.left), set(self.won))

    def pool(self, project: int) -> str:
        """The pool of a project, as the rule's column names it."""
        return self.election.projects[project].columns.get(self.rule.pool_column, "")

    def why_not(self, project: int) -> tuple[str, int | None] | None:
        """The reason why a project cannot be taken now and the money that its pool misses; ``None`` where it can."""
        found = self.election.projects[project]
        if any(found.id in group and self.won & set(group) for group in self.rule.exclusive):
            return "excluded", None
        left = self.left.get(self.pool(project))
        if left is not None and found.cost > left:
            return "pool-full", found.cost - left
        return None

    def take(self, project: int) -> None:
        """The project wins: its pool pays, and those that it excludes are out."""
        found = self.election.projects[project]
        self.won.add(found.id)
        if self.pool(project) in self.left:
            self.left[self.pool(project)] -= found.cost

    def missing(self, units: int) -> Fraction:
        """Money in units of the currency."""
        return Fraction(units, self.election.scale)
