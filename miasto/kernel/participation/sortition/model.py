"""Who may be drawn and what the panel must look like: plain data, no database, no Django."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Quota:
    """How many people of one value of a feature sit on the panel: at least ``least``, at most ``most``."""

    least: int
    most: int


Quotas = Mapping[str, Mapping[str, Quota]]
Pool = Mapping[str, Mapping[str, str]]


class WrongData(ValueError):
    """The pool or the quotas contradict themselves; the text names the field, not a person."""


@dataclass(frozen=True)
class Problem:
    """``size`` people of ``pool`` ({number: {feature: value}}) so that every quota ({feature: {value: Quota}}) is kept.

    People who are alike in every feature with quotas form one kind. The optimum treats them alike, so all computing is
    done on kinds: a committee is a vector of how many people of each kind it takes.
    """

    pool: Pool
    quotas: Quotas
    size: int

    def __post_init__(self) -> None:
        if not 0 < self.size <= len(self.pool):
            raise WrongData("size")
        for number, person in self.pool.items():
            if not number or any(sign.isspace() or sign == ";" for sign in number):
                raise WrongData("number")
            for feature, values in self.quotas.items():
                if person.get(feature) not in values:
                    raise WrongData(feature)
        for feature, values in self.quotas.items():
            if any(not 0 <= quota.least <= quota.most for quota in values.values()):
                raise WrongData(feature)

    @cached_property
    def kinds(self) -> list[tuple[str, ...]]:
        """The values of each kind, in the order of the features; sorted, so that nothing depends on who came first."""
        return sorted({self.kind_of(number) for number in self.pool})

    @cached_property
    def members(self) -> list[list[str]]:
        """The numbers of the people of each kind, by a hash of the number: no one gains by an early number."""
        found: dict[tuple[str, ...], list[str]] = {kind: [] for kind in self.kinds}
        for number in self.pool:
            found[self.kind_of(number)].append(number)
        return [sorted(found[kind], key=scattered) for kind in self.kinds]

    @cached_property
    def categories(self) -> list[tuple[str, str]]:
        """(feature, value) of each quota."""
        return [(feature, value) for feature, values in self.quotas.items() for value in values]

    def kind_of(self, number: str) -> tuple[str, ...]:
        """The values of one person in the features with quotas."""
        return tuple(self.pool[number][feature] for feature in self.quotas)

    def counts(self, numbers: list[str] | None = None) -> Counter[tuple[str, str]]:
        """How many of ``numbers`` (of the whole pool when None) are in each category."""
        chosen = self.pool if numbers is None else numbers
        return Counter((feature, self.pool[number][feature]) for number in chosen for feature in self.quotas)

    def keeps(self, numbers: list[str]) -> bool:
        """Whether these people would make a panel: the right size, nobody twice, every quota kept."""
        counts = self.counts(numbers)
        return len(numbers) == len(set(numbers)) == self.size and all(
            quota.least <= counts[feature, value] <= quota.most
            for feature, values in self.quotas.items()
            for value, quota in values.items()
        )


def scattered(text: str) -> str:
    """A key that sorts in an order nobody can choose for themselves."""
    return hashlib.sha256(text.encode()).hexdigest()
