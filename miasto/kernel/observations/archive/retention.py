"""How long readings, hours and days are kept, as data, and what carries it out.

The first rule that fits counts: of the stream, of its property and audience, of its property, of its audience; then the city's
terms (limits of its profile, in days; 0 is for ever): readings 5 years (private ones 3), hours 20
(private ones 3), days for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.observations.archive import duck, moving
from miasto.kernel.observations.archive.duck import Columns
from miasto.kernel.observations.archive.models import ArchiveFile, Retention
from miasto.kernel.observations.models import Datastream
from miasto.kernel.places.fields import Audience

YEAR = 366
DEFAULTS = {
    "readings_days": 5 * YEAR,
    "hours_days": 20 * YEAR,
    "days_days": 0,
    "private_readings_days": 3 * YEAR,
    "private_hours_days": 3 * YEAR,
    "private_days_days": 0,
}
Told = Callable[[date, int, int], None]


class Terms(NamedTuple):
    """Days for which something is kept; None is for ever."""

    readings: int | None
    hours: int | None
    days: int | None


def general(audience: str) -> Terms:
    """The city's terms for streams that no rule is about."""
    prefix = "private_" if audience == Audience.PRIVATE else ""
    names = [f"{prefix}{name}" for name in ("readings_days", "hours_days", "days_days")]
    return Terms(*(city().limit(f"keep_{name}", DEFAULTS[name]) or None for name in names))


def terms() -> dict[int, Terms]:
    """The terms of every stream; two queries."""
    rules = {
        (one.datastream_id, one.observed_property_id, one.audience): Terms(one.readings_days, one.hours_days, one.days_days)
        for one in Retention.objects.all()
    }
    common = {audience: general(audience) for audience in Audience.values}

    def of(series: int, observed: int, audience: str) -> Terms:
        tried = ((series, None, ""), (None, observed, audience), (None, observed, ""), (None, None, audience), (None, None, ""))
        return next((rules[key] for key in tried if key in rules), common[audience])

    return {row[0]: of(*row) for row in Datastream.objects.values_list("id", "observed_property_id", "audience")}


@transaction.atomic
def save_rule(rule: Retention) -> Retention:
    """Keep a rule; every file is looked at again at the next run. Raises ``ValidationError`` for one that says nothing new."""
    rule.full_clean()
    rule.save()
    ArchiveFile.objects.exclude(kept_days=0).update(kept_days=0)
    return rule


def carry_out(told: Told) -> None:
    """Delete what has ended its term: whole files where all of a day is past it, rows of roll-ups, rows that files lose.

    The last day of a term is still kept. A stream that is no more has no term left.
    """
    known = terms()
    today = clock.now().astimezone(UTC).date()
    _roll_ups("observations_hour", "start", {series: one.hours for series, one in known.items()}, today)
    _roll_ups("observations_day", "day", {series: one.days for series, one in known.items()}, today)
    lengths = sorted({one.readings for one in known.values() if one.readings is not None})
    if not lengths:
        return
    for file in ArchiveFile.objects.filter(replaced_at=None, day__lt=today - timedelta(days=lengths[0])).order_by("day"):
        age = (today - file.day).days
        reached = max(length for length in lengths if length < age)
        if reached > file.kept_days:
            told(file.day, 0, file.rows)
            _prune(file, reached, {series for series, one in known.items() if one.readings is None or one.readings >= age})


def _prune(file: ArchiveFile, reached: int, kept: set[int]) -> None:
    import numpy as np

    columns = duck.whole([file.name])
    stay = np.isin(columns.series, np.array(sorted(kept), dtype=np.int32))
    if stay.all():
        ArchiveFile.objects.filter(pk=file.pk).update(kept_days=reached)
        return
    left = Columns(*(column[stay] for column in columns))
    made = moving.write_parts(file.day, left, revision=file.revision + 1)
    for one in made:
        one.kept_days = reached
    with transaction.atomic():
        ArchiveFile.objects.filter(pk=file.pk).update(replaced_at=clock.now())
        ArchiveFile.objects.bulk_create(made)
        _extras(file, np.unique(columns.series[~stay]).tolist())


def _extras(file: ArchiveFile, series: list[int]) -> None:
    """What is kept beside the readings goes with them."""
    start = moving.start_of(file.day)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM observations_extra WHERE series = ANY(%s) AND time >= %s AND time < %s",
            [series, start, start + timedelta(days=1)],
        )


def _roll_ups(table: str, column: str, lengths: dict[int, int | None], today: date) -> None:
    groups: dict[int, list[int]] = defaultdict(list)
    for series, length in lengths.items():
        if length is not None:
            groups[length].append(series)
    with connection.cursor() as cursor:
        for length, series in groups.items():
            cursor.execute(
                f"DELETE FROM {table} WHERE series = ANY(%s) AND {column} < %s",  # noqa: S608 - of our own names
                [series, today - timedelta(days=length)],
            )
