"""Hours and nights from the readings of a minute: what averages of decibels as numbers would get wrong."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment.declared import NOISE
from miasto.modules.environment.law.noise import NIGHT, energetic_mean, exceeded_for
from miasto.modules.environment.models import NoiseEvent, NoiseHour
from miasto.modules.environment.noise.events import events

HOUR = timedelta(hours=1)
BACK = timedelta(hours=36)  # late readings are folded in so long at each run
LONG_AGO = timedelta(days=400)  # and so long once a day: files, meters that were away
KEPT_NIGHTS = LONG_AGO
MOST_READINGS = 200_000


def night_of(at: datetime) -> date | None:
    """The night of an instant, named by the evening on which it begins (22-6, local); None by day."""
    here = clock.local(at)
    if here.hour not in NIGHT:
        return None
    return here.date() if here.hour >= 22 else here.date() - timedelta(days=1)


def measure_noise(back: timedelta = BACK) -> int:
    """Make the hours up to ``back`` ago that have got more readings, and the nights they belong to.

    Returns how many hours were made. Streams that report one value an hour need none: that value is the hour. Hours stay as
    long as their streams, since a mean of the numbers would stand there instead.
    """
    now = clock.now()
    start = now.replace(minute=0, second=0, microsecond=0) - back
    streams = Datastream.objects.filter(thing__thing_kind=NOISE, observed_property__code="laeq")
    series = list(streams.values_list("pk", flat=True))
    held = NoiseHour.objects.filter(start__gte=start).values_list("datastream_id", "start", "n")
    kept = {(one, at): n for one, at, n in held}
    changed = [row for row in selectors.hours(series, start, now) if row.n > 1 and kept.get((row.series, row.start)) != row.n]
    by_day: dict[tuple[int, date], set[datetime]] = defaultdict(set)
    by_night: dict[date, set[int]] = defaultdict(set)
    for row in changed:
        by_day[row.series, row.start.date()].add(row.start)
        if night := night_of(row.start):
            by_night[night].add(row.series)
    for (one, _day), starts in by_day.items():
        _make_hours(one, starts)
    for night, found in by_night.items():
        _make_night(found, night)
    NoiseEvent.objects.filter(start__lt=now - KEPT_NIGHTS).delete()
    return len(changed)


def _levels(series: list[int], start: datetime, end: datetime) -> dict[int, list[tuple[datetime, float]]]:
    found: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    for row in selectors.readings(series, start, end, most=MOST_READINGS):
        found[row.series].append((row.time, row.value))
    return found


def _make_hours(series: int, starts: set[datetime]) -> None:
    """Some hours of one day."""
    held: dict[datetime, list[float]] = defaultdict(list)
    for at, level in _levels([series], min(starts), max(starts) + HOUR).get(series, []):
        held[at.replace(minute=0, second=0, microsecond=0)].append(level)
    made = [
        NoiseHour(
            datastream_id=series,
            start=start,
            n=len(levels),
            laeq=energetic_mean(levels),
            background=exceeded_for(levels, 0.9),
            most=max(levels),
        )
        for start, levels in held.items()
        if start in starts
    ]
    NoiseHour.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["datastream", "start"],
        update_fields=["n", "laeq", "background", "most"],
    )


def bounds(night: date) -> tuple[datetime, datetime]:
    """22:00 of the evening and 6:00 of the morning after it, local time."""
    evening = clock.start_of(night) + timedelta(hours=12)
    start = clock.local(evening).replace(hour=22, minute=0)
    morning = clock.local(clock.start_of(night + timedelta(days=1)) + timedelta(hours=12)).replace(hour=6, minute=0)
    return start.astimezone(UTC), morning.astimezone(UTC)


@transaction.atomic
def _make_night(series: set[int], night: date) -> None:
    """The events of a night anew; whoever does the same at the same time waits for the rows of the streams."""
    list(Datastream.objects.select_for_update().filter(pk__in=series).order_by("pk").values_list("pk"))
    NoiseEvent.objects.filter(datastream__in=series, night=night).delete()
    made = [
        NoiseEvent(datastream_id=one, night=night, start=loud.start, end=loud.end, most=loud.most, laeq=loud.laeq)
        for one, rows in _levels(sorted(series), *bounds(night)).items()
        for loud in events(rows)
    ]
    NoiseEvent.objects.bulk_create(made)
