"""The ballot as a plain form: what was posted becomes choices, choices become the state of the form again.

Names of fields: ``p<pool>`` with the option's number as value (approval, knapsack); ``p<pool>-<option>`` with points, or with
the place where the ballot is ordinal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.core.money import zloty
from miasto.kernel.participation.services import voting
from miasto.modules.idea.voting.counted import priced

Choices = dict[str, Any]
CHECKED = (voting.Kind.APPROVAL, voting.Kind.KNAPSACK)
LONGEST = 16_000
DIGITS = 4


def posted(pools: list[Any], data: Any) -> tuple[Choices, list[str]]:
    """``(choices as rules.validate takes them, sentences of what could not be read)``."""
    choices: Choices = {}
    problems: list[str] = []
    for pool in pools:
        name, kind = f"p{pool.rule.number}", pool.rule.kind
        if kind in CHECKED:
            found: Any = [one.lstrip("0") for one in data.getlist(name)[: len(pool.options) + 1]]
        else:
            filled = [(one.number, data.get(f"{name}-{one.number}", "").strip()) for one in pool.options]
            numbers, wrong = _numbers([one for one in filled if one[1]])
            if wrong:
                problems.append(_("„%(pool)s”: wpisuj tylko liczby całkowite.") % {"pool": pool.rule.name})
            points = kind == voting.Kind.POINTS
            found = {str(one): n for one, n in numbers} if points else _in_order(numbers, pool.rule.name, problems)
        if found:
            choices[str(pool.rule.number)] = found
    return choices, problems


def _numbers(filled: list[tuple[int, str]]) -> tuple[list[tuple[int, int]], bool]:
    read = [(option, int(text)) for option, text in filled if text.isascii() and text.isdigit() and len(text) < 10]
    return [(option, number) for option, number in read if number], len(read) < len(filled)


def _in_order(numbers: list[tuple[int, int]], pool: str, problems: list[str]) -> list[int]:
    """Options by the place that was given to them; gaps between places do not matter, equal places do."""
    places = [place for _option, place in numbers]
    if len(set(places)) < len(places):
        problems.append(_("„%(pool)s”: dwie pozycje mają to samo miejsce. Każda musi mieć inne.") % {"pool": pool})
    return [option for option, _place in sorted(numbers, key=lambda one: (one[1], one[0]))]


def packed(choices: Choices) -> str:
    """Choices as the text of a hidden field."""
    return json.dumps(choices, separators=(",", ":"))


def unpacked(text: str) -> Choices:
    """The inverse of ``packed``; nothing where it is something else (the validator says the rest)."""
    try:
        found = json.loads(text[:LONGEST])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Line:
    """One option of the form. ``value`` is what its field holds: points, place, or nothing.

    ``sent`` is what its box sends when it is ticked: as long for every option, so that without scripts the length of the form
    tells how many were ticked at most, never which.
    """

    option: Any
    checked: bool
    value: str
    cost: str
    sent: str


@dataclass(slots=True)
class Section:
    """One pool of the form, with the sentence that says how to choose."""

    pool: Any
    how: str
    lines: list[Line]
    chosen: list[Line] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"p{self.pool.rule.number}"

    @property
    def kind(self) -> str:
        return str(self.pool.rule.kind)

    @property
    def spent(self) -> str:
        """The cost of what is chosen."""
        return zloty(sum(one.option.cost for one in self.chosen))

    @property
    def budget(self) -> str:
        """How much the pool has."""
        return zloty(self.pool.rule.budget) if self.pool.rule.budget is not None else ""


def sections(pools: list[Any], choices: Choices, called: str) -> list[Section]:
    """The form's state; what is chosen stands in ``chosen``, in the voter's order where it is ordinal."""
    return [_section(pool, choices.get(str(pool.rule.number)) or [], called) for pool in pools]


def _section(pool: Any, chosen: Any, called: str) -> Section:
    given = _given(pool, chosen)
    lines = [_line(one, given) for one in pool.options]
    by_number = {str(one.option.number): one for one in lines}
    made = Section(pool, how_to(pool.rule, called), lines)
    made.chosen = [by_number[number] for number in given if number in by_number]
    return made


def _line(option: Any, given: dict[str, str]) -> Line:
    number = str(option.number)
    return Line(
        option, number in given, given.get(number, ""), zloty(option.cost) if priced(option.cost) else "", number.zfill(DIGITS)
    )


def _given(pool: Any, chosen: Any) -> dict[str, str]:
    """What the field of each chosen option holds, in the voter's order."""
    if isinstance(chosen, dict):
        return {str(option): str(points) for option, points in chosen.items()}
    ranked = pool.rule.kind == voting.Kind.ORDINAL
    listed = chosen if isinstance(chosen, list) else []
    return {str(option): str(place) if ranked else "" for place, option in enumerate(listed, 1)}


def how_to(rule: Any, called: str) -> str:
    """How to choose in a pool, in one or two sentences."""
    if rule.kind == voting.Kind.KNAPSACK:
        text = _("Wybierz, co chcesz, byle razem nie kosztowało więcej niż %(sum)s.") % {"sum": zloty(rule.budget or 0)}
        return f"{text} {_at_most(rule.most, called)}".strip()
    if rule.kind == voting.Kind.POINTS:
        return _points(rule)
    if rule.kind == voting.Kind.ORDINAL:
        text = _("Ustaw w kolejności od najlepszej: 1 to pierwsze miejsce. Pozycje bez numeru się nie liczą.")
        return f"{text} {_at_most(rule.most, called)}".strip()
    return _at_most(rule.most, called) or _("Wybierz, ile chcesz.")


def _points(rule: Any) -> str:
    text = ""
    if rule.points is not None:
        said = ngettext("Masz %(n)d punkt do rozdania.", "Masz punktów do rozdania: %(n)d.", rule.points)
        text = said % {"n": rule.points}
    if rule.most_points is not None:
        said = ngettext(
            "Jedna pozycja może dostać najwyżej %(n)d punkt.",
            "Jedna pozycja może dostać najwyżej %(n)d punktów.",
            rule.most_points,
        )
        text = f"{text} {said % {'n': rule.most_points}}"
    return text.strip() or _("Daj punkty, ile chcesz.")


def _at_most(most: int | None, called: str) -> str:
    if most is None:
        return ""
    if called == voting.OptionKind.PROJECT:
        return ngettext("Możesz wybrać %(n)d projekt.", "Możesz wybrać najwyżej %(n)d projektów.", most) % {"n": most}
    return ngettext("Możesz wybrać %(n)d propozycję.", "Możesz wybrać najwyżej %(n)d propozycji.", most) % {"n": most}


def limits_of(limits: list[dict[str, Any]], called: str) -> list[str]:
    """The bounds that hold for several pools together, in sentences."""
    found = []
    for one in limits:
        name, most, pools = one["name"], one["most"], one["most_pools"]
        if most is not None:
            found.append(_together(called, most) % {"name": name, "n": most})
        if pools is not None:
            text = ngettext("%(name)s: głosuj tylko w %(n)d puli.", "%(name)s: głosuj najwyżej w %(n)d pulach.", pools)
            found.append(text % {"name": name, "n": pools})
    return found


def _together(called: str, most: int) -> str:
    if called == voting.OptionKind.PROJECT:
        return ngettext("%(name)s: razem najwyżej %(n)d projekt.", "%(name)s: razem najwyżej %(n)d projektów.", most)
    return ngettext("%(name)s: razem najwyżej %(n)d propozycja.", "%(name)s: razem najwyżej %(n)d propozycji.", most)
