"""What takes long to count is kept, and a job makes it anew: nobody who opens a page waits for a year of hours.

Only what is told of whole days, months and years is kept, never a level, an alert or the class of the air now. What the job has
not seen yet (a new station, one that is not public) is counted for who asks first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from django.core.cache import cache

KEPT_S = 24 * 3600  # what the job made, which makes it anew long before
ASKED_S = 600  # what somebody waited for

One = TypeVar("One")
Told = TypeVar("Told")


def held(
    kind: str, wanted: Mapping[str, One], make: Callable[[Mapping[str, One]], Mapping[str, Told]], *, anew: bool = False
) -> dict[str, Told]:
    """What is kept of each of ``wanted`` by key; ``make`` counts those that are missing (all with ``anew``). One query."""
    names = {key: f"environment.{kind}:{key}" for key in wanted}
    known = cache.get_many(names.values()) if names and not anew else {}
    found = {key: known[name] for key, name in names.items() if name in known}
    missing = {key: one for key, one in wanted.items() if key not in found}
    if missing:
        made = dict(make(missing))
        cache.set_many({names[key]: one for key, one in made.items()}, KEPT_S if anew else ASKED_S)
        found |= made
    return found


def squares(cells: Iterable[tuple[str, int, int]], wide: int, high: int) -> list[dict[str, str]]:
    """One SVG path for each kind (its class) of (kind, x, y): hundreds of elements are slow to write and draw."""
    drawn: dict[str, list[str]] = {}
    for kind, x, y in cells:
        drawn.setdefault(kind, []).append(f"M{x} {y}h{wide}v{high}h-{wide}z")
    return [{"kind": kind, "d": "".join(parts)} for kind, parts in sorted(drawn.items())]
