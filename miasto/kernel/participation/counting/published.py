"""The rule as the META of a ``.pb`` file says it, so that the file alone tells a stranger how it was counted.

The standard's own field ``rule`` names what the standard has a name for. Everything else stands beside it in fields of ours,
``count_…``, which other readers pass over and ``--rule file`` reads (``recount.from_file``).
"""

from __future__ import annotations

from fractions import Fraction

from miasto.kernel.participation.counting.model import CountingError, Rule

SHARES = {
    "none": "equalshares",
    "comparison": "equalshares-comparison",
    "add-one": "equalshares/add1",
    "add-one-comparison": "equalshares/add1-comparison",
}
BETWEEN, OF_GROUPS = ",", "|"


def meta_of(rule: Rule) -> dict[str, str]:
    """The fields of META; amounts in the currency. Raises ``CountingError`` for a name that would break the fields."""
    names = [*(name for name, _limit in rule.pools), *rule.drawn, *(one for group in rule.exclusive for one in group)]
    if any(mark in name for name in names for mark in (BETWEEN, OF_GROUPS)):
        raise CountingError("nazwa puli albo numer projektu nie może mieć przecinka ani kreski „|”")
    fields = {"rule": _standard(rule)}
    if rule.min_score:
        fields["min_project_score_threshold"] = decimal(rule.min_score)
    return {
        **fields,
        "count_rule": rule.rule,
        "count_completion": rule.completion,
        "count_utility": rule.utility,
        "count_ties": BETWEEN.join(rule.ties),
        "count_drawn": BETWEEN.join(rule.drawn),
        "count_too_dear": rule.too_dear,
        "count_step": decimal(rule.step),
        "count_start": rule.start,
        "count_pool_column": rule.pool_column,
        "count_pools": OF_GROUPS.join(f"{name}={decimal(limit)}" for name, limit in rule.pools),
        "count_exclusive": OF_GROUPS.join(BETWEEN.join(group) for group in rule.exclusive),
    }


def _standard(rule: Rule) -> str:
    """The name by which the standard knows the rule (https://pabulib.org/format), ``unknown`` where it has none."""
    if rule.rule == "equal-shares":
        return SHARES.get(rule.completion, "unknown")
    if rule.rule != "greedy-votes" or rule.pools:
        return "unknown"
    if rule.too_dear == "stop":
        return "greedy-no-skip"
    if rule.exclusive:
        return "greedy-exclusive"
    return "greedy-threshold" if rule.min_score else "greedy"


def decimal(value: Fraction) -> str:
    """A number as files have it: whole where it is whole, else with as many places as it needs, six at most."""
    if value.denominator == 1:
        return str(value.numerator)
    if 10**6 % value.denominator:
        raise CountingError(f"liczby {value} nie da się zapisać z sześcioma miejscami po przecinku")
    whole, parts = divmod(abs(int(value * 10**6)), 10**6)
    return f"{'-' if value < 0 else ''}{whole}.{parts:06}".rstrip("0")
