"""Between a panel's rows and the engine of the draw: the pool, the list, the published files."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from miasto.kernel.participation.sortition.explaining import Change, in_words, relaxation
from miasto.kernel.participation.sortition.lottery import Lottery, lottery
from miasto.kernel.participation.sortition.model import Problem, Quota
from miasto.kernel.participation.sortition.probabilities import NoCommittee
from miasto.modules.idea.panels.models import Applicant, Panel


def seats(size: int, populations: list[int]) -> list[tuple[int, int]]:
    """The bounds of each group's seats by its part of the population: the exact number rounded down and up."""
    whole = sum(populations)
    return [(size * one // whole, -(-size * one // whole)) for one in populations]


def problem_of(panel: Panel, people: list[Applicant], size: int | None = None) -> Problem:
    """The pool by anonymous numbers and the quotas; ``size`` where a seat stayed empty before."""
    quotas = {
        feature["name"]: {value["name"]: Quota(value["least"], value["most"]) for value in feature["values"]}
        for feature in panel.features
    }
    return Problem({str(one.number): one.values for one in people}, quotas, size or panel.size)


def counted(panel: Panel, people: list[Applicant]) -> dict[str, dict[str, int]]:
    """How many signed up in each group."""
    found = {feature["name"]: Counter(one.values.get(feature["name"]) for one in people) for feature in panel.features}
    return {
        feature["name"]: {value["name"]: found[feature["name"]][value["name"]] for value in feature["values"]}
        for feature in panel.features
    }


def listed(panel: Panel, people: list[Applicant]) -> Lottery | list[dict[str, Any]]:
    """The lottery; or the changes that would make it possible (with too few people: ``size`` alone)."""
    if len(people) < panel.size:
        return [asdict(Change("", "", "size", panel.size, len(people), len(people)))]
    problem = problem_of(panel, people)
    try:
        return lottery(problem)
    except NoCommittee:
        return [asdict(one) for one in relaxation(problem)]


def problem_words(panel: Panel, _: Any) -> list[str]:
    """Why there is no list yet, a sentence each."""
    changes = [Change(**one) for one in panel.problem]
    if changes and changes[0].bound == "size":
        text = _("Zgłosiło się mniej osób ({there}), niż ma liczyć panel ({was}).")
        return [text.format(there=changes[0].there, was=changes[0].was)]
    return in_words(changes, _)


def lottery_of(panel: Panel) -> Lottery:
    """The published list read back."""
    lines = tuple(tuple(line.split(";")[1].split()) for line in panel.list_text.splitlines())
    return Lottery(lines, {}, panel.limit or 0.0, True)


def chances(panel: Panel) -> list[tuple[int, int]]:
    """(anonymous number, lines with it) of everyone in the list, by number; nobody's computed value is needed for it."""
    found = Counter(int(number) for line in panel.list_text.splitlines() for number in line.split(";")[1].split())
    people = max((sum(values.values()) for values in panel.counts.values()), default=0)
    return [(number, found[number]) for number in range(1, people + 1)]


def committee(panel: Panel) -> list[str]:
    """The numbers of the drawn line."""
    return panel.list_text.splitlines()[panel.line].split(";")[1].split() if panel.line is not None else []


def draw_file(panel: Panel, exchanges: list[Any]) -> dict[str, Any]:
    """What ``recount.py`` reads beside the list. Without a draw yet: the hash and the commitment."""
    told: dict[str, Any] = {"panel": panel.slug, "list_sha256": panel.list_sha256, "commitment": panel.commitment}
    told["public_source"], told["draw_on"] = panel.public_source, panel.draw_on.isoformat()
    if panel.drawn_at is None:
        return told
    return {
        **told,
        "seed": panel.seed,
        "event": panel.public_value,
        "line": panel.line,
        "committee": committee(panel),
        "replacements": [{"gone": one.gone, "equals": one.equals, "chosen": one.chosen} for one in exchanges if one.chosen],
    }
