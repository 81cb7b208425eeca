"""How many ideas there are, where they stand, how long the city takes: what the page of numbers says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.models import DECIDED, IN_FAVOUR, Idea, IdeaOpinion, IdeaStep, State


@dataclass(frozen=True)
class Figures:
    """``days_*`` are medians in days, None where nothing is there to count."""

    total: int
    supports: int
    by_state: list[tuple[str, int]]
    by_topic: list[tuple[str, int]]
    by_year: list[tuple[str, int]]
    reached: int
    below: int
    decided: int
    in_favour: int
    on_time: int
    overdue: int
    done: int
    days_to_reach: float | None
    days_to_decide: float | None
    days_of_opinion: float | None
    opinions: int
    opinions_late: int


def figures() -> Figures:
    """Of all ideas that everybody may see; three queries."""
    fields = ("state", "topic", "supports", "published_at", "reached_at", "decided_at", "due_on")
    rows = list(Idea.objects.visible_to(ANONYMOUS).exclude(state=State.DRAFT).values_list(*fields))
    states = Counter(row[0] for row in rows)
    taken = dict(
        IdeaStep.objects.filter(kind__in=(IdeaStep.Kind.REACHED, IdeaStep.Kind.TAKEN_UP, IdeaStep.Kind.CLOSED))
        .filter(idea__audience="public")
        .values_list("idea_id", "at")
    )
    decided = list(
        IdeaStep.objects.filter(kind=IdeaStep.Kind.DECIDED, idea__audience="public").values_list(
            "idea_id", "at", "data__on_time"
        )
    )
    opinions = list(IdeaOpinion.objects.filter(idea__audience="public").values_list("asked_at", "received_at", "due_on"))
    return Figures(
        total=len(rows),
        supports=sum(row[2] for row in rows),
        by_state=[(str(state.label), states[state.value]) for state in State if states[state.value]],
        by_topic=[(one.name, count) for one in rules.topics() if (count := sum(row[1] == one.key for row in rows))],
        by_year=sorted(Counter(str(clock.local(row[3]).year) for row in rows).items()),
        reached=sum(row[4] is not None for row in rows),
        below=states[State.BELOW] + states[State.ANSWERED],
        decided=sum(states[state] for state in DECIDED),
        in_favour=sum(states[state] for state in (*IN_FAVOUR, State.DONE)),
        on_time=sum(bool(on_time) for _idea, _at, on_time in decided),
        overdue=sum(row[6] is not None and row[6] < clock.today() for row in rows),
        done=states[State.DONE],
        days_to_reach=_median((row[4] - row[3]) for row in rows if row[4]),
        days_to_decide=_median(at - taken[idea] for idea, at, _on_time in decided if idea in taken),
        days_of_opinion=_median(got - asked for asked, got, _due in opinions if got),
        opinions=len(opinions),
        opinions_late=sum((clock.local(got).date() if got else clock.today()) > due for _asked, got, due in opinions),
    )


def _median(found: Any) -> float | None:
    days = [one.total_seconds() / 86_400 for one in found]
    return median(days) if days else None
