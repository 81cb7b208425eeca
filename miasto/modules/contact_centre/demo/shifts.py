"""The last shifts of the made-up contact centre, with what they left to each other."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

from miasto.kernel.accounts.selectors import SYSTEM, people_in
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.shift.models import Duty, Entry, Shift
from miasto.modules.contact_centre.shift.services import DUTY

HOURS = ((7, 14), (14, 21))
DAYS = 3
NOTES = (
    "Po burzy dużo zgłoszeń o gałęziach z południa miasta. Zieleń wie, jadą od najpilniejszych.",
    "Pogotowie wodociągowe zamknęło wodę na odcinku ulicy, beczkowóz stoi przy przystanku. Ma być do wieczora.",
    "Oświetlenie wymienia sterownik, w kilku miejscach może mrugać. Nowych zgłoszeń z tej okolicy nie trzeba rozdzielać.",
    "Spokojny dyżur, bez spraw groźnych.",
)
TASKS = (
    "Sprawdzić, czy jednostka odpowiedziała w tej sprawie, i dać znać osobie, która zgłosiła.",
    "Dopytać jednostkę o przewidywany termin i dopisać go do sprawy.",
)


def hand_over(*, seed: int) -> None:
    """Two shifts a day up to now; the tasks of the last one still wait."""
    dice = random.Random(f"shifts-{seed}")
    people = [person.pk for person in people_in(None, DUTY)]
    if not people:
        return
    numbers = list(
        cases.visible_cases(SYSTEM)
        .filter(case_type=KEY, progress="open")
        .order_by("-filed_at")
        .values_list("number", flat=True)[:9]
    )
    today, now = clock.today(), clock.now()
    ends = [
        (_at(today - timedelta(days=back), begin), _at(today - timedelta(days=back), end))
        for back in range(DAYS, -1, -1)
        for begin, end in HOURS
    ]
    past = [(begin, end) for begin, end in ends if end < now]
    for place, (begin, end) in enumerate(past):
        _shift(dice, people, numbers, begin, end, last=place == len(past) - 1)


def _at(day, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.zone())


def _shift(dice: random.Random, people: list, numbers: list[str], begin: datetime, end: datetime, *, last: bool) -> None:
    shift = Shift.objects.create(began_at=begin, ended_at=end)
    crew = dice.sample(people, min(2, len(people)))
    Duty.objects.bulk_create(Duty(shift=shift, person_id=pk, since=begin, until=end) for pk in crew)
    Entry.objects.create(
        shift=shift, kind="note", body=dice.choice(NOTES), author_id=crew[0], written_at=end - timedelta(minutes=25)
    )
    for words in TASKS if last else dice.sample(TASKS, 1):
        Entry.objects.create(
            shift=shift,
            kind="task",
            body=words,
            number=dice.choice(numbers) if numbers else "",
            author_id=crew[-1],
            written_at=end - timedelta(minutes=dice.randint(30, 90)),
            taken_by_id=None if last else crew[0],
            taken_at=None if last else end + timedelta(minutes=12),
            done_at=None if last else end + timedelta(minutes=80),
        )
