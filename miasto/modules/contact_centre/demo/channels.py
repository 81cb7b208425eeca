"""Made-up calls of the last weeks and talks booked with the interpreter."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import Any

from miasto.kernel.accounts.selectors import SYSTEM, current_units, people_in
from miasto.kernel.cases.selectors import visible_cases
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.free_days import is_working
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.phone.models import CALLS, Call, Outcome, State
from miasto.modules.contact_centre.signing import slots
from miasto.modules.contact_centre.signing.models import Booking

DAYS = 30
CALLS_A_DAY = (7, 14)
OUTCOMES = (
    (Outcome.ANSWERED, 55),
    (Outcome.CONNECTED, 22),
    (Outcome.CALL_BACK, 7),
    (Outcome.WRONG_NUMBER, 7),
    (Outcome.SILENT, 4),
    (Outcome.EMERGENCY, 3),
    (Outcome.ABUSIVE, 2),
)


def load_channels(*, seed: int) -> None:
    """Calls and bookings; the same seed gives the same ones, relative to now. Three statements that write."""
    dice = random.Random(f"channels-{seed}")
    table = city().toml("demo_calls.toml")
    operators = list(people_in(None, CALLS).values_list("pk", flat=True))
    if operators and table:
        units = list(current_units().order_by("slug").values_list("pk", flat=True))
        calls = _calls(dice, table, operators, units)
        _wait_for_a_call(calls)
        Call.objects.bulk_create([*calls, *_of_cases(dice, operators)], batch_size=500)
    if table and slots.plan().offered:
        Booking.objects.bulk_create(_bookings(dice, table))


def _number(dice: random.Random) -> str:
    """A number that nobody has: no subscriber's number begins with 000 after the area code."""
    return f"+4841000{dice.randrange(10_000):04d}"


def _calls(dice: random.Random, table: dict[str, Any], operators: list[Any], units: list[Any]) -> list[Call]:
    now, made = clock.now(), []
    regulars = [_number(dice) for _ in range(40)]
    kinds, weights = zip(*OUTCOMES, strict=True)
    for days_ago in range(DAYS, -1, -1):
        day = clock.today() - timedelta(days=days_ago)
        if not is_working(day):
            continue
        for _ in range(dice.randint(*CALLS_A_DAY)):
            minute = dice.randrange(7 * 60 + 30, 15 * 60 + 20)
            at = datetime.combine(day, time(minute // 60, minute % 60, dice.randrange(60)), tzinfo=clock.zone())
            call = _call(dice, table, at, dice.choice(regulars) if dice.random() < 0.4 else _number(dice))
            if at + timedelta(minutes=15) < now:
                made.append(_ended(dice, table, call, dice.choices(kinds, weights)[0], operators, units))
    return made


def _call(dice: random.Random, table: dict[str, Any], at: datetime, number: str) -> Call:
    named = dice.random() < 0.3
    return Call(began_at=at, number=number, name=dice.choice(table["names"]) if named else "", changed_at=at)


def _ended(
    dice: random.Random, table: dict[str, Any], call: Call, outcome: Any, operators: list[Any], units: list[Any]
) -> Call:
    if dice.random() < 0.05:
        call.state, call.ended_at = State.MISSED, call.began_at + timedelta(seconds=dice.randrange(15, 60))
        return call
    call.operator_id = dice.choice(operators)
    call.answered_at = call.began_at + timedelta(seconds=dice.randrange(4, 40))
    short = outcome in (Outcome.SILENT, Outcome.WRONG_NUMBER)
    call.ended_at = call.answered_at + timedelta(seconds=dice.randrange(8, 40) if short else dice.randrange(70, 480))
    call.state, call.outcome = State.DONE, outcome
    call.notes = dice.choice(table["notes"].get(str(outcome.value), [""]))
    call.unit_id = dice.choice(units) if outcome == Outcome.CONNECTED else None
    if outcome == Outcome.CALL_BACK:
        call.call_back_at = call.ended_at + timedelta(hours=dice.randrange(2, 30))
        if call.call_back_at < clock.now() - timedelta(hours=3):
            call.called_back_at = call.call_back_at + timedelta(minutes=dice.randrange(40))
    return call


def _wait_for_a_call(calls: list[Call]) -> None:
    """Three of the newest promises to call back are still open: one is late."""
    waiting = [call for call in calls if call.outcome == Outcome.CALL_BACK][-3:]
    for call, hours in zip(waiting, (-1, 2, 20), strict=False):
        call.call_back_at, call.called_back_at = clock.now() + timedelta(hours=hours), None


def _of_cases(dice: random.Random, operators: list[Any]) -> list[Call]:
    """The calls from which the newest reports by phone came."""
    since = clock.now() - timedelta(days=DAYS)
    found = visible_cases(SYSTEM).filter(case_type=KEY, channel="phone", filed_at__gte=since).order_by("filed_at")
    calls = []
    for case_id, filed_at in found.values_list("pk", "filed_at"):
        began = filed_at - timedelta(seconds=dice.randrange(90, 400))
        calls.append(
            Call(
                began_at=began,
                answered_at=began + timedelta(seconds=dice.randrange(4, 30)),
                ended_at=filed_at,
                changed_at=filed_at,
                number=_number(dice),
                operator_id=dice.choice(operators),
                state=State.DONE,
                outcome=Outcome.REPORT,
                case_id=case_id,
            )
        )
    return calls


def _bookings(dice: random.Random, table: dict[str, Any]) -> list[Booking]:
    """Talks ahead and of the last two weeks."""
    now, today = clock.now(), clock.today()
    length = timedelta(minutes=slots.plan().minutes)
    days = [today + timedelta(days=number) for number in range(-14, 10)]
    made = []
    for number, at in enumerate(at for day in days for at, _capacity in slots.of_day(day)):
        if dice.random() > 0.22:
            continue
        name = dice.choice(table["names"])
        made.append(
            Booking(
                starts_at=at,
                ends_at=at + length,
                seat=1,
                room=f"pokaz-{number:04d}-{dice.randrange(16**8):08x}",
                name=name,
                email=f"migowy{number}@demo.invalid",
                topic=dice.choice(table["topics"]),
                made_at=min(now, at) - timedelta(days=dice.randrange(1, 6)),
            )
        )
    return made
