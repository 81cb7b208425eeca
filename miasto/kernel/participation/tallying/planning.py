"""The rule of counting, fixed before the first ballot: what the plan holds, and the rule of each count made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from miasto.kernel.participation.counting.model import CountingError, Rule

POOL_COLUMN = "pool"
OWN = ("pools", "pool_column")  # filled in by the engine


@dataclass(frozen=True)
class Plan:
    """How an election is to be counted.

    ``rule``: its ``drawn`` and ``exclusive`` name options by ``key`` (see there); ``drawn`` left empty where ``ties`` asks for
    it is the order of the numbers on the ballot. ``money``: the grosze of each pool by its number. ``together``: one count over
    all pools, each limited to its money, instead of one count for each pool.
    """

    rule: Rule
    money: Mapping[int, int]
    together: bool = False


def key(pool: int, option: int) -> str:
    """An option's id in the published files: its pool's number and its number on the ballot."""
    return f"{pool}-{option}"


def as_json(rule: Rule) -> dict[str, Any]:
    """The rule as it is kept; numbers as text, so that fractions stay exact."""
    return {
        "rule": rule.rule,
        "completion": rule.completion,
        "utility": rule.utility,
        "ties": list(rule.ties),
        "drawn": list(rule.drawn),
        "min_score": str(rule.min_score),
        "too_dear": rule.too_dear,
        "step": str(rule.step),
        "start": rule.start,
        "exclusive": [list(group) for group in rule.exclusive],
    }


def from_json(data: Mapping[str, Any]) -> Rule:
    """The rule as it was planned. Raises ``CountingError`` for one that cannot be."""
    return Rule(
        **{
            **data,
            "ties": tuple(data["ties"]),
            "drawn": tuple(data["drawn"]),
            "min_score": Fraction(data["min_score"]),
            "step": Fraction(data["step"]),
            "exclusive": tuple(tuple(group) for group in data["exclusive"]),
            "pool_column": POOL_COLUMN,
        }
    )


def check(plan: Plan, keys: Iterable[str], pools: Iterable[int]) -> None:
    """Raises ``CountingError`` where the plan does not fit the election's options (``keys``) and pools."""
    known = set(keys)
    if set(plan.money) != set(pools) or any(money < 0 for money in plan.money.values()):
        raise CountingError("plan liczenia musi podać pieniądze każdej puli")
    named = {one for group in (plan.rule.drawn, *plan.rule.exclusive) for one in group}
    if named - known:
        raise CountingError(f"plan liczenia wymienia nieznane projekty: {', '.join(sorted(named - known))}")
    if plan.rule.drawn and (set(plan.rule.drawn) != known or len(plan.rule.drawn) != len(known)):
        raise CountingError("wylosowana kolejność musi wymienić każdy projekt dokładnie raz")
    if plan.rule.pools:
        raise CountingError("limity pul ustala się kwotami pul, nie w regule")


def of_count(rule: Rule, keys: list[str], limits: Mapping[int, int] | None = None) -> Rule:
    """The rule for a count of some options: only what concerns them, with the limits (grosze) of pools where asked."""
    inside = set(keys)
    drawn = tuple(one for one in rule.drawn if one in inside) or (tuple(keys) if "drawn" in rule.ties else ())
    groups = tuple(kept for group in rule.exclusive if len(kept := tuple(one for one in group if one in inside)) > 1)
    pools = tuple((str(number), Fraction(money, 100)) for number, money in sorted((limits or {}).items()))
    return replace(rule, drawn=drawn, exclusive=groups, pools=pools, pool_column=POOL_COLUMN)


def alternative(rule: Rule, share: Fraction) -> Rule:
    """The rule that is shown beside the real one: equal shares beside greedy, greedy beside equal shares.

    ``share``: a voter's share of the money; add-one goes in steps of about half a per cent of it, as this is an illustration.
    """
    if rule.rule == "equal-shares":
        return replace(rule, rule="greedy-votes", completion="none")
    step = Fraction(max(1, int(share / 200)))
    return replace(rule, rule="equal-shares", completion="add-one-greedy", too_dear="skip", step=step)
