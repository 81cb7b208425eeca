"""The rungs of the ladder, as the profile has them (``levels.toml``, ``escalation.rungs``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from miasto.kernel.core.city import ProfileError, city

SOLUTION, FIRST_RESPONSE = "solution", "first_response"
WORKER, SUPERVISOR, ABOVE = "worker", "supervisor", "above"
TOPICS = {WORKER: "cases.due_soon", SUPERVISOR: "cases.overdue", ABOVE: "cases.escalated"}


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung. ``working_days`` after (below zero: before) the last day of the term, ``hours`` after the promised instant.

    ``danger``: only (True) or never (False) matters of danger, None for all.
    """

    key: str
    of: str
    to: str
    working_days: int = 0
    hours: float = 0
    danger: bool | None = None


DEFAULT = (
    Rung("before_end", SOLUTION, WORKER, working_days=-1),
    Rung("after_end", SOLUTION, SUPERVISOR, working_days=1),
    Rung("long_after_end", SOLUTION, ABOVE, working_days=4),
    Rung("danger_unanswered", FIRST_RESPONSE, SUPERVISOR, danger=True),
    Rung("danger_left", FIRST_RESPONSE, ABOVE, hours=2, danger=True),
)


@cache
def ladder() -> tuple[Rung, ...]:
    """The rungs of the profile; raises ``ProfileError`` for a wrong one."""
    rows = city().toml("levels.toml").get("escalation", {}).get("rungs")
    return tuple(_rung(row) for row in rows) if rows is not None else DEFAULT


def _rung(row: dict[str, Any]) -> Rung:
    try:
        made = Rung(**row)
    except TypeError as error:
        raise ProfileError(f"levels.toml: escalation rung {row.get('key', row)!r}: {error}") from error
    if made.of not in (SOLUTION, FIRST_RESPONSE) or made.to not in TOPICS:
        raise ProfileError(
            f"levels.toml: escalation rung {made.key}: of is solution or first_response, to one of {list(TOPICS)}"
        )
    return made


def rung(key: str) -> Rung | None:
    """The rung of a key; None for one that the profile has lost since."""
    return next((one for one in ladder() if one.key == key), None)
