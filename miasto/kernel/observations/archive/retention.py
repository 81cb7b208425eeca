"""How long readings, hours and days are kept, as data, and what carries it out.

The first rule that fits counts: of the stream, of its property and audience, of its property, of its audience; then the city's
terms (limits of its profile, in days; 0 is for ever): readings 5 years (private ones 3), hours 20
(private ones 3), days for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.city import city
from miasto.kernel.observations.archive import duck, moving
from miasto.kernel.observations.archive.duck import Columns
from miasto.kernel.observations.archive.models import ArchiveFile, Retention
from miasto.kernel.observations.events import RetentionChanged
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.store import partitions
from miasto.kernel.observations.things import property_of
from miasto.kernel.places.fields import Audience

if TYPE_CHECKING:
    import numpy as np

KIND = "observations.retention"
FIELDS = ("datastream_id", "observed_property_id", "audience", "readings_days", "hours_days", "days_days")
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


def terms(*, extra: Retention | None = None, without: int | None = None) -> dict[int, Terms]:
    """The terms of every stream; two queries. As if ``extra`` were a rule, and the rule of the number ``without`` none."""
    there = [*Retention.objects.exclude(pk=without), *([extra] if extra else [])]
    rules = {
        (one.datastream_id, one.observed_property_id, one.audience): Terms(one.readings_days, one.hours_days, one.days_days)
        for one in there
    }
    common = {audience: general(audience) for audience in Audience.values}

    def of(series: int, observed: int, audience: str) -> Terms:
        tried = ((series, None, ""), (None, observed, audience), (None, observed, ""), (None, None, audience), (None, None, ""))
        return next((rules[key] for key in tried if key in rules), common[audience])

    return {row[0]: of(*row) for row in Datastream.objects.values_list("id", "observed_property_id", "audience")}


def checked(rule: Retention, instead_of: Retention | None) -> None:
    """Raises ``ValidationError`` where another rule is about the same streams, or readings are kept longer than their means."""
    same = Retention.objects.filter(
        datastream=rule.datastream_id, observed_property=rule.observed_property_id, audience=rule.audience
    )
    if same.exclude(pk=instead_of.pk if instead_of else None).exists():
        raise ValidationError(_("Jest już reguła dla tych serii. Zmień ją zamiast dodawać drugą."))
    lengths = [rule.readings_days, rule.hours_days, rule.days_days]
    if any(after is not None and (before is None or before > after) for before, after in pairwise(lengths)):
        raise ValidationError(_("Średnich nie można trzymać krócej niż tego, z czego powstały: odczyty, godziny, doby."))


@transaction.atomic
def keep_rule(*, rule: Retention, instead_of: Retention | None, by: Viewer) -> Retention:
    """Keep a new rule, or the changed one; the archive is asked for a run. Raises ``ValidationError``."""
    checked(rule, instead_of)
    kept = instead_of or rule
    for name in FIELDS:
        setattr(kept, name, getattr(rule, name))
    save_rule(kept)
    _told(kept, by, "observations.retention_saved")
    return kept


def keep_readings(
    *, code: str, readings_days: int, hours_days: int | None = None, days_days: int | None = None, by: Viewer
) -> Retention:
    """A rule for all streams of a declared property, in the place of the one there is. Raises as ``checked``, ``KeyError``."""
    observed = property_of(code)
    rule = Retention(
        observed_property=observed, readings_days=readings_days, hours_days=hours_days, days_days=days_days
    )  # fmt: skip
    return keep_rule(rule=rule, instead_of=Retention.objects.filter(observed_property=observed, audience="").first(), by=by)


@transaction.atomic
def remove_rule(*, rule: Retention, by: Viewer) -> None:
    """End a rule; the next that fits counts from now on."""
    _told(rule, by, "observations.retention_removed")
    rule.delete()
    ArchiveFile.objects.exclude(kept_days=0).update(kept_days=0)


@transaction.atomic
def set_hot_days(*, days: int, by: Viewer) -> None:
    """Choose the hot window. Raises ``ValueError`` beyond 1..366."""
    partitions.set_hot_days(days)
    changes.record(
        action="observations.hot_days_chosen", kind=KIND, object_id=uuid5(NAMESPACE_URL, KIND), actor=by.actor,
        data={"days": days},
    )  # fmt: skip


def _told(rule: Retention, by: Viewer, action: str) -> None:
    from miasto.kernel.observations.archive import jobs

    changes.record(
        action=action, kind=KIND, object_id=uuid5(NAMESPACE_URL, f"{KIND}/{rule.pk}"), actor=by.actor,
        data={name: getattr(rule, name) for name in FIELDS},
    )  # fmt: skip
    events.publish(RetentionChanged(rule_id=rule.pk, removed=action.endswith("removed")))
    jobs.archive.defer(once="observations.archive")


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
    rewrite(file, columns, stay, kept_days=reached)


def rewrite(file: ArchiveFile, columns: Columns, stay: np.ndarray, *, kept_days: int) -> None:
    """Put a file in the place of another that holds only the rows of ``stay``, of the ``columns`` of that other one."""
    import numpy as np

    left = Columns(*(column[stay] for column in columns))
    made = moving.write_parts(file.day, left, revision=file.revision + 1)
    for one in made:
        one.kept_days = kept_days
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
