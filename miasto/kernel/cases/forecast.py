"""What will be late: each running term against how long such cases took lately. No model, only counted shares.

The pace of a unit and category are the times (net of waits) of what it solved in the last year. The chance that a case
is late is the share of those that took longer than up to its last day, among those that took longer than it has taken
already. With fewer than ``ENOUGH`` solved cases the whole unit is asked, then the whole city. ``backtest`` says how right
that was; the numbers are in docs/cases.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from miasto.kernel.accounts.selectors import Viewer, display_names, unit_names
from miasto.kernel.cases.figures import seconds_of
from miasto.kernel.cases.level_models import WHOLE, Cell
from miasto.kernel.cases.levels import pauses_of
from miasto.kernel.cases.models import Case, Progress
from miasto.kernel.cases.queue import of_units
from miasto.kernel.cases.worktime import held_seconds
from miasto.kernel.core import clock

ENOUGH = 30
MONTHS = 12
LIKELY = 0.5
MOST = 5000
SHOWN = 15
WEEKS = 4


class Pace:
    """How long solved cases took: ``times`` in seconds with the number of cases of each."""

    def __init__(self, times: dict[float, int]) -> None:
        self.seconds = sorted(times)
        self.total = sum(times.values())
        self.longer, left = [], self.total
        for one in self.seconds:
            left -= times[one]
            self.longer.append(left)

    def share_longer(self, seconds: float) -> float:
        """The share that took longer than so many seconds."""
        place = bisect_right(self.seconds, seconds)
        return 1.0 if place == 0 else self.longer[place - 1] / self.total

    def chance_late(self, age: float, left: float) -> float:
        """The chance that a case of such an age is not solved in the time left; 1 for one older than all that were solved."""
        if left <= 0:
            return 1.0
        still = self.share_longer(age)
        return self.share_longer(age + left) / still if still else 1.0


class Paces:
    """The pace for each unit and category, with what is asked where too few cases were solved."""

    def __init__(self, rows: Iterable[tuple[UUID, int, float, int]]) -> None:
        """``rows`` are (unit, category, seconds, number of cases)."""
        counted: dict[Any, Counter] = {}
        for unit_id, category_id, seconds, number in rows:
            for key in ((unit_id, category_id), unit_id, None):
                counted.setdefault(key, Counter())[seconds] += number
        self._paces = {key: Pace(times) for key, times in counted.items() if key is None or sum(times.values()) >= ENOUGH}

    def of(self, unit_id: UUID, category_id: int) -> tuple[Pace | None, str]:
        """The pace, and from what it comes: "category", "unit", "city"; None where nothing was ever solved."""
        for key, basis in (((unit_id, category_id), "category"), (unit_id, "unit"), (None, "city")):
            if key in self._paces:
                return self._paces[key], basis
        return None, ""


def paces(case_type: str) -> Paces:
    """From the counted cells of the last year, so that last winter is in it; 1 query."""
    first = (clock.today() - timedelta(days=30 * MONTHS)).replace(day=1)
    found = Cell.objects.filter(case_type=case_type, district_id=WHOLE, month__gte=first)
    rows = found.values_list("unit_id", "category_id", "solution_times")
    return Paces((unit, category, seconds_of(int(part)), n) for unit, category, times in rows for part, n in times.items())


@dataclass(frozen=True, slots=True)
class Risk:
    """A running case with its chance of being late (0 to 1). ``basis`` says what was compared: category, unit or city."""

    number: str
    category: str
    address_text: str
    unit_name: str
    assignee_name: str
    due_on: date
    chance: float
    basis: str

    @property
    def url(self) -> str:
        return f"/panel/sprawy/{self.number}/"

    @property
    def percent(self) -> int:
        return round(100 * self.chance)


@dataclass(slots=True)
class Load:
    """What a unit or a person has to do. ``expected_late`` of those due in the days asked, ``done`` in the last four weeks."""

    name: str
    open: int = 0
    overdue: int = 0
    due: int = 0
    done: int = 0
    expected_late: float = 0.0

    @property
    def weeks_of_work(self) -> float | None:
        """How many weeks the open cases take at the present pace; None where nothing was done lately."""
        return round(self.open * WEEKS / self.done, 1) if self.done else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The terms of a viewer's units: late today, and the days ahead as (day, terms that end, expected late)."""

    open: int
    overdue: int
    unanswered: int
    days: list[tuple[date, int, float]]
    risks: list[Risk]
    units: list[Load]
    people: list[Load]

    @property
    def due(self) -> int:
        return sum(number for _day, number, _late in self.days)

    @property
    def expected_late(self) -> int:
        return round(sum(late for _day, _number, late in self.days))


def overdue_forecast(
    viewer: Viewer, *, case_type: str, days: int = 14, people_of: frozenset[UUID] | None = frozenset()
) -> Forecast:
    """What is late and what will be in so many days, with the load of units and people; at most 10 queries.

    ``people_of`` are the units whose people are told of by name (None: all), for those who supervise them.
    """
    today = clock.today()
    running = of_units(viewer).filter(case_type=case_type, progress=Progress.OPEN)
    totals = running.aggregate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        unanswered=Count("pk", filter=Q(first_response_at=None, first_due_at__lt=clock.now())),
    )
    ending = list(_ending(running, today, days))
    chances = _chances(ending, paces(case_type))
    by_day: dict[date, list[float]] = {}
    for case in ending:
        by_day.setdefault(case.due_on, []).append(chances[case.pk][0])
    ahead = [(day, len(found), sum(found)) for day, found in sorted(by_day.items())]
    likely = sorted(
        (case for case in ending if chances[case.pk][0] >= LIKELY), key=lambda case: (-chances[case.pk][0], case.due_on)
    )
    loads = _loads(running, of_units(viewer).filter(case_type=case_type), ending, chances, today, people_of)
    risks = [_risk(case, *chances[case.pk]) for case in likely[:SHOWN]]
    return Forecast(**totals, days=ahead, risks=risks, units=loads[0], people=loads[1])


def _ending(running: Any, today: date, days: int) -> Any:
    soon = running.filter(due_on__gte=today, due_on__lte=today + timedelta(days=days)).select_related("category", "unit")
    return soon.annotate(assignee_name=F("assignee__name")).order_by("due_on", "id")[:MOST]


def _chances(cases: list[Case], known: Paces) -> dict[UUID, tuple[float, str]]:
    """The chance of each case with its basis; 1 query."""
    held = pauses_of([case.pk for case in cases])
    now, found = clock.now(), {}
    for case in cases:
        waits = held_seconds(held.get(case.pk, ()), case.filed_at, now)
        age = (now - case.filed_at).total_seconds() - waits
        left = (clock.start_of(case.due_on + timedelta(days=1)) - now).total_seconds()
        pace, basis = known.of(case.unit_id, case.category_id or 0)
        found[case.pk] = (pace.chance_late(age, left) if pace else 0.0, basis)
    return found


def _risk(case: Any, chance: float, basis: str) -> Risk:
    return Risk(
        number=case.number,
        category=case.category.title if case.category else "",
        address_text=case.address_text,
        unit_name=case.unit.name,
        assignee_name=case.assignee_name or "",
        due_on=case.due_on,
        chance=chance,
        basis=basis,
    )


def _loads(
    running: Any, all_of_them: Any, ending: list[Case], chances: dict, today: date, people_of: frozenset[UUID] | None
) -> tuple[list[Load], list[Load]]:
    """The loads of units and, of the units in ``people_of``, of people; 6 queries."""
    since = clock.now() - timedelta(weeks=WEEKS)
    done = all_of_them.filter(answered_at__gte=since)
    units = _grouped(running, done, ending, chances, today, "unit_id")
    shown = running if people_of is None else running.filter(unit__in=people_of)
    shown_done = done if people_of is None else done.filter(unit__in=people_of)
    people: dict[Any, Load] = {}
    if people_of is None or people_of:
        mine = [case for case in ending if people_of is None or case.unit_id in people_of]
        people = _grouped(shown.exclude(assignee=None), shown_done.exclude(assignee=None), mine, chances, today, "assignee_id")
    for load, names in ((units, unit_names(units)), (people, display_names(people))):
        for key, row in load.items():
            row.name = names.get(key, "–")
    return _heaviest(units), _heaviest(people)


def _grouped(running: Any, done: Any, ending: list[Case], chances: dict, today: date, key: str) -> dict[Any, Load]:
    found: dict[Any, Load] = {}
    counted = running.values_list(key).annotate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today))).order_by()
    for one, count, late in counted:
        found[one] = Load("", open=count, overdue=late)
    for one, count in done.values_list(key).annotate(all=Count("pk")).order_by():
        found.setdefault(one, Load("")).done = count
    for case in ending:
        row = found.get(getattr(case, key))
        if row is not None:
            row.due += 1
            row.expected_late += chances[case.pk][0]
    return found


def _heaviest(loads: dict[Any, Load]) -> list[Load]:
    return sorted(
        (row for row in loads.values() if row.open), key=lambda row: (-row.overdue, -row.expected_late, -row.open, row.name)
    )


@dataclass(frozen=True, slots=True)
class Backtest:
    """How right the forecast of one past day was, for the terms that ended within so many days of it.

    ``brier`` is the mean square of (chance - what happened); ``brier_of_share`` that of telling everybody the plain share.
    """

    on: date
    terms: int
    expected_late: float
    late: int
    brier: float
    brier_of_share: float


def backtest(case_type: str, on: date, days: int = 14) -> Backtest | None:
    """The forecast as it would have been made on a past day, against what happened; None where no term ended."""
    moment = clock.start_of(on)
    solved = Case.objects.filter(
        case_type=case_type, public=True, answered_at__lt=moment, answered_at__gte=moment - timedelta(days=365)
    )
    known = Paces((c.unit_id, c.category_id or 0, spent, 1) for c, spent in _spent(list(solved), None))
    share = _share_late(solved)
    open_then = Case.objects.filter(
        Q(answered_at=None) | Q(answered_at__gte=moment), case_type=case_type, public=True, filed_at__lt=moment
    ).filter(due_on__gte=on, due_on__lte=on + timedelta(days=days))
    told = []
    for case, age in _spent(list(open_then), moment):
        left = (clock.start_of(case.due_on + timedelta(days=1)) - moment).total_seconds()
        pace, _basis = known.of(case.unit_id, case.category_id or 0)
        answered = clock.local(case.answered_at).date() if case.answered_at else clock.today()
        told.append((pace.chance_late(age, left) if pace else 0.0, answered > case.due_on))
    if not told:
        return None
    return Backtest(
        on=on,
        terms=len(told),
        expected_late=sum(chance for chance, _late in told),
        late=sum(late for _chance, late in told),
        brier=sum((chance - late) ** 2 for chance, late in told) / len(told),
        brier_of_share=sum((share - late) ** 2 for _chance, late in told) / len(told),
    )


def _share_late(solved: Any) -> float:
    late = [clock.local(case.answered_at).date() > case.due_on for case in solved]
    return sum(late) / len(late) if late else 0.0


def _spent(cases: list[Case], until: datetime | None) -> Iterable[tuple[Case, float]]:
    """Each case with its seconds net of waits, up to an instant or to its answer."""
    held = pauses_of([case.pk for case in cases])
    for case in cases:
        end = until or case.answered_at or clock.now()
        yield case, (end - case.filed_at).total_seconds() - held_seconds(held.get(case.pk, ()), case.filed_at, end)
