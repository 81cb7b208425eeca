"""The rules of an edition as data: read from JSON or TOML, checked with words for the person who edits them.

Pure: knows no database. Money in grosze, shares in hundredths of a per cent (4000 is 40 %).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from miasto.kernel.core.money import zloty
from miasto.kernel.participation.counting import model as counting
from miasto.kernel.participation.services import voting
from miasto.modules.idea.budget.states import CheckKind

WHOLE = 10_000
CHANNELS = ("account", "identity", "paper")
DOUBLE_VOTES = ("last_electronic", "paper", "first")
PROPOSERS = ("residents", "anyone")
LONGEST_TERM = 366
ANY_DISTRICTS, ONE_DISTRICT = "any", "one"


class RulesError(ValidationError):
    """The rules cannot be used; the messages say all that is wrong, in the reader's language."""


@dataclass(frozen=True)
class PoolRules:
    """A pool: ``areas`` are keys of the city's districts (their code or key in the source), none for the city-wide pool."""

    key: str
    name: str
    share: int
    citywide: bool = False
    least_cost: int = 0
    most_cost: int | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposalRules:
    """Who may propose, and how. ``per_person``: the most proposals of one lead author, None for any number."""

    who: str = "residents"
    support: int = 0
    guardian_under: int = 13
    per_person: int | None = None
    co_authors: int = 5
    files: int = 5


@dataclass(frozen=True)
class VerificationRules:
    """``opinions`` is ``((kind of check, competence of the unit), ...)``; the days are calendar days.

    ``verification_days`` has the city from the day of filing (held while the author corrects), ``opinion_days`` a unit from the
    day it is asked; the others are the author's.
    """

    opinions: tuple[tuple[str, str], ...] = ()
    verification_days: int = 60
    opinion_days: int = 14
    correction_days: int = 7
    appeal_days: int = 7
    appeal_body: str = ""


@dataclass(frozen=True)
class BallotSettings:
    """What one voter may choose. ``districts``: "any" allows projects of different districts, "one" of one district only.

    ``least`` and ``most`` bound the projects of each pool that is used; ``citywide_most`` is the bound of the city-wide pool,
    ``district_most`` of all district pools together. ``points`` and ``most_points`` are for cumulative ballots, per pool.
    """

    kind: str = "approval"
    least: int = 0
    most: int | None = None
    citywide_most: int | None = None
    district_most: int | None = None
    districts: str = ANY_DISTRICTS
    blank: bool = False
    points: int | None = None
    most_points: int | None = None


@dataclass(frozen=True)
class CountingSettings:
    """How each pool is counted; the names are those of ``participation.counting.model.Rule``. ``min_votes`` is a threshold."""

    rule: str = "greedy-votes"
    completion: str = "none"
    ties: tuple[str, ...] = ("lower-cost", "drawn")
    min_votes: int = 0
    too_dear: str = "skip"


@dataclass(frozen=True)
class VotingSettings:
    """How votes come in; ``phone_votes``: how many voters may confirm by one telephone number (a family)."""

    channels: tuple[str, ...] = ("account", "identity")
    double_votes: str = "last_electronic"
    min_age: int = 0
    phone_votes: int = 1
    turnout_shown: bool = False


@dataclass(frozen=True)
class EditionRules:
    """All the rules of an edition."""

    pools: tuple[PoolRules, ...]
    proposals: ProposalRules = field(default_factory=ProposalRules)
    verification: VerificationRules = field(default_factory=VerificationRules)
    ballot: BallotSettings = field(default_factory=BallotSettings)
    counting: CountingSettings = field(default_factory=CountingSettings)
    voting: VotingSettings = field(default_factory=VotingSettings)

    def as_json(self) -> dict[str, Any]:
        """The JSON kept in ``Edition.rules``."""
        return asdict(self)

    def counted(self, drawn: Iterable[str] = ()) -> counting.Rule:
        """The engine's rule for one pool; ``drawn`` is the order of its projects' ids for ties settled by lot."""
        chosen = self.counting
        return counting.Rule(
            rule=chosen.rule,
            completion=chosen.completion,
            ties=chosen.ties,
            drawn=tuple(drawn),
            min_score=Fraction(chosen.min_votes),
            too_dear=chosen.too_dear,
        )

    def pool(self, key: str) -> PoolRules:
        """The pool of that key; raises ``KeyError``."""
        return {one.key: one for one in self.pools}[key]


SECTIONS = {
    "proposals": ProposalRules,
    "verification": VerificationRules,
    "ballot": BallotSettings,
    "counting": CountingSettings,
    "voting": VotingSettings,
}


def read(data: Mapping[str, Any]) -> EditionRules:
    """The rules from JSON or TOML; raises ``RulesError`` with every fault found."""
    wrong: list[str] = []
    unknown = sorted(set(data) - {*SECTIONS, "pools"})
    if unknown:
        wrong.append(_("Nieznana część zasad: %(names)s.") % {"names": ", ".join(unknown)})
    pools = tuple(made for row in data.get("pools") or () if (made := _section(PoolRules, row, "pools", wrong)) is not None)
    parts = {key: _section(kind, data.get(key) or {}, key, wrong) for key, kind in SECTIONS.items()}
    if wrong:
        raise RulesError(wrong)
    rules = EditionRules(pools, **parts)
    wrong = list(problems(rules))
    if wrong:
        raise RulesError(wrong)
    return rules


def _section(kind: type, row: Any, name: str, wrong: list[str]) -> Any:
    """One part of the rules; a fault goes to ``wrong``. Lists become tuples, so that rules can be compared and kept."""
    if not isinstance(row, Mapping):
        wrong.append(_("Część „%(name)s” musi być tabelą.") % {"name": name})
        return None
    known = {one.name for one in fields(kind)}
    unknown = sorted(set(row) - known)
    if unknown:
        wrong.append(_("Nieznane pole w części „%(name)s”: %(names)s.") % {"name": name, "names": ", ".join(unknown)})
        return None
    try:
        made = kind(**{key: _frozen(value) for key, value in row.items()})
    except TypeError:
        wrong.append(_("W części „%(name)s” brakuje pól.") % {"name": name})
        return None
    faults = [one.name for one in fields(kind) if not _of_type(getattr(made, one.name), str(one.type))]
    if faults:
        wrong.append(_("Zły rodzaj wartości w części „%(name)s”: %(names)s.") % {"name": name, "names": ", ".join(faults)})
        return None
    return made


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


def _of_type(value: Any, said: str) -> bool:
    """Whether a value is of the type that the field's annotation says (``int``, ``int | None``, ``bool``, ``str``, a tuple)."""
    if value is None:
        return said.endswith("None")
    if said.startswith("int"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"str": str, "bool": bool}.get(said, tuple))


def problems(rules: EditionRules) -> Iterable[str]:
    """What is wrong with the rules, in sentences."""
    yield from _pool_problems(rules.pools)
    yield from _number_problems(rules)
    yield from _verification_problems(rules.verification)
    yield from _ballot_problems(rules)
    yield from _counting_problems(rules)
    yield from _voting_problems(rules.voting)


def _pool_problems(pools: tuple[PoolRules, ...]) -> Iterable[str]:
    if not pools:
        yield _("Podaj co najmniej jedną pulę pieniędzy.")
        return
    if len({one.key for one in pools}) != len(pools):
        yield _("Każda pula musi mieć własny klucz.")
    total = sum(one.share for one in pools)
    if total != WHOLE:
        yield _("Udziały pul dają razem %(sum)s %%, a muszą dać 100 %%.") % {"sum": _percent(total)}
    if sum(one.citywide for one in pools) > 1:
        yield _("Pula ogólnomiejska może być tylko jedna.")
    seen: set[str] = set()
    for one in pools:
        yield from _one_pool(one, seen)


def _one_pool(one: PoolRules, seen: set[str]) -> Iterable[str]:
    if one.share <= 0:
        yield _("„%(pool)s”: udział musi być większy od zera.") % {"pool": one.name}
    if one.least_cost < 0 or (one.most_cost is not None and one.most_cost < max(one.least_cost, 1)):
        yield _("„%(pool)s”: największy koszt projektu jest mniejszy od najmniejszego.") % {"pool": one.name}
    if one.citywide == bool(one.areas):
        yield _("„%(pool)s”: pula dzielnicowa wymienia dzielnice, a ogólnomiejska nie.") % {"pool": one.name}
    twice = seen.intersection(one.areas)
    if twice:
        words = _("„%(pool)s”: te dzielnice należą już do innej puli: %(names)s.")
        yield words % {"pool": one.name, "names": ", ".join(sorted(twice))}
    seen.update(one.areas)


def _percent(share: int) -> str:
    return f"{share / 100:g}".replace(".", ",")


def _number_problems(rules: EditionRules) -> Iterable[str]:
    proposals, verification = rules.proposals, rules.verification
    for name, value, most in (
        (_("liczba osób na liście poparcia"), proposals.support, 10_000),
        (_("wiek, poniżej którego zgadza się opiekun"), proposals.guardian_under, 18),
        (_("liczba współautorów"), proposals.co_authors, 50),
        (_("liczba załączników"), proposals.files, 20),
        (_("dni na poprawki"), verification.correction_days, 90),
        (_("dni na odwołanie"), verification.appeal_days, 90),
        (_("próg głosów"), rules.counting.min_votes, 10_000_000),
        (_("najmniejszy wiek głosujących"), rules.voting.min_age, 18),
    ):
        if not 0 <= value <= most:
            yield _("%(name)s: podaj liczbę od 0 do %(most)d.") % {"name": name.capitalize(), "most": most}
    if proposals.who not in PROPOSERS:
        yield _("Nie wiadomo, kto może składać projekty („%(value)s”).") % {"value": proposals.who}


def _verification_problems(verification: VerificationRules) -> Iterable[str]:
    for name, days in (
        (_("dni na ocenę projektu"), verification.verification_days),
        (_("dni na opinię jednostki"), verification.opinion_days),
    ):
        if not 1 <= days <= LONGEST_TERM:
            yield _("%(name)s: podaj liczbę od 1 do %(most)d.") % {"name": name.capitalize(), "most": LONGEST_TERM}
    known = {one.value for one in CheckKind} - {CheckKind.FORMAL.value}
    for row in verification.opinions:
        if not isinstance(row, tuple) or len(row) != 2 or row[0] not in known or not row[1]:
            yield _("Opinia to para: rodzaj (%(kinds)s) i kompetencja jednostki.") % {"kinds": ", ".join(sorted(known))}
    if not verification.appeal_body and verification.appeal_days:
        yield _("Podaj, kto rozpatruje odwołania, albo ustaw zero dni na odwołanie.")


def _ballot_problems(rules: EditionRules) -> Iterable[str]:
    ballot = rules.ballot
    if ballot.kind not in [one.value for one in voting.Kind]:
        kinds = ", ".join(one.value for one in voting.Kind)
        yield _("Nieznany rodzaj karty „%(kind)s”; można wybrać: %(kinds)s.") % {"kind": ballot.kind, "kinds": kinds}
    if ballot.districts not in (ANY_DISTRICTS, ONE_DISTRICT):
        yield _("Projekty dzielnicowe mogą być z dowolnych dzielnic („any”) albo z jednej („one”).")
    bounds = [one for one in (ballot.most, ballot.citywide_most, ballot.district_most) if one is not None]
    if any(one < 1 for one in bounds):
        yield _("Liczba projektów, które można wybrać, musi być większa od zera.")
    if not 0 <= ballot.least <= min(bounds, default=ballot.least):
        yield _("Najmniejsza liczba projektów do wybrania nie może być większa od największej.")
    if ballot.kind == voting.Kind.POINTS and not ballot.points:
        yield _("Karta punktowa wymaga liczby punktów do rozdania.")
    if ballot.kind != voting.Kind.POINTS and (ballot.points or ballot.most_points):
        yield _("Punkty dotyczą tylko karty punktowej („cumulative”).")
    if ballot.kind == voting.Kind.POINTS and (ballot.most_points or 0) > (ballot.points or 0):
        yield _("Jeden projekt nie może dostać więcej punktów, niż jest do rozdania.")


def _counting_problems(rules: EditionRules) -> Iterable[str]:
    try:
        rules.counted()
    except counting.CountingError as error:
        yield _("Liczenie głosów: %(why)s.") % {"why": error}
    if not rules.counting.ties:
        yield _("Podaj, co rozstrzyga remis.")


def _voting_problems(voting: VotingSettings) -> Iterable[str]:
    unknown = [one for one in voting.channels if one not in CHANNELS]
    if unknown or not voting.channels:
        yield _("Sposoby głosowania: wybierz co najmniej jeden z: %(names)s.") % {"names": ", ".join(CHANNELS)}
    if voting.double_votes not in DOUBLE_VOTES:
        names = ", ".join(DOUBLE_VOTES)
        yield _("Nieznana zasada podwójnych głosów „%(value)s”; można wybrać: %(names)s.") % {
            "value": voting.double_votes,
            "names": names,
        }
    if voting.phone_votes < 1:
        yield _("Z jednego numeru telefonu musi móc głosować co najmniej jedna osoba.")


def shared(total: int, shares: Iterable[int]) -> list[int]:
    """The total (grosze) split by shares in hundredths of a per cent; what is left of the grosze goes to the first pools."""
    money = [total * share // WHOLE for share in shares]
    for at in range(total - sum(money)):
        money[at % len(money)] += 1
    return money


def fits(rules: PoolRules, cost: int) -> str:
    """Why a cost (grosze) does not fit the pool's limits, in one sentence; empty where it does."""
    if cost < rules.least_cost:
        return _("Projekt w tej puli musi kosztować co najmniej %(least)s, a kosztuje %(cost)s.") % {
            "least": zloty(rules.least_cost),
            "cost": zloty(cost),
        }
    if rules.most_cost is not None and cost > rules.most_cost:
        return _("Projekt w tej puli może kosztować najwyżej %(most)s, a kosztuje %(cost)s.") % {
            "most": zloty(rules.most_cost),
            "cost": zloty(cost),
        }
    return ""
