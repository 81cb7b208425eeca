"""What a ballot may hold. Pure: plain data in, plain data or errors out; knows no database.

Kinds of ballot, in the words of Pabulib's description of `.pb` (``vote_type``): approval, knapsack (approval within a budget),
cumulative points, ordinal. An election has pools (the whole city, a district); each has its own kind and limits, and a limit
may also hold for several pools together ("two projects of any districts, at most").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.participation.voting import words
from miasto.kernel.participation.voting.words import OptionKind

# pool number -> [(option number, points)] with points 1 for approval and knapsack, the rank from 1 for ordinal
Ballot = dict[int, list[tuple[int, int]]]
MOST_POINTS = 999_999_999


class Kind(StrEnum):
    """How options of a pool are chosen."""

    APPROVAL = "approval"
    KNAPSACK = "knapsack"
    POINTS = "cumulative"
    ORDINAL = "ordinal"


@dataclass(frozen=True, slots=True)
class PoolRule:
    """Rules of one pool. ``options`` maps an option's number to its cost in grosze.

    ``least`` and ``most`` bound the number of options where the pool is used at all; ``most`` None means no bound. ``budget``
    (grosze) bounds the cost of a knapsack, ``points`` the sum of cumulative points, ``most_points`` those of one option.
    """

    number: int
    name: str
    kind: Kind
    options: Mapping[int, int]
    least: int = 0
    most: int | None = None
    budget: int | None = None
    points: int | None = None
    most_points: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on the options of several pools together, and on the number of these pools that are used."""

    name: str
    pools: frozenset[int]
    least: int = 0
    most: int | None = None
    most_pools: int | None = None


@dataclass(frozen=True, slots=True)
class BallotRules:
    """Rules of a whole ballot. ``blank``: one that chooses nothing may be cast. ``called`` is of words.OptionKind."""

    pools: tuple[PoolRule, ...]
    limits: tuple[Limit, ...] = ()
    blank: bool = False
    called: str = OptionKind.PROJECT

    def pool(self, number: int) -> PoolRule | None:
        """The pool of that number."""
        return next((one for one in self.pools if one.number == number), None)


@dataclass(frozen=True, slots=True)
class BallotError:
    """One thing that is wrong: a stable ``code``, the pool (None for the whole ballot) and a sentence for the voter."""

    code: str
    message: str
    pool: int | None = None


class InvalidBallot(ValueError):
    """The ballot breaks the rules; ``errors`` say all of it."""

    def __init__(self, errors: list[BallotError]) -> None:
        super().__init__("; ".join(one.code for one in errors))
        self.errors = errors


@dataclass
class _Found:
    errors: list[BallotError] = field(default_factory=list)

    def add(self, code: str, message: str, pool: int | None = None) -> None:
        self.errors.append(BallotError(code, message, pool))


def validate(rules: BallotRules, choices: Mapping[Any, Any]) -> Ballot:
    """The ballot in its one canonical form, so that neither the order of clicks nor empty pools are kept.

    ``choices`` maps a pool's number (or its digits, as JSON has them) to a list of option numbers, or to a mapping of option
    number to points where the pool takes points. An ordinal pool keeps the order of its list. Raises ``InvalidBallot``.
    """
    found = _Found()
    ballot: Ballot = {}
    for key, value in _items(choices, found):
        pool = rules.pool(key)
        if pool is None:
            found.add("unknown_pool", _("Na tej karcie nie ma takiej puli."))
            continue
        chosen = _read(rules.called, pool, value, found)
        if chosen and key in ballot:
            found.add("repeated_pool", _("Karta zawiera tę samą pulę dwa razy."), key)
        elif chosen:
            ballot[key] = chosen
            _check_pool(rules.called, pool, chosen, found)
    _check_required(rules, ballot, found)
    for limit in rules.limits:
        _check_limit(rules.called, limit, ballot, found)
    if found.errors:
        raise InvalidBallot(found.errors)
    return dict(sorted(ballot.items()))


def as_choices(rules: BallotRules, ballot: Ballot) -> dict[int, Any]:
    """A canonical ballot in the form that ``validate`` takes."""
    made: dict[int, Any] = {}
    for number, chosen in ballot.items():
        pool = rules.pool(number)
        made[number] = dict(chosen) if pool is not None and pool.kind == Kind.POINTS else [option for option, _points in chosen]
    return made


def _items(choices: Any, found: _Found) -> Iterable[tuple[int, Any]]:
    if not isinstance(choices, Mapping):
        found.add("shape", _("Nie udało się odczytać karty do głosowania."))
        return
    for key, value in choices.items():
        number = _number(key)
        if number is None:
            found.add("unknown_pool", _("Na tej karcie nie ma takiej puli."))
        else:
            yield number, value


def _number(value: Any) -> int | None:
    """A whole number given as such or as its plain digits; nothing else (not True, not 1.0, not "٣")."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


def _read(called: str, pool: PoolRule, value: Any, found: _Found) -> list[tuple[int, int]]:
    pairs = _pairs(pool, value)
    if pairs is None:
        found.add("shape", _("Nie udało się odczytać karty do głosowania."), pool.number)
        return []
    numbers = [number for number, _points in pairs]
    if any(number not in pool.options for number in numbers):
        found.add("unknown_option", words.unknown(called, pool.name), pool.number)
        return []
    if len(set(numbers)) != len(numbers):
        found.add("repeated_option", words.repeated(called, pool.name), pool.number)
        return []
    return pairs if pool.kind == Kind.ORDINAL else sorted(pairs)


def _pairs(pool: PoolRule, value: Any) -> list[tuple[int, int]] | None:
    if pool.kind == Kind.POINTS:
        if not isinstance(value, Mapping):
            return None
        pairs = [(_number(option), _number(points)) for option, points in value.items()]
        if any(option is None or points is None or not 0 <= points <= MOST_POINTS for option, points in pairs):
            return None
        return [(option, points) for option, points in pairs if points]  # type: ignore[misc]
    if not isinstance(value, list | tuple):
        return None
    numbers = [_number(one) for one in value]
    if None in numbers:
        return None
    ranked = pool.kind == Kind.ORDINAL
    return [(number, place if ranked else 1) for place, number in enumerate(numbers, 1)]  # type: ignore[misc]


def _check_pool(called: str, pool: PoolRule, chosen: list[tuple[int, int]], found: _Found) -> None:
    if pool.most is not None and len(chosen) > pool.most:
        found.add("too_many", words.too_many(called, pool.name, pool.most), pool.number)
    if len(chosen) < pool.least:
        found.add("too_few", words.too_few(called, pool.name, pool.least), pool.number)
    if pool.kind == Kind.KNAPSACK and pool.budget is not None:
        cost = sum(pool.options[option] for option, _points in chosen)
        if cost > pool.budget:
            found.add("too_dear", words.too_dear(called, pool.name), pool.number)
    if pool.kind == Kind.POINTS:
        _check_points(called, pool, [points for _option, points in chosen], found)


def _check_points(called: str, pool: PoolRule, points: list[int], found: _Found) -> None:
    if pool.points is not None and sum(points) > pool.points:
        found.add("too_many_points", words.too_many_points(pool.name, pool.points), pool.number)
    if pool.most_points is not None and points and max(points) > pool.most_points:
        found.add("too_many_for_one", words.too_many_for_one(called, pool.name, pool.most_points), pool.number)


def _check_required(rules: BallotRules, ballot: Ballot, found: _Found) -> None:
    if not ballot and not rules.blank and not found.errors:
        found.add("blank", words.blank(rules.called))


def _check_limit(called: str, limit: Limit, ballot: Ballot, found: _Found) -> None:
    used = [number for number in limit.pools if number in ballot]
    count = sum(len(ballot[number]) for number in used)
    if limit.most is not None and count > limit.most:
        found.add("too_many", words.too_many(called, limit.name, limit.most))
    if used and count < limit.least:
        found.add("too_few", words.too_few(called, limit.name, limit.least))
    if limit.most_pools is not None and len(used) > limit.most_pools:
        found.add("too_many_pools", words.too_many_pools(limit.name, limit.most_pools))
