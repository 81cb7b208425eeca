"""Readings that partners' servers want: noted in the transaction that folds them, kept until they are acknowledged.

Where no partner wants readings, a fold asks nothing for it (``store.folding``). Where some do, three queries for a chunk,
however many readings and partners there are. What waits for one partner is bounded; what falls out of the bound is counted with
its span, so that the partner can be told. The rows of a series are committed in the order in which its readings came, because
who folds a series holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.observations.models import AlertHook, Datastream, HookReadings

EVENT_MOST = 500  # readings in a row, hence in an event
ROWS_MOST, READINGS_MOST = 10_000, 500_000  # that wait for one partner
KEPT = 0.9  # of these, when the oldest are thrown away
PAUSE = timedelta(seconds=3)  # in which readings are gathered
PARTNER = "observations.partner"  # no role, so it allows nothing beyond what anybody of the unit sees
_MOVED = "observations_datastream.id = ANY(ARRAY(SELECT DISTINCT series FROM fold_changed))"
_WANTED = "SELECT %s::uuid AS hook_id, series, time, value, flags FROM fold_changed WHERE series IN ({streams})"
_NOTE = """
INSERT INTO observations_hookreadings (hook_id, n, since, until, series, time, value, flags)
SELECT hook_id, count(*), min(time), max(time), array_agg(series ORDER BY series, time), array_agg(time ORDER BY series, time),
       array_agg(value ORDER BY series, time), array_agg(flags ORDER BY series, time)
FROM (
    SELECT *, (row_number() OVER (PARTITION BY hook_id ORDER BY series, time) - 1) / {most} AS page FROM ({wanted}) AS wanted
) AS paged GROUP BY hook_id, page ORDER BY hook_id, page RETURNING hook_id"""
_FULL = """
SELECT hook_id FROM observations_hookreadings WHERE hook_id = ANY(%s)
GROUP BY hook_id HAVING count(*) > %s OR sum(n) > %s"""
_THROW = """
WITH ranked AS (
    SELECT id, row_number() OVER newest AS place, sum(n) OVER newest AS readings
    FROM observations_hookreadings WHERE hook_id = %(hook)s WINDOW newest AS (ORDER BY id DESC)
), thrown AS (
    DELETE FROM observations_hookreadings WHERE id IN (
        SELECT id FROM ranked WHERE place > %(rows)s OR readings > %(readings)s
    ) RETURNING id, n, gone, since, until
)
INSERT INTO observations_hookreadings (id, hook_id, n, gone, since, until, series, time, value, flags)
SELECT max(id), %(hook)s, 0, sum(n + gone), min(since), max(until), '{}', '{}', '{}', '{}' FROM thrown HAVING count(*) > 0"""


def seen_by(hook: AlertHook) -> Viewer:
    """As whom a partner looks: as anybody of its unit, without a unit as everybody. What is private is for no partner."""
    return Viewer(grants=frozenset({(PARTNER, hook.unit_id)}) if hook.unit_id else frozenset())


def streams_for(hook: AlertHook) -> QuerySet[Datastream]:
    """The data streams whose readings a partner wants and may see now."""
    found = Datastream.objects.visible_to(seen_by(hook))
    if hook.kinds:
        found = found.filter(thing__thing_kind__in=hook.kinds)
    return found.filter(observed_property__code__in=hook.codes) if hook.codes else found


def note() -> None:
    """Note what a fold has changed (``fold_changed``) for the partners that want it; inside its transaction."""
    hooks = list(AlertHook.objects.filter(active=True, readings=True).order_by("pk"))
    parts, values = [], []
    for hook in hooks:
        moved = streams_for(hook).filter(RawSQL(_MOVED, (), BooleanField())).values("pk")  # noqa: S611 - a constant
        text, given = moved.query.sql_with_params()
        parts.append(_WANTED.format(streams=text))
        values += [hook.pk, *given]
    if not parts:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.format(most=EVENT_MOST, wanted=" UNION ALL ".join(parts)), values)
        told = sorted({row[0] for row in cursor.fetchall()})
        if not told:
            return
        cursor.execute(_FULL, [told, ROWS_MOST, READINGS_MOST])
        for row in cursor.fetchall():
            _throw_oldest(row[0])
    transaction.on_commit(partial(wake, told), robust=True)


def _throw_oldest(hook_id: UUID) -> None:
    """Make room, unless another fold or the one who deletes what was acknowledged is at it: nobody waits for it here."""
    limits = {"hook": hook_id, "rows": int(ROWS_MOST * KEPT), "readings": int(READINGS_MOST * KEPT)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_lock(hook_id)])
        if cursor.fetchone()[0]:
            cursor.execute(_THROW, limits)


@transaction.atomic
def forget(hook_id: UUID, ids: Sequence[int] | None = None) -> None:
    """Delete what a partner has acknowledged, or all that waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_lock(hook_id)])
    found = HookReadings.objects.filter(hook_id=hook_id)
    (found if ids is None else found.filter(pk__in=ids)).delete()


def waiting() -> list[UUID]:
    """The partners for whom something waits."""
    return list(HookReadings.objects.values_list("hook_id", flat=True).distinct().order_by("hook_id"))


def wake(hooks: Iterable[UUID], at: datetime | None = None) -> None:
    """Have what waits for partners sent, soon or at a moment; not where that is asked for already."""
    from miasto.kernel.observations.alerts.posting import post_readings

    names = {name_of(one): one for one in hooks}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%s)", [list(names)]
        )
        asked = {row[0] for row in cursor.fetchall()}
    for name, hook_id in names.items():
        if name not in asked:
            post_readings.defer(at=at or clock.now() + PAUSE, once=name, after=name, hook_id=str(hook_id))


def hurry(hook_id: UUID) -> None:
    """Have the run that waits for a later attempt tried now: a person has switched the partner off or on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = %s WHERE status = 'todo' AND queueing_lock = %s",
            [clock.now(), name_of(hook_id)],
        )


def name_of(hook_id: UUID) -> str:
    """What a partner's job of readings is called among those of which one waits and one runs at a time."""
    return f"readings {hook_id}"


def _lock(hook_id: UUID) -> str:
    return f"observations.hook_readings {hook_id}"
