"""The dates from which the province's resolution against smog forbids boilers: data of the profile with their legal source.

``environment.toml``: ``[anti_smog]`` with ``name`` and ``source`` (an address) and ``[[anti_smog.terms]]`` with ``since`` and
the ``classes`` of boilers forbidden from that day (keys of ``kinds.CLASSES``). Act on environmental protection, art. 96.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.environment.heating.kinds import CLASSES


@dataclass(frozen=True)
class Term:
    """From ``since`` on, boilers of these classes are forbidden."""

    since: date
    classes: tuple[str, ...]

    @property
    def names(self) -> str:
        return ", ".join(str(CLASSES[key]) for key in self.classes)

    @property
    def past(self) -> bool:
        return self.since <= clock.today()


@dataclass(frozen=True)
class Resolution:
    """The resolution with its terms, earliest first."""

    name: str
    source: str
    terms: tuple[Term, ...]

    def forbidden(self) -> tuple[str, ...]:
        """The classes forbidden today."""
        return tuple(key for term in self.terms if term.past for key in term.classes)


def resolution() -> Resolution | None:
    """That of the city's province; None where the profile names none."""
    held = city().toml("environment.toml").get("anti_smog")
    if not held:
        return None
    terms = (Term(one["since"], tuple(key for key in one["classes"] if key in CLASSES)) for one in held.get("terms", []))
    return Resolution(str(held["name"]), str(held["source"]), tuple(sorted(terms, key=lambda one: one.since)))
