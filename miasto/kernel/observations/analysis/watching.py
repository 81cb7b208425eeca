"""The health of every sensor, judged every hour and kept as one row each, so that the page only reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.analysis import calibration
from miasto.kernel.observations.analysis.health import Health, State, health
from miasto.kernel.observations.analysis.models import Calibration, SensorHealth
from miasto.kernel.observations.models import Datastream, Quarantined
from miasto.kernel.observations.store.reading import RollUp, hours
from miasto.kernel.spec.observations import Property

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

Stream = tuple[int, timedelta, datetime | None, str]  # series, period, newest reading, code of the property
SPAN = timedelta(days=2)
AT_ONCE = 1000
RANKS = {state: number for number, state in enumerate(State)}
FIGURES = ["state", "rank", "came", "stuck_hours", "refused", "drift", "judged_at"]


def judge_all() -> int:
    """Judge every stream of every thing, a thousand at a time; returns how many."""
    streams = Datastream.objects.order_by("id").values_list("id", "period", "last_at", "observed_property__code")
    done = 0
    for chunk in _chunks(streams):
        judge(chunk)
        done += len(chunk)
    return done


def _chunks(streams: QuerySet) -> Iterator[list[Stream]]:
    last = 0
    while chunk := list(streams.filter(pk__gt=last)[:AT_ONCE]):
        yield chunk
        last = chunk[-1][0]


def judge(streams: list[Stream]) -> None:
    """Judge some streams; a constant number of queries, and one for each stream with a reference."""
    now = clock.now()
    wanted = [series for series, *_figures in streams]
    still = {one.code: one.still_hours for one in registry().all(Property)}
    by_series: dict[int, list[RollUp]] = defaultdict(list)
    for one in hours(wanted, now - SPAN, now):
        by_series[one.series].append(one)
    refused = dict(
        Quarantined.objects.filter(datastream__in=wanted, received_at__gte=now - SPAN)
        .values_list("datastream")
        .annotate(count=Count("id"))
    )
    references = dict(
        Calibration.objects.filter(datastream__in=wanted, reference__isnull=False)
        .order_by("version")
        .values_list("datastream_id", "reference_id")
    )
    rows = []
    for series, period, last_at, code in streams:
        found = health(
            now=now, span=SPAN, step=_step(period, by_series[series]), last_at=last_at, hours=by_series[series],
            quarantined=refused.get(series, 0),
            drift=calibration.drift_of(series, references[series], now) if series in references else None,
            still_hours=still.get(code, Property.still_hours),
        )  # fmt: skip
        rows.append(_row(series, found, now))
    SensorHealth.objects.bulk_create(rows, update_conflicts=True, unique_fields=["datastream"], update_fields=FIGURES)


def _step(period: timedelta, found: list[RollUp]) -> timedelta | None:
    """The usual time between readings, by the hours that have any; before there are, what one reading is about."""
    if found:
        return timedelta(hours=1) / median(one.n for one in found)
    return period or None


def _row(series: int, found: Health, now: datetime) -> SensorHealth:
    return SensorHealth(
        datastream_id=series, state=found.state, rank=RANKS[found.state], came=found.came, stuck_hours=found.stuck_hours,
        refused=found.refused, drift=found.drift, judged_at=now,
    )  # fmt: skip


def kept_by(viewer: Viewer) -> QuerySet[Datastream]:
    """The streams that the viewer looks after: those they may see of things (or streams) of the units where they manage."""
    units = viewer.units_with(MANAGE)
    seen = Datastream.objects.visible_to(viewer)
    return seen if units is None else seen.filter(Q(thing__unit__in=units) | Q(unit__in=units))


def judged(viewer: Viewer, state: str = "") -> QuerySet[Datastream]:
    """Judged streams that the viewer looks after, the worst first, those in a state where one is named."""
    found = kept_by(viewer).filter(health__isnull=False)
    found = found.filter(health__state=state) if state else found
    return found.select_related("health", "thing", "observed_property").order_by("health__rank", "thing__name", "id")


def counts(viewer: Viewer) -> dict[str, int]:
    """How many of the viewer's streams are in each state."""
    return dict(kept_by(viewer).values_list("health__state").annotate(count=Count("id")).exclude(health__state=None))
